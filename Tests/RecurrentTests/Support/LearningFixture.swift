import Recurrent
import TestSupport
import Testing

extension Fixtures {
  static let learning = load("learning", LearningFixture.self)
}

/// What PyTorch computes of losses, clipped gradients, averaged weights and learning rates.
struct LearningFixture: Decodable, Sendable {
  let samples: Int
  let classes: Int
  let logitScale: Double
  let losses: [Loss]
  let gradientShapes: [[Int]]
  let clippings: [Clipping]
  let average: Average
  let weightScale: Double
  let schedules: [Schedule]
  let plateaus: [Plateau]

  var logits: Tensor { ClosedForm.chirp.tensor(0, [samples, classes], scale: logitScale) }
  var labels: [Int] { (0..<samples).map { (5 * $0 + $0 / 3) % classes } }

  struct Loss: Decodable, Sendable, CustomTestStringConvertible {
    let reason: String
    let labelSmoothing: Float
    let classWeights: [Float]?
    let loss: Double
    let gradient: [Double]

    var testDescription: String { reason }
    var function: SoftmaxCrossEntropy { .init(labelSmoothing: labelSmoothing, classWeights: classWeights) }
  }

  struct Clipping: Decodable, Sendable, CustomTestStringConvertible {
    let reason: String
    let kind: String
    let limit: Float
    let scale: Double
    let norm: Double
    let gradients: [[Double]]

    var testDescription: String { reason }
    var clipping: GradientClipping { kind == "norm" ? .norm(limit) : .value(limit) }
  }

  struct Average: Decodable, Sendable {
    let decay: Float
    let count: Int
    let averages: [[Double]]
  }

  struct Schedule: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let reason: String
    let options: [String: Float]
    let initial: Float
    let rates: [Double]

    var testDescription: String { "\(name): \(reason)" }

    func schedule() throws -> LearningRateSchedule {
      func option(_ name: String) throws -> Float { try #require(options[name], "\(name)") }
      switch name {
      case "step": return .step(every: Int(try option("every")), factor: try option("factor"))
      case "exponential": return .exponential(factor: try option("factor"))
      default:
        try #require(name == "cosine")
        return .cosine(
          total: Int(try option("total")), warmUp: Int(try option("warmUp")), minimum: try option("minimum"))
      }
    }
  }

  struct Plateau: Decodable, Sendable, CustomTestStringConvertible {
    let reason: String
    let factor: Float
    let patience: Int
    let threshold: Double
    let cooldown: Int
    let minimum: Float
    let initial: Float
    let losses: [Double]
    let rates: [Double]

    var testDescription: String { reason }
    var schedule: PlateauSchedule {
      .init(factor: factor, patience: patience, threshold: threshold, cooldown: cooldown, minimum: minimum)
    }
  }
}
