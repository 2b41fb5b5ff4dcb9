import Recurrent
import TestSupport
import Testing

/// What holds for every cell about states: where they come from and that carrying them is the same as going on.
@Suite struct StateConformanceTests {
  @Test("no state is the zero state, bit for bit", arguments: StackCase.all, [false, true])
  func noStateIsZeroState(name: StackCase, isRagged: Bool) {
    let scenario = Scenario(name, isRagged: isRagged)
    let zeros = scenario.stack.zeroState(batchSize: name.sizes.batch)
    let without = scenario.stack(scenario.inputs, lengths: scenario.lengths)
    let with = scenario.stack(scenario.inputs, from: zeros, lengths: scenario.lengths)
    #expect(bitMismatch(of: without.outputs, with: with.outputs) == nil)
    #expect(bitMismatch(of: without.finalState, with: with.finalState) == nil)
  }

  @Test("a given state is used: its outputs differ from those of zeros in every sequence", arguments: StackCase.small)
  func stateMatters(name: StackCase) {
    let scenario = Scenario(name)
    let given = scenario.stack(scenario.inputs, from: scenario.state).outputs
    let zeros = scenario.stack(scenario.inputs).outputs
    for sample in 0..<name.sizes.batch {
      #expect(given.selecting([sample]) != zeros.selecting([sample]))
    }
  }

  @Test(
    "chunks that hand their state on are the whole, bit for bit",
    arguments: StackCase.all.filter { $0.sizes.steps > 1 && !$0.readsInReverse }, [false, true])
  func chunkedIsWhole(name: StackCase, isRagged: Bool) {
    let scenario = Scenario(name, isRagged: isRagged)
    let whole = scenario.stack(scenario.inputs, from: scenario.state, lengths: scenario.lengths)
    var state = scenario.state
    var first = 0
    // Unequal chunks, the first of a single step.
    for size in name.sizes.steps == 2 ? [1, 1] : [1, 3, name.sizes.steps - 4] where size > 0 {
      let range = first..<first + size
      let chunk = scenario.stack(
        scenario.inputs.steps(range), from: state,
        lengths: scenario.lengths?.map { min(max($0 - first, 0), size) })
      #expect(bitMismatch(of: chunk.outputs, with: whole.outputs.steps(range)) == nil, "steps \(range)")
      state = chunk.finalState
      first += size
    }
    #expect(first == name.sizes.steps)
    #expect(bitMismatch(of: state, with: whole.finalState) == nil)
  }

  @Test(
    "the final state holds the last output of the topmost layer, in reverse the first",
    arguments: StackCase.small.filter { !$0.reverseLayers.contains($0.sizes.hidden.count - 1) }, [false, true])
  func finalStateIsLastOutput(name: StackCase, isRagged: Bool) {
    let scenario = Scenario(name, isRagged: isRagged)
    let (outputs, finalState) = scenario.stack(scenario.inputs, lengths: scenario.lengths)
    let top = finalState.layers.suffix(name.isBidirectional ? 2 : 1).map(\.hidden)
    let (last, first) = (outputs.last(lengths: scenario.lengths), outputs.steps[0])
    let (width, outputSize) = (top[0].shape[1], outputs.shape[2])
    for sample in 0..<name.sizes.batch {
      let row = sample * outputSize
      #expect(Array(last.values[row..<row + width]) == top[0].selecting([sample]).values)
      guard name.isBidirectional else { continue }
      #expect(Array(first.values[row + width..<row + outputSize]) == top[1].selecting([sample]).values)
    }
  }

  @Test("a forward pass that keeps a tape gives the same bits as one that does not", arguments: StackCase.all)
  func trainingIsInference(name: StackCase) {
    let scenario = Scenario(name, isRagged: true)
    let inference = scenario.stack(scenario.inputs, from: scenario.state, lengths: scenario.lengths)
    let training = scenario.stack.forward(scenario.inputs, from: scenario.state, lengths: scenario.lengths)
    #expect(bitMismatch(of: training.outputs, with: inference.outputs) == nil)
    #expect(bitMismatch(of: training.finalState, with: inference.finalState) == nil)
  }
}
