@testable import Recurrent
import TestSupport
import Testing

/// Gradients through what layers do besides their cells, with the masks of a seed held fast.
@Suite struct LayerOptionGradientTests {
  private typealias Case = LayerOptionTests.Case

  @Test(
    "gradients are the differences of what is computed",
    arguments: LayerOptionTests.Case.deterministic + LayerOptionTests.Case.random)
  func gradients(example: LayerOptionTests.Case) {
    let stack = example.stack()
    let state = stack.state(batchSize: Case.batch, number: 40, scale: 0.5)
    let finalWeights = stack.state(batchSize: Case.batch, number: 60, scale: 1)
    let (lengths, weights) = (example.lengths, example.outputWeights.padded(with: 0, past: example.lengths))
    func value(_ stack: RecurrentStack, _ inputs: Tensor, _ state: StackState) -> Double {
      let (outputs, final, _) = stack.forward(inputs, from: state, lengths: lengths, seed: 9)
      var sum = zip(outputs.values, weights.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      for (layer, weights) in zip(final.layers, finalWeights.layers) {
        for (a, b) in zip(layer.components, weights.components) {
          sum += zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
      }
      return sum
    }
    let tape = stack.forward(example.inputs, from: state, lengths: lengths, seed: 9).tape
    let gradients = stack.gradients(tape, outputs: example.outputWeights, finalState: finalWeights)
    // Single precision allows for steps no smaller, and so for no better agreement.
    func expect(_ gradient: [Float], _ name: String, _ moved: ([Float], Float) -> Double) {
      let direction = ClosedForm.chirp.values(77, count: gradient.count)
      let step: Float = 0.01
      let difference = (moved(direction, step) - moved(direction, -step)) / Double(2 * step)
      let terms = zip(gradient, direction).map { Double($0) * Double($1) }
      let scale = terms.reduce(0) { max($0, $1.magnitude) } * Double(terms.count).squareRoot()
      let error = (terms.reduce(0, +) - difference).magnitude
      #expect(scale > 0 && error < 0.01 * scale, "\(name): \(terms.reduce(0, +)) instead of \(difference)")
    }
    for entry in stack.parameters.entries {
      expect(gradients.parameters[entry.name].values, entry.name) { direction, step in
        var stack = stack
        for i in 0..<entry.count { stack.parameters[entry.name].values[i] += step * direction[i] }
        return value(stack, example.inputs, state)
      }
    }
    expect(gradients.inputs.values, "inputs") { direction, step in
      var inputs = example.inputs
      for i in inputs.values.indices { inputs.values[i] += step * direction[i] }
      return value(stack, inputs, state)
    }
    for layer in state.layers.indices {
      for component in state[layer].components.indices {
        expect(gradients.initialState[layer].components[component].values, "state \(layer).\(component)") {
          direction, step in
          value(stack, example.inputs, state.moved(layer, component, along: direction, by: step))
        }
      }
    }
  }

  @Test(
    "a classifier's gradient is the difference of its loss",
    arguments: LayerOptionTests.Case.deterministic + LayerOptionTests.Case.random)
  func classifierGradients(example: LayerOptionTests.Case) throws {
    var network = SequenceModel(
      .init(input: .features(6), layers: example.layers, output: .classes(4)), initializer: .keras, seed: 3)
    network.parameters.fillWithChirps()
    let batch = try SequenceBatch(
      example.inputs, labels: (0..<Case.batch).map { $0 % 4 }, lengths: example.lengths, classCount: 4)
    let gradient = try network.gradient(on: batch, seed: 5).gradient
    for entry in gradient.entries {
      let direction = ClosedForm.chirp.values(78, count: entry.count)
      let losses = try [Float(0.02), -0.02].map { step in
        var moved = network
        var tensor = moved.parameters[entry.name]
        for i in 0..<entry.count { tensor.values[i] += step * direction[i] }
        moved.parameters[entry.name] = tensor
        return Double(try moved.gradient(on: batch, seed: 5).result.loss)
      }
      let terms = zip(gradient[entry.name].values, direction).map { Double($0) * Double($1) }
      let scale = terms.reduce(0) { max($0, $1.magnitude) } * Double(terms.count).squareRoot()
      let error = (terms.reduce(0, +) - (losses[0] - losses[1]) / 0.04).magnitude
      #expect(error < 0.02 * scale, "\(entry.name)")
    }
  }
}

extension StackState {
  fileprivate func moved(_ layer: Int, _ component: Int, along direction: [Float], by step: Float) -> StackState {
    StackState(
      layers.enumerated().map { index, state in
        index == layer ? state.moved(component, along: direction, by: step) : state
      })
  }
}

extension RecurrentState {
  fileprivate func moved(_ component: Int, along direction: [Float], by step: Float) -> any RecurrentState {
    var components = components
    for i in components[component].values.indices { components[component].values[i] += step * direction[i] }
    return Self(components: components)
  }
}
