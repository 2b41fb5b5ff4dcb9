import Recurrent
import TestSupport
import Testing

/// The static form, a list of steps in and a list of outputs out, is the dynamic one in other clothes.
@Suite struct StaticFormTests {
  @Test("a list of steps gives the bits of the whole", arguments: StackCase.small + StackCase.few, [false, true])
  func unrolledIsWhole(name: StackCase, isRagged: Bool) {
    let scenario = Scenario(name, isRagged: isRagged)
    let whole = scenario.stack(scenario.inputs, from: scenario.state, lengths: scenario.lengths)
    let list = scenario.stack.unrolled(scenario.inputs.steps, from: scenario.state, lengths: scenario.lengths)
    #expect(list.outputs.count == name.sizes.steps)
    for (t, output) in list.outputs.enumerated() {
      let expected = whole.outputs.steps(t..<t + 1)
      #expect(output.shape == [name.sizes.batch, expected.shape[2]])
      #expect(bitMismatch(of: output.values, with: expected.values) == nil, "step \(t)")
    }
    #expect(bitMismatch(of: list.finalState, with: whole.finalState) == nil)
  }

  @Test("a list of steps without state starts from zeros")
  func unrolledFromZeros() {
    let scenario = Scenario(StackCase.small[0])
    let whole = scenario.stack(scenario.inputs)
    let list = scenario.stack.unrolled(scenario.inputs.steps)
    #expect(bitMismatch(of: Tensor.stackingSteps(list.outputs), with: whole.outputs) == nil)
    #expect(list.finalState == whole.finalState)
  }

  @Test("steps, stacked again, are the tensor they were taken from")
  func stepsAndBack() {
    let tensor = ClosedForm.chirp.tensor(0, [5, 4, 3])
    #expect(tensor.steps.count == 4)
    #expect(tensor.steps[2][4, 1] == tensor[4, 2, 1])
    #expect(bitMismatch(of: Tensor.stackingSteps(tensor.steps), with: tensor) == nil)
  }

  @Test("the last output is that at each sequence's own last step, and zeros for an empty one")
  func last() {
    let tensor = ClosedForm.chirp.tensor(0, [4, 3, 2])
    let last = tensor.last(lengths: [2, 0, 3, 1])
    #expect(last.shape == [4, 2])
    let expected = [tensor[0, 1, 0], tensor[0, 1, 1], 0, 0, tensor[2, 2, 0], tensor[2, 2, 1], tensor[3, 0, 0]]
    #expect(last.values == expected + [tensor[3, 0, 1]])
    #expect(tensor.last() == tensor.last(lengths: [3, 3, 3, 3]))
  }
}
