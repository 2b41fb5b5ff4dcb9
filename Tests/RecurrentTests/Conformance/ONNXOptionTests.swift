import Foundation
import Recurrent
import TestSupport
import Testing

/// Cells with options against stored values of ONNX Runtime; see `Utilities/ReferenceValues/onnx_options.py`.
@Suite struct ONNXOptionTests {
  struct File: Decodable {
    let cases: [Fixture]
  }

  /// A layer, its options, and what ONNX Runtime computes.
  struct Fixture: Decodable, Sendable, CustomTestStringConvertible {
    struct Function: Decodable, Sendable {
      let name: String
      let alpha: Float?
      let beta: Float?

      /// The function of that name in ONNX.
      func activation() throws -> Activation {
        let (alpha, beta) = (alpha ?? .nan, beta ?? .nan)
        return switch name {
        case "Tanh": .tanh
        case "Sigmoid": .sigmoid
        case "Relu": .relu
        case "Affine": .affine(alpha: alpha, beta: beta)
        case "LeakyRelu": .leakyRelu(alpha: alpha)
        case "ThresholdedRelu": .thresholdedRelu(alpha: alpha)
        case "ScaledTanh": .scaledTanh(alpha: alpha, beta: beta)
        case "HardSigmoid": .hardSigmoid(alpha: alpha, beta: beta)
        case "Elu": .elu(alpha: alpha)
        case "Softsign": .softsign
        case "Softplus": .softplus
        default: throw UnknownFunction(name: name)
        }
      }
    }

    struct UnknownFunction: Error {
      let name: String
    }

    let name: String
    let `operator`: String
    let peepholes: Bool
    let coupled: Bool
    let clip: Float?
    let activations: [Function]
    let tensors: [TensorRule]
    let expected: [String: [Double]]

    var testDescription: String { "\(`operator`), \(name)" }

    func tensor(_ name: String) throws -> Tensor {
      let number = try #require(tensors.firstIndex { $0.name == name }, "\(name)")
      return ClosedForm.chirp.tensor(number, tensors[number].shape, scale: tensors[number].scale)
    }

    func cell(inputSize: Int, hiddenSize: Int) throws -> any RecurrentCell {
      let functions = try activations.map { try $0.activation() }
      if `operator` == "RNN" {
        return ElmanCell(inputSize: inputSize, hiddenSize: hiddenSize, activation: functions[0])
      }
      return LSTMCell(
        inputSize: inputSize, hiddenSize: hiddenSize,
        options: .init(
          hasPeepholes: peepholes, isCoupled: coupled, inputClip: clip, gateActivation: functions[0],
          candidateActivation: functions[1], cellActivation: functions[2]))
    }
  }

  static let fixtures: [Fixture] = Fixtures.load("onnx_options", File.self).cases

  @Test("outputs and final states are ONNX Runtime's", arguments: fixtures)
  func values(fixture: Fixture) throws {
    let hidden = try fixture.tensor("hidden")
    let inputs = try fixture.tensor("inputs")
    var stack = RecurrentStack([try fixture.cell(inputSize: inputs.shape[2], hiddenSize: hidden.shape[1])])
    for entry in stack.parameters.entries { stack.parameters[entry.name] = try fixture.tensor(entry.name) }
    let isElman = fixture.operator == "RNN"
    let state: any RecurrentState =
      isElman
      ? ElmanCell.State(hidden: hidden) : LSTMCell.State(hidden: hidden, cell: try fixture.tensor("cell"))
    let (outputs, finalState) = stack(inputs, from: StackState([state]))
    var found = [("outputs", outputs), ("finalHidden", finalState[0].hidden)]
    if !isElman { found.append(("finalCell", finalState[0].components[1])) }
    #expect(fixture.expected.count == found.count)
    for (name, tensor) in found {
      let expected = try #require(fixture.expected[name])
      #expect(mismatch(of: tensor, with: expected, within: Tolerance.storedReference) == nil, "\(name)")
    }
  }

  @Test("there is a case for each function")
  func allFunctions() {
    #expect(Set(Self.fixtures.filter { $0.operator == "RNN" }.map(\.name)).count == 11)
  }
}
