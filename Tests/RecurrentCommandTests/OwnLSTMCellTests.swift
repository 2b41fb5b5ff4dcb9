import Recurrent
import RecurrentWorkloads
import TestSupport
import Testing

/// The cell written over rows in Swift is the built-in one.
@Suite struct OwnLSTMCellTests {
  private func stack(_ cell: (Int) -> any RecurrentCell) -> RecurrentStack {
    var stack = RecurrentStack(inputSize: 3, cell(5), cell(21))
    stack.parameters.fillWithChirps()
    return stack
  }

  @Test("outputs, states and gradients are those of the built-in cell")
  func isTheBuiltInCell() {
    let (own, builtIn) = (
      stack { OwnLSTMCell(hiddenSize: $0) }, stack { LSTMCell(hiddenSize: $0) }
    )
    let inputs = ClosedForm.chirp.tensor(0, [9, 7, 3])
    let weights = ClosedForm.chirp.tensor(1, [9, 7, 21])
    let lengths = ClosedForm.lengths(batch: 9, steps: 7)
    let (found, expected) = (own.forward(inputs, lengths: lengths), builtIn.forward(inputs, lengths: lengths))
    let tolerance = Tolerance.gradient(inputSize: 3, hiddenSizes: [5, 21], steps: 7, batch: 9)
    func check(_ found: Tensor, _ expected: Tensor, _ what: String) {
      #expect(mismatch(of: found, with: expected.values.map(Double.init), within: tolerance) == nil, "\(what)")
    }
    check(found.outputs, expected.outputs, "outputs")
    check(found.finalState[1].components[1], expected.finalState[1].components[1], "cell state")
    let (mine, theirs) = (
      own.gradients(found.tape, outputs: weights), builtIn.gradients(expected.tape, outputs: weights)
    )
    for entry in mine.parameters.entries {
      check(mine.parameters[entry.name], theirs.parameters[entry.name], entry.name)
    }
    check(mine.inputs, theirs.inputs, "inputs")
  }

  @Test("one sequence as it comes gives the bits of a batch")
  func streaming() throws {
    let network = SequenceModel(
      .init(input: .features(3), layers: [LayerConfiguration(OwnLSTMCell(hiddenSize: 13))], output: .classes(4)),
      initializer: .pyTorch)
    let inputs = ClosedForm.chirp.tensor(0, [1, 7, 3])
    var stream = try network.makeStream()
    try stream.run(inputs.values)
    let batch = try SequenceBatch(inputs, labels: [0], classCount: 4)
    #expect(try bitMismatch(of: stream.values, with: network.logits(for: batch).values) == nil)
  }
}
