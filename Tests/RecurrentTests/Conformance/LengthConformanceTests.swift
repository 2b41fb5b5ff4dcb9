import Recurrent
import TestSupport
import Testing

/// What holds for every cell about lengths: a batch is its sequences, and padding is nothing.
@Suite struct LengthConformanceTests {
  @Test("each sequence of a ragged batch is what it is alone, bit for bit", arguments: StackCase.all)
  func raggedIsAlone(name: StackCase) {
    let scenario = Scenario(name, isRagged: true)
    let whole = scenario.stack(scenario.inputs, from: scenario.state, lengths: scenario.lengths)
    for sample in 0..<name.sizes.batch {
      let one = scenario.alone(sample)
      let alone = scenario.stack(one.inputs, from: one.state, lengths: one.lengths)
      let steps = 0..<max(one.length, 1)
      #expect(
        bitMismatch(of: whole.outputs.selecting([sample]).steps(steps), with: alone.outputs) == nil,
        "sequence \(sample) of length \(one.length)")
      #expect(
        bitMismatch(of: whole.finalState.selecting([sample]), with: alone.finalState) == nil,
        "sequence \(sample) of length \(one.length)")
    }
  }

  @Test("gradients of a batch are those of its sequences alone, and their sum", arguments: StackCase.all)
  func gradientsAreThoseAlone(name: StackCase) {
    let scenario = Scenario(name, isRagged: true)
    let whole = scenario.run().gradients
    var sums = [Double](repeating: 0, count: whole.parameters.count)
    for sample in 0..<name.sizes.batch {
      let one = scenario.alone(sample)
      let tape = scenario.stack.forward(one.inputs, from: one.state, lengths: one.lengths).tape
      let alone = scenario.stack.gradients(tape, outputs: one.outputWeights, finalState: one.finalWeights)
      accumulate(alone.parameters.values, into: &sums)
      let inputs = whole.inputs.selecting([sample]).steps(0..<max(one.length, 1))
      #expect(bitMismatch(of: inputs, with: alone.inputs) == nil, "sequence \(sample) of length \(one.length)")
      #expect(
        bitMismatch(of: whole.initialState.selecting([sample]), with: alone.initialState) == nil,
        "sequence \(sample) of length \(one.length)")
    }
    for entry in whole.parameters.entries {
      #expect(
        mismatch(
          of: whole.parameters[entry.name], with: Array(sums[entry.range]),
          within: Tolerance.afterRoundings(2 * name.sizes.batch * name.sizes.steps)) == nil, "\(entry.name)")
    }
  }

  @Test("past its length a sequence gives zeros, holds its state and gets no gradient", arguments: StackCase.all)
  func nothingPastLength(name: StackCase) {
    let scenario = Scenario(name, isRagged: true)
    let (outputs, finalState, gradients) = scenario.run()
    // Padding with zeros changes nothing that is not past a length: what is, has to be +0 already.
    #expect(bitMismatch(of: outputs, with: outputs.padded(with: 0, past: scenario.lengths)) == nil)
    #expect(bitMismatch(of: gradients.inputs, with: gradients.inputs.padded(with: 0, past: scenario.lengths)) == nil)
    #expect(outputs.values.allSatisfy { $0.isFinite })
    #expect(gradients.inputs.values.allSatisfy { $0.isFinite })
    #expect(gradients.parameters.values.allSatisfy { $0.isFinite })
    for (sample, length) in scenario.allLengths.enumerated() where length == 0 {
      #expect(bitMismatch(of: finalState.selecting([sample]), with: scenario.state.selecting([sample])) == nil)
      let gradient = gradients.initialState.selecting([sample])
      #expect(bitMismatch(of: gradient, with: scenario.finalWeights.selecting([sample])) == nil)
    }
  }

  @Test("what padding holds makes no difference, nor does further padding", arguments: StackCase.small)
  func paddingIsNothing(name: StackCase) {
    let scenario = Scenario(name, isRagged: true)
    let reference = scenario.stack(scenario.inputs, from: scenario.state, lengths: scenario.lengths)
    for padding: Float in [0, 1e30, -.infinity] {
      let padded = scenario.inputs.padded(with: padding, past: scenario.lengths)
      let result = scenario.stack(padded, from: scenario.state, lengths: scenario.lengths)
      #expect(bitMismatch(of: result.outputs, with: reference.outputs) == nil, "\(padding)")
      #expect(bitMismatch(of: result.finalState, with: reference.finalState) == nil, "\(padding)")
    }
    let longer = Tensor.stackingSteps(scenario.inputs.steps + [Tensor(zeros: [name.sizes.batch, name.sizes.input])])
    let result = scenario.stack(longer, from: scenario.state, lengths: scenario.allLengths)
    #expect(bitMismatch(of: result.outputs.steps(0..<name.sizes.steps), with: reference.outputs) == nil)
    #expect(bitMismatch(of: result.finalState, with: reference.finalState) == nil)
  }

  @Test("full lengths are no lengths, bit for bit", arguments: StackCase.small)
  func fullLengths(name: StackCase) {
    let scenario = Scenario(name)
    let lengths = scenario.allLengths
    let without = scenario.run()
    let with = scenario.stack.forward(scenario.inputs, from: scenario.state, lengths: lengths)
    let gradients = scenario.stack.gradients(
      with.tape, outputs: scenario.outputWeights, finalState: scenario.finalWeights)
    #expect(bitMismatch(of: with.outputs, with: without.outputs) == nil)
    #expect(bitMismatch(of: with.finalState, with: without.finalState) == nil)
    #expect(bitMismatch(of: gradients.parameters, with: without.gradients.parameters) == nil)
  }

  @Test(
    "a batch of empty sequences gives zeros and hands its state through", arguments: StackCase.small + StackCase.few)
  func allEmpty(name: StackCase) {
    let scenario = Scenario(name)
    let nothing = Tensor(
      known: scenario.inputs.shape, values: Array(repeating: .nan, count: scenario.inputs.count))
    let lengths = Array(repeating: 0, count: name.sizes.batch)
    let (outputs, finalState, tape) = scenario.stack.forward(nothing, from: scenario.state, lengths: lengths)
    let gradients = scenario.stack.gradients(
      tape, outputs: scenario.outputWeights, finalState: scenario.finalWeights)
    #expect(bitMismatch(of: outputs, with: Tensor(zeros: outputs.shape)) == nil)
    #expect(bitMismatch(of: finalState, with: scenario.state) == nil)
    #expect(bitMismatch(of: gradients.parameters, with: gradients.parameters.zeros) == nil)
    #expect(bitMismatch(of: gradients.inputs, with: Tensor(zeros: nothing.shape)) == nil)
    #expect(bitMismatch(of: gradients.initialState, with: scenario.finalWeights) == nil)
  }

  @Test("a sequence that is not a number keeps it to itself", arguments: StackCase.small + StackCase.few)
  func notANumberStaysInItsLane(name: StackCase) {
    if name.sizes.batch == 1 { return }
    let scenario = Scenario(name)
    var spoilt = scenario.inputs
    spoilt[0, 0, 0] = .nan
    let clean = scenario.stack(scenario.inputs, from: scenario.state).outputs
    let result = scenario.stack(spoilt, from: scenario.state).outputs
    #expect(result.selecting([0]).values.contains { $0.isNaN })
    let others = Array(1..<name.sizes.batch)
    #expect(bitMismatch(of: result.selecting(others), with: clean.selecting(others)) == nil)
  }
}
