import ArgumentParser
import Recurrent

/// How the network learns. Defaults are the notebook's.
struct TrainingOptions: ParsableArguments {
  /// The optimisers that can be asked for.
  enum OptimizerKind: String, CaseIterable, ExpressibleByArgument {
    case adam, sgd
  }

  @Option(help: "How often the network sees all training images.")
  var epochs = 4

  @Option(help: "Images per training step.")
  var batchSize = 100

  @Option(help: "How far a step goes.")
  var learningRate: Float = 0.01

  @Option(help: "The optimiser: adam or sgd.")
  var optimizer: OptimizerKind = .adam

  @Option(help: "Seed of first weights, shuffling and built-in digits; the same seed gives the same bits.")
  var seed: UInt64 = 0

  @Option(help: "Use only so many of the training images.")
  var trainCount: Int?

  @Option(help: "Stop after so many steps.")
  var maxSteps: Int?

  @Flag(inversion: .prefixedNo, help: "Draw the training images in a new order in each epoch.")
  var shuffle = true

  @Flag(help: "Leave out a last batch that is smaller than the others.")
  var dropLast = false

  func validate() throws {
    try require("--epochs", epochs, atLeast: 1)
    try require("--batch-size", batchSize, atLeast: 1)
    if let trainCount { try require("--train-count", trainCount, atLeast: 1) }
    if let maxSteps { try require("--max-steps", maxSteps, atLeast: 1) }
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate: found \(learningRate), expected a number above 0")
    }
  }

  /// The loop that these options describe.
  var loop: ClassifierTraining {
    ClassifierTraining(
      epochs: epochs, batchSize: batchSize, shuffleSeed: shuffle ? seed : nil, dropsLast: dropLast,
      maximumSteps: maxSteps)
  }
}
