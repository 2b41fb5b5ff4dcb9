import Foundation
import Recurrent
import TestSupport
import Testing

/// LSTM layers with a projection against stored PyTorch values, and what only they have.
@Suite struct ProjectionTests {
  @Test("results and all gradients are PyTorch's", arguments: ProjectedFixture.all)
  func stored(fixture: ProjectedFixture) throws {
    var stack = RecurrentStack(inputSize: fixture.input, layers: fixture.stackLayers)
    for entry in stack.parameters.entries { stack.parameters[entry.name] = fixture.tensor(entry.name) }
    let (outputs, finalState, tape) = stack.forward(
      fixture.tensor("inputs").padded(with: .nan, past: fixture.lengths), from: fixture.state("hidden", "cell"),
      lengths: fixture.lengths)
    let gradients = stack.gradients(
      tape, outputs: fixture.tensor("outputWeights").padded(with: .nan, past: fixture.lengths),
      finalState: fixture.state("finalHiddenWeights", "finalCellWeights"))
    try fixture.expect(outputs, "values", "outputs")
    for entry in gradients.parameters.entries {
      try fixture.expect(gradients.parameters[entry.name], "gradients", entry.name)
    }
    try fixture.expect(gradients.inputs, "gradients", "inputs")
    for (layer, ending) in fixture.endings.enumerated() {
      let (final, gradient) = (finalState[layer].components, gradients.initialState[layer].components)
      for (component, name) in ["hidden", "cell"].enumerated() {
        try fixture.expect(final[component], "values", "final\(name.capitalized)" + ending)
        try fixture.expect(gradient[component], "gradients", name + ending)
      }
    }
  }

  @Test("names, shapes and states are PyTorch's")
  func shapes() {
    let cell = LSTMCell(hiddenSize: 7, projectionSize: 5)
    #expect(cell.outputSize == 5 && LSTMCell(hiddenSize: 7).outputSize == 7)
    let shapes = cell.parameterShapes(inputSize: 3, layer: 1, isReverse: true)
    #expect(
      shapes.map(\.name) == ["weight_ih", "weight_hh", "bias_ih", "weight_hr"].map { $0 + "_l1_reverse" })
    #expect(shapes.map(\.shape) == [[28, 3], [28, 5], [28], [5, 7]])
    #expect(cell.zeroState(batchSize: 2).components.map(\.shape) == [[2, 5], [2, 7]])
    let layer = RecurrentLayer(inputSize: 3, cell)
    let (outputs, finalState) = layer(Tensor(zeros: [2, 4, 3]), from: layer.zeroState(batchSize: 2))
    #expect(outputs.shape == [2, 4, 5])
    #expect(finalState.hidden.shape == [2, 5] && finalState.cell.shape == [2, 7])
    #expect(LayerConfiguration.bidirectional(cell, LSTMCell(hiddenSize: 2)).outputSize == 7)
    let merged = LayerConfiguration.bidirectional(cell, LSTMCell(hiddenSize: 5), merge: .sum)
    #expect(merged.outputSize == 5)
  }

  @Test("a list of layers is as wide as what they give")
  func layerList() {
    for isBidirectional in [false, true] {
      let layers = [LayerConfiguration].repeated(
        LSTMCell(hiddenSize: 8, projectionSize: 3), count: 3, isBidirectional: isBidirectional)
      let network = SequenceModel(.init(input: .features(2), layers: layers, output: .classes(4)))
      let width = isBidirectional ? 6 : 3
      #expect(network.layers.map(\.outputSize) == [width, width, width])
      #expect(network.parameters["weight_ih_l1"].shape == [32, width])
      #expect(network.parameters["head.weight"].shape == [4, width])
    }
  }

  @Test("with the identity for a projection, the first units are those of an LSTM that sees no others")
  func identity() {
    // What is left out of h is read by nobody: weights of zero for the same units of a plain layer.
    var projected = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 6, projectionSize: 4))
    var plain = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 6))
    projected.parameters.fillWithChirps()
    var (projection, recurrent) = (Tensor(zeros: [4, 6]), Tensor(zeros: [24, 6]))
    for i in 0..<4 { projection[i, i] = 1 }
    for row in 0..<24 {
      for i in 0..<4 { recurrent[row, i] = projected.parameters["weight_hh_l0"][row, i] }
    }
    projected.parameters["weight_hr_l0"] = projection
    plain.parameters["weight_hh_l0"] = recurrent
    for name in ["weight_ih_l0", "bias_ih_l0"] { plain.parameters[name] = projected.parameters[name] }
    let inputs = ClosedForm.chirp.tensor(5, [9, 4, 3])
    let (found, expected) = (projected(inputs), plain(inputs))
    for (found, expected) in zip(found.outputs.steps, expected.outputs.steps) {
      for sample in 0..<9 {
        for i in 0..<4 { #expect((found[sample, i] - expected[sample, i]).magnitude < 1e-6) }
      }
    }
    let cells = [found, expected].map { $0.finalState.layer(0, of: LSTMCell.self).cell.values.map(Double.init) }
    #expect(zip(cells[0], cells[1]).allSatisfy { ($0 - $1).magnitude < 1e-6 })
  }
}

/// Layers of `nn.LSTM(proj_size:)`, a batch from given states, and all that PyTorch computes from them.
struct ProjectedFixture: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let reason: String
  let batch: Int
  let steps: Int
  let input: Int
  let hidden: Int
  let projection: Int
  let layers: Int
  let bidirectional: Bool
  let lengths: [Int]?
  let tensors: [TensorRule]
  let expected: [String: [String: [Double]]]

  var testDescription: String { "\(name): \(reason)" }

  static let all: [ProjectedFixture] = {
    struct File: Decodable { let cases: [ProjectedFixture] }
    guard let url = Bundle.module.url(forResource: "lstm_projected", withExtension: "json", subdirectory: "Fixtures"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(File.self, from: data)
    else { preconditionFailure("lstm_projected.json is missing or not as the tests know it") }
    return file.cases
  }()

  var stackLayers: [LayerConfiguration] {
    .repeated(
      LSTMCell(hiddenSize: hidden, projectionSize: projection), count: layers, isBidirectional: bidirectional)
  }

  /// What the names of all directions of all layers end in, from the bottom up, forward before reverse.
  var endings: [String] {
    (0..<layers).flatMap { layer in (bidirectional ? ["", "_reverse"] : [""]).map { "_l\(layer)\($0)" } }
  }

  func tensor(_ name: String) -> Tensor {
    guard let number = tensors.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the case \(self.name) has no tensor \(name)")
    }
    return ClosedForm.chirp.tensor(number, tensors[number].shape, scale: tensors[number].scale)
  }

  func state(_ hidden: String, _ cell: String) -> StackState {
    StackState(endings.map { LSTMCell.State(hidden: tensor(hidden + $0), cell: tensor(cell + $0)) })
  }

  func expect(_ found: Tensor, _ kind: String, _ name: String) throws {
    let expected = try #require(expected[kind]?[name], "\(name)")
    #expect(mismatch(of: found, with: expected, within: Tolerance.storedReference) == nil, "\(name)")
  }
}
