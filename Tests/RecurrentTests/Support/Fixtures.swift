import Foundation
import Recurrent
import TestSupport
import Testing

/// The stored values of PyTorch, Keras and ONNX, made by `Utilities/ReferenceValues`; its README describes the files.
enum Fixtures {
  static let recurrent: [RecurrentFixture] = [
    "elman", "elman_relu", "lstm", "gru", "gru_reset_before", "keras", "onnx",
  ].flatMap { load($0, RecurrentFixtureFile.self).cases }
  static let trainingSteps = load("training_steps", TrainingStepsFixture.self)
  static let optimizers = load("optimizers", OptimizerFixtureFile.self)
  static let checkpoints = load("pytorch_checkpoints", CheckpointsFixture.self)

  /// Where a fixture lies.
  static func path(_ name: String) -> String {
    // A test target without its own resources cannot go on.
    guard let url = Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures") else {
      preconditionFailure("\(name) is missing")
    }
    return url.path
  }

  static func load<Content: Decodable>(_ name: String, _ type: Content.Type) -> Content {
    guard let data = FileManager.default.contents(atPath: path(name + ".json")),
      let content = try? JSONDecoder().decode(type, from: data)
    else { preconditionFailure("\(name).json is not as the tests know it") }
    return content
  }
}

/// A tensor of a fixture: its values follow from its number, which is its place in the list.
struct TensorRule: Decodable, Sendable {
  let name: String
  let shape: [Int]
  let scale: Double
}

struct RecurrentFixtureFile: Decodable {
  let cases: [RecurrentFixture]
}

/// A stack, a batch, and all that PyTorch or Keras computes from them, or ONNX, which knows no gradients.
struct RecurrentFixture: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let reason: String
  let cell: String
  /// Whether the layers read in both directions; not said where they don't.
  let bidirectional: Bool?
  let batch: Int
  let steps: Int
  let input: Int
  let hidden: [Int]
  let lengths: [Int]?
  let initialState: Bool
  let tensors: [TensorRule]
  let expected: Expected

  struct Expected: Sendable {
    /// Outputs and final states.
    let values: [String: [Double]]
    let gradients: [String: [Double]]?
  }

  var testDescription: String { "\(cell), \(name): \(reason)" }

  var isBidirectional: Bool { bidirectional == true }

  /// A tensor of the case, by the rule of the wave.
  func tensor(_ name: String) -> Tensor {
    guard let number = tensors.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the case \(self.name) has no tensor \(name)")
    }
    return ClosedForm.wave.tensor(number, tensors[number].shape, scale: tensors[number].scale)
  }
}

extension RecurrentFixture.Expected: Decodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    var values: [String: [Double]] = [:]
    for key in container.allKeys where key.stringValue != "gradients" {
      values[key.stringValue] = try container.decode([Double].self, forKey: key)
    }
    self.values = values
    gradients = try container.decodeIfPresent([String: [Double]].self, forKey: Key(stringValue: "gradients"))
  }
}

/// Ten training steps of the notebook's network.
struct TrainingStepsFixture: Decodable, Sendable {
  let batch: Int
  let steps: Int
  let input: Int
  let hidden: [Int]
  let classes: Int
  let updates: Int
  let optimizer: Settings
  let firstInputNumber: Int
  let tensors: [TensorRule]
  let expected: Expected

  struct Settings: Decodable, Sendable {
    let learningRate: Float
    let beta1: Float
    let beta2: Float
    let epsilon: Float
  }

  struct Expected: Decodable, Sendable {
    let losses: [Double]
    let parameters: [String: [Double]]
  }
}

/// What networks of each cell say whose files PyTorch wrote.
struct CheckpointsFixture: Decodable, Sendable {
  let inputs: Inputs
  let logits: [String: [Double]]

  struct Inputs: Decodable, Sendable {
    let number: Int
    let shape: [Int]
    let scale: Double
  }
}

struct OptimizerFixtureFile: Decodable, Sendable {
  let count: Int
  let steps: Int
  let weightScale: Double
  let cases: [OptimizerFixture]
}

/// An optimiser's way through closed-form gradients.
struct OptimizerFixture: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let reason: String
  let optimizer: String
  let options: [String: Float]
  let gradientScale: Double
  let expected: Expected

  struct Expected: Decodable, Sendable {
    let weights: [[Double]]
  }

  var testDescription: String { "\(name): \(reason)" }
}
