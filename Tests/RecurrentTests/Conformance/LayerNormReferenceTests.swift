import Foundation
import Recurrent
import TestSupport
import Testing

/// LSTM cells with layer normalisation against stored values of PyTorch; see `Utilities/ReferenceValues/layer_norm.py`.
@Suite struct LayerNormReferenceTests {
  struct File: Decodable {
    let cases: [Fixture]
  }

  /// A layer, its options, and what PyTorch computes.
  struct Fixture: Decodable, Sendable, CustomTestStringConvertible {
    struct Expected: Decodable, Sendable {
      let outputs: [Double]
      let finalHidden: [Double]
      let finalCell: [Double]
      let gradients: [String: [Double]]
    }

    let name: String
    let peepholes: Bool
    let coupled: Bool
    let cellClip: Float?
    let tensors: [TensorRule]
    let expected: Expected

    var testDescription: String { name }

    func tensor(_ name: String) throws -> Tensor {
      let number = try #require(tensors.firstIndex { $0.name == name }, "\(name)")
      return ClosedForm.chirp.tensor(number, tensors[number].shape, scale: tensors[number].scale)
    }

    func state(_ hidden: String, _ cell: String) throws -> StackState {
      StackState([LSTMCell.State(hidden: try tensor(hidden), cell: try tensor(cell))])
    }

    var options: LSTMCell.Options {
      .init(
        hasPeepholes: peepholes, couplesInputAndForgetGates: coupled, hasLayerNorm: true, normEpsilon: 1e-5,
        cellClip: cellClip)
    }
  }

  @Test("gradients of images with blank rows at the top stay finite through three layers, whose norms see no variance")
  func blankRows() throws {
    let network = SequenceModel(
      .init(
        input: .features(7), layers: .repeated(LSTMCell(hiddenSize: 5, options: .init(hasLayerNorm: true)), count: 3),
        output: .classes(3)))
    var inputs = ClosedForm.chirp.tensor(0, [4, 12, 7])
    for sample in 0..<4 { for step in 0..<6 { for feature in 0..<7 { inputs[sample, step, feature] = 0 } } }
    var trained = network
    var optimizer = SGD(learningRate: 1e-6)
    let batch = try SequenceBatch(inputs, labels: [0, 1, 2, 0], classCount: 3)
    for _ in 0..<3 { try trained.train(on: batch, with: &optimizer) }
    let areFinite = trained.parameters.values.allSatisfy { $0.isFinite }
    #expect(areFinite)
    #expect(trained.parameters != network.parameters)
  }

  static let fixtures: [Fixture] = Fixtures.load("layer_norm", File.self).cases

  @Test("outputs, final states and all gradients are PyTorch's", arguments: fixtures)
  func values(fixture: Fixture) throws {
    let inputs = try fixture.tensor("inputs")
    let hiddenSize = try fixture.tensor("hidden").shape[1]
    var stack = RecurrentStack(inputSize: inputs.shape[2], LSTMCell(hiddenSize: hiddenSize, options: fixture.options))
    for entry in stack.parameters.entries { stack.parameters[entry.name] = try fixture.tensor(entry.name) }
    let (outputs, finalState, tape) = stack.forward(inputs, from: try fixture.state("hidden", "cell"))
    let gradients = stack.gradients(
      tape, outputs: try fixture.tensor("outputWeights"),
      finalState: try fixture.state("finalHiddenWeights", "finalCellWeights"))
    let expected = fixture.expected
    func expect(_ found: Tensor, _ stored: [Double]?, _ name: String) throws {
      let stored = try #require(stored, "\(name)")
      #expect(mismatch(of: found, with: stored, within: Tolerance.storedReference) == nil, "\(name)")
    }
    try expect(outputs, expected.outputs, "outputs")
    try expect(finalState[0].hidden, expected.finalHidden, "h")
    try expect(finalState[0].components[1], expected.finalCell, "c")
    try expect(gradients.inputs, expected.gradients["inputs"], "dx")
    try expect(gradients.initialState[0].hidden, expected.gradients["hidden"], "dh")
    try expect(gradients.initialState[0].components[1], expected.gradients["cell"], "dc")
    for entry in gradients.parameters.entries {
      try expect(gradients.parameters[entry.name], expected.gradients[entry.name], entry.name)
    }
    #expect(expected.gradients.count == gradients.parameters.entries.count + 3)
  }

  @Test("the fixtures differ from each other, and a clip holds something back")
  func optionsMatter() {
    for fixture in Self.fixtures {
      guard let clip = fixture.cellClip else { continue }
      #expect(fixture.expected.finalCell.contains { Float($0.magnitude) == clip })
    }
    #expect(Set(Self.fixtures.map(\.expected.outputs)).count == Self.fixtures.count)
  }
}
