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
    let direction: String
    let lengths: [Int]?
    /// Of a GRU alone: whether its reset gate comes after the candidate's product.
    let linearBeforeReset: Int?
    let peepholes: Bool
    let coupled: Bool
    let clip: Float?
    let activations: [Function]
    let tensors: [TensorRule]
    let expected: [String: [Double]]

    var testDescription: String {
      "\(`operator`), \(name)" + (linearBeforeReset.map { ", linear_before_reset \($0)" } ?? "")
    }

    func tensor(_ name: String) throws -> Tensor {
      let number = try #require(tensors.firstIndex { $0.name == name }, "\(name)")
      return ClosedForm.chirp.tensor(number, tensors[number].shape, scale: tensors[number].scale)
    }

    /// The functions of one direction after the other.
    func cell(_ direction: Int, hiddenSize: Int) throws -> any RecurrentCell {
      let all = try activations.map { try $0.activation() }
      let count = all.count / endings.count
      let functions = all[direction * count..<(direction + 1) * count].map(\.self)
      return switch `operator` {
      case "RNN":
        ElmanCell(hiddenSize: hiddenSize, activation: functions[0], preactivationClip: clip)
      case "GRU":
        GRUCell(
          hiddenSize: hiddenSize, resetAfter: linearBeforeReset == 1,
          options: .init(preactivationClip: clip, gateActivation: functions[0], candidateActivation: functions[1]))
      default:
        LSTMCell(
          hiddenSize: hiddenSize,
          options: .init(
            hasPeepholes: peepholes, couplesInputAndForgetGates: coupled, preactivationClip: clip,
            gateActivation: functions[0],
            candidateActivation: functions[1], cellActivation: functions[2]))
      }
    }

    /// What the names of each direction's tensors end in.
    var endings: [String] { direction == "bidirectional" ? ["", "_reverse"] : [""] }

    func layer(hiddenSize: Int) throws -> LayerConfiguration {
      let cells = try endings.indices.map { try cell($0, hiddenSize: hiddenSize) }
      return cells.count == 2
        ? .bidirectional(cells[0], cells[1])
        : direction == "reverse" ? .reverse(cells[0]) : LayerConfiguration(cells[0])
    }
  }

  static let fixtures: [Fixture] = Fixtures.load("onnx_options", File.self).cases

  @Test("outputs and final states are ONNX Runtime's", arguments: fixtures)
  func values(fixture: Fixture) throws {
    let hidden = try fixture.tensor("hidden")
    let inputs = try fixture.tensor("inputs")
    var stack = RecurrentStack(inputSize: inputs.shape[2], layers: [try fixture.layer(hiddenSize: hidden.shape[1])])
    for entry in stack.parameters.entries { stack.parameters[entry.name] = try fixture.tensor(entry.name) }
    let names = fixture.operator == "LSTM" ? ["hidden", "cell"] : ["hidden"]
    let states: [any RecurrentState] = try fixture.endings.map { ending in
      let components = try names.map { try fixture.tensor($0 + ending) }
      return fixture.operator == "LSTM"
        ? LSTMCell.State(components: components) : ElmanCell.State(components: components)
    }
    let (outputs, finalState) = stack(inputs, from: StackState(states), lengths: fixture.lengths)
    var found = [("outputs", outputs)]
    for (direction, ending) in fixture.endings.enumerated() {
      found += zip(["finalHidden", "finalCell"], finalState[direction].components).map { ($0 + ending, $1) }
    }
    #expect(fixture.expected.count == found.count)
    for (name, tensor) in found {
      let expected = try #require(fixture.expected[name])
      #expect(mismatch(of: tensor, with: expected, within: Tolerance.storedReference) == nil, "\(name)")
    }
  }

  @Test("there is a case for each function in each role, and for each direction of each operator")
  func allFunctions() {
    func names(_ operatorName: String, role: Int) -> Set<String> {
      Set(Self.fixtures.filter { $0.operator == operatorName }.map { $0.activations[role].name })
    }
    #expect(names("RNN", role: 0).count == 11)
    #expect(names("GRU", role: 0).count == 11 && names("GRU", role: 1).count == 11)
    for operatorName in ["RNN", "GRU", "LSTM"] {
      let fixtures = Self.fixtures.filter { $0.operator == operatorName }
      #expect(Set(fixtures.map(\.direction)).count == 3)
      #expect(fixtures.contains { $0.clip != nil })
    }
    for form in [0, 1] {
      #expect(Self.fixtures.contains { $0.linearBeforeReset == form && $0.clip != nil })
    }
  }
}
