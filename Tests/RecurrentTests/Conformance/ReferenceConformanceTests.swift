import Recurrent
import TestSupport
import Testing

/// Every cell against the textbook in `Double`: results, and gradients against central differences.
@Suite struct ReferenceConformanceTests {
  @Test("outputs and final states are the textbook's", arguments: StackCase.all, [false, true])
  func forward(name: StackCase, isRagged: Bool) {
    let scenario = Scenario(name, isRagged: isRagged)
    let (outputs, finalState) = scenario.stack(scenario.inputs, from: scenario.state, lengths: scenario.lengths)
    let expected = scenario.reference.run()
    let sizes = name.sizes
    let tolerance = Tolerance.forward(
      inputSize: sizes.input, hiddenSizes: name.layers.map(\.outputSize), steps: sizes.steps)
    #expect(mismatch(of: outputs, with: expected.outputs, within: tolerance) == nil)
    for (layer, components) in expected.finalStates.enumerated() {
      for (component, values) in components.enumerated() {
        #expect(
          mismatch(of: finalState[layer].components[component], with: values, within: tolerance) == nil,
          "layer \(layer), component \(component)")
      }
    }
  }

  @Test("every element of every gradient is the central difference", arguments: StackCase.small, [false, true])
  func gradients(name: StackCase, isRagged: Bool) {
    let scenario = Scenario(name, isRagged: isRagged)
    let network = scenario.reference
    for (tensor, claimed) in scenario.namedGradients() {
      let isOfSequences = scenario.stack.parameters.entry(tensor) == nil
      let expected = CentralDifference.gradient(at: network[tensor], step: name.differenceStep) { point, element in
        var moved = network
        moved.values[tensor] = point
        // Each sequence has its own inputs and states; weights are those of all.
        return moved.weightedSum(
          outputs: scenario.outputWeights, finalStates: scenario.finalWeights,
          sample: isOfSequences ? element * name.sizes.batch / point.count : nil)
      }
      #expect(mismatch(of: claimed, with: expected, within: scenario.gradientTolerance) == nil, "\(tensor)")
    }
  }

  @Test(
    "gradients of larger sizes are the central difference along a direction",
    arguments: StackCase.of(StackCase.Sizes.directional), [false, true])
  func gradientsOfLargerSizes(name: StackCase, isRagged: Bool) {
    let scenario = Scenario(name, isRagged: isRagged)
    let network = scenario.reference
    let gradients = scenario.namedGradients()
    // One direction through all tensors at once, in which all of them weigh alike.
    let direction = gradients.enumerated().flatMap { number, gradient in
      let largest = gradient.values.reduce(0) { max($0, Double($1.magnitude)) }
      return ClosedForm.chirp.values(number, count: gradient.values.count, scale: largest == 0 ? 1 : 1 / largest)
        .map(Double.init)
    }
    let difference = CentralDifference.directionalMismatch(
      of: gradients.flatMap(\.values), at: gradients.flatMap { network[$0.name] }, along: direction,
      step: name.differenceStep, within: scenario.gradientTolerance
    ) { point in
      var moved = network
      var first = 0
      for gradient in gradients {
        moved.values[gradient.name] = Array(point[first..<first + gradient.values.count])
        first += gradient.values.count
      }
      return moved.weightedSum(outputs: scenario.outputWeights, finalStates: scenario.finalWeights)
    }
    #expect(difference == nil)
  }

  @Test("gradients belong to the weights of their forward pass, whatever these have become since")
  func weightsOfTheForwardPass() {
    for name in StackCase.small {
      var scenario = Scenario(name)
      let expected = scenario.run().gradients
      let tape = scenario.stack.forward(scenario.inputs, from: scenario.state).tape
      scenario.stack.parameters.fillWithChirps(weightScale: 0.1, biasScale: 0.7)
      let found = scenario.stack.gradients(
        tape, outputs: scenario.outputWeights, finalState: scenario.finalWeights)
      #expect(bitMismatch(of: found.parameters, with: expected.parameters) == nil, "\(name.testDescription)")
      #expect(bitMismatch(of: found.inputs, with: expected.inputs) == nil, "\(name.testDescription)")
    }
  }

  @Test("a gradient of outputs alone, and of final states alone, is that with zeros for the other")
  func partsOfTheGradient() {
    for name in StackCase.small {
      let scenario = Scenario(name, isRagged: true)
      func gradients(_ outputs: Tensor?, _ finalState: StackState?) -> RecurrentStack.Gradients {
        let tape = scenario.stack.forward(scenario.inputs, from: scenario.state, lengths: scenario.lengths).tape
        return scenario.stack.gradients(tape, outputs: outputs, finalState: finalState)
      }
      let zeroOutputs = Tensor(zeros: scenario.outputWeights.shape)
      let zeroFinals = scenario.stack.zeroState(batchSize: name.sizes.batch)
      for (some, all) in [
        (gradients(scenario.outputWeights, nil), gradients(scenario.outputWeights, zeroFinals)),
        (gradients(nil, scenario.finalWeights), gradients(zeroOutputs, scenario.finalWeights)),
        (gradients(nil, nil), gradients(zeroOutputs, zeroFinals)),
      ] {
        #expect(bitMismatch(of: some.parameters, with: all.parameters) == nil, "\(name.testDescription)")
        #expect(bitMismatch(of: some.inputs, with: all.inputs) == nil, "\(name.testDescription)")
        #expect(bitMismatch(of: some.initialState, with: all.initialState) == nil, "\(name.testDescription)")
      }
    }
  }
}

extension Scenario {
  /// All gradients under the names that the textbook's network has for what they belong to.
  fileprivate func namedGradients() -> [(name: String, values: [Float])] {
    let gradients = run().gradients
    let parameters = gradients.parameters.entries.map { ($0.name, gradients.parameters[$0.name].values) }
    let states = gradients.initialState.layers.enumerated().flatMap { layer, state in
      zip(name.kind(layer).reference.components, state.components).map { ($0 + name.ending(layer), $1.values) }
    }
    return parameters + [("inputs", gradients.inputs.values)] + states
  }

  var gradientTolerance: Double {
    let sizes = name.sizes
    return Tolerance.gradient(
      inputSize: sizes.input, hiddenSizes: name.layers.map(\.outputSize), steps: sizes.steps, batch: sizes.batch)
  }
}

extension StackCase.Sizes {
  /// Everything but the sizes that the textbook's loops take seconds for; their gradients are the sums of those of
  /// their sequences, which another test checks.
  fileprivate static let directional = tiles + shared.filter { $0.batch * $0.steps <= 63 }
}
