import Recurrent
import TestSupport
import Testing

/// Which dimension comes first changes where numbers lie and nothing else.
@Suite struct SequenceLayoutTests {
  /// `[batch, time, feature]` from `[time, batch, feature]`, or the other way round.
  private func swapped(_ tensor: Tensor) -> Tensor {
    let (first, second, features) = (tensor.shape[0], tensor.shape[1], tensor.shape[2])
    var result = Tensor(zeros: [second, first, features])
    for i in 0..<first {
      for j in 0..<second {
        for k in 0..<features { result[j, i, k] = tensor[i, j, k] }
      }
    }
    return result
  }

  @Test(
    "time first gives the bits of sequences first: outputs, states, gradients",
    arguments: StackCase.small + StackCase.few)
  func stack(name: StackCase) {
    let scenario = Scenario(name, isRagged: true)
    let expected = scenario.run()
    let (outputs, finalState, tape) = scenario.stack.forward(
      swapped(scenario.inputs), from: scenario.state, lengths: scenario.lengths, layout: .timeMajor)
    let gradients = scenario.stack.gradients(
      tape, outputs: swapped(scenario.outputWeights), finalState: scenario.finalWeights)
    #expect(bitMismatch(of: swapped(outputs), with: expected.outputs) == nil)
    #expect(bitMismatch(of: finalState, with: expected.finalState) == nil)
    #expect(bitMismatch(of: swapped(gradients.inputs), with: expected.gradients.inputs) == nil)
    #expect(bitMismatch(of: gradients.initialState, with: expected.gradients.initialState) == nil)
    #expect(bitMismatch(of: gradients.parameters, with: expected.gradients.parameters) == nil)
    let inference = scenario.stack(
      swapped(scenario.inputs), from: scenario.state, lengths: scenario.lengths, layout: .timeMajor)
    #expect(bitMismatch(of: swapped(inference.outputs), with: expected.outputs) == nil)
  }

  @Test("a layer of its own takes both forms")
  func layer() {
    let layer = RecurrentLayer(inputSize: 3, LSTMCell(hiddenSize: 5))
    let inputs = ClosedForm.chirp.tensor(0, [4, 7, 3])
    let expected = layer(inputs, lengths: [7, 0, 3, 5])
    let found = layer(swapped(inputs), lengths: [7, 0, 3, 5], layout: .timeMajor)
    #expect(bitMismatch(of: swapped(found.outputs), with: expected.outputs) == nil)
    #expect(found.finalState.cell == expected.finalState.cell)
  }

  @Test("a classifier learns the same from both forms")
  func classifier() throws {
    let network = SequenceModel(.init(input: .features(3), layers: .lstm(5, count: 2), output: .classes(4)))
    let inputs = ClosedForm.chirp.tensor(0, [6, 7, 3])
    let (labels, lengths) = ([0, 3, 1, 2, 2, 0], [7, 0, 3, 5, 7, 1])
    let expected = try SequenceBatch(inputs, labels: labels, lengths: lengths, classCount: 4)
    let found = try SequenceBatch(swapped(inputs), labels: labels, lengths: lengths, classCount: 4, layout: .timeMajor)
    #expect(bitMismatch(of: found.inputs, with: inputs) == nil)
    #expect(
      try bitMismatch(of: network.gradient(on: found).gradient, with: network.gradient(on: expected).gradient) == nil)
    #expect(try bitMismatch(of: network.logits(for: found), with: network.logits(for: expected)) == nil)
    let data = try SequenceDataset(
      floats: swapped(inputs).values, stepCount: 7, inputSize: 3, labels: labels.map(Int32.init),
      lengths: lengths.map(Int32.init), classCount: 4, layout: .timeMajor)
    #expect(
      try bitMismatch(
        of: network.logits(for: data[2..<5].wholeBatch).values,
        with: Array(network.logits(for: expected).values[8..<20])) == nil)
  }

  @Test("steps are cut out of both forms")
  func steps() {
    let tensor = ClosedForm.chirp.tensor(0, [4, 7, 3])
    for range in [0..<7, 2..<5, 6..<7, 3..<3] {
      let expected = Tensor(
        known: [4, range.count, 3],
        values: (0..<4).flatMap { sample in range.flatMap { t in (0..<3).map { tensor[sample, t, $0] } } })
      #expect(tensor.steps(range, layout: .batchMajor) == expected)
      if range.isEmpty { continue }
      #expect(swapped(swapped(tensor).steps(range, layout: .timeMajor)) == expected)
    }
  }
}
