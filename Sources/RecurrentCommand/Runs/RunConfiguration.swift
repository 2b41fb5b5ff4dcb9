/// Everything that a run was told, enough to repeat it: `config.json`.
struct RunConfiguration: Codable, Equatable {
  /// What the run learned from.
  struct Data: Codable, Equatable {
    /// Which data: `MNIST`, or what else it is called.
    var name: String
    /// Where it came from.
    var source: String
    var trainingCount: Int
    var validationCount: Int
    var testCount: Int
  }

  var program = "recurrent"
  var version: String
  var task: String
  var data: Data
  var cells: [String]
  var hiddenSizes: [Int]
  var parameterCount: Int
  var initializer: String?
  var startingModel: String?
  var epochs: Int
  var batchSize: Int
  var learningRate: Float
  var optimizer: String
  var seed: UInt64
  var shuffle: Bool
  var dropLast: Bool
  var maxSteps: Int?
  var logEvery: Int
  var threads: Int
  var instructionSet: String
}
