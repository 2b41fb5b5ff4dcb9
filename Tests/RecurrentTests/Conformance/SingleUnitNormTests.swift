import Recurrent
import TestSupport
import Testing

/// A norm over a single unit leaves nothing of what it reads: its output is a constant, and all gradients are zeros.
@Suite struct SingleUnitNormTests {
  private static let options: [LSTMCell.Options] = [
    .init(hasLayerNorm: true), .init(couplesInputAndForgetGates: true, hasLayerNorm: true),
    .init(hasPeepholes: true, hasLayerNorm: true), .init(hasLayerNorm: true, normEpsilon: 1e-5),
  ]

  @Test("gradients of all that only the norms read are zeros", arguments: options.indices, [1, 9])
  func zeros(index: Int, batch: Int) {
    let options = Self.options[index]
    var stack = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 1, options: options))
    stack.parameters.fillWithChirps()
    let inputs = ClosedForm.chirp.tensor(1, [batch, 7, 3])
    let state = stack.state(batchSize: batch, number: 4, scale: 0.5)
    let tape = stack.forward(inputs, from: state).tape
    let gradients = stack.gradients(
      tape, outputs: ClosedForm.chirp.tensor(2, [batch, 7, 1]),
      finalState: stack.state(batchSize: batch, number: 6, scale: 1))
    var names = ["weight_ih_l0", "weight_hh_l0"]
    names += gradients.parameters.entries.map(\.name).filter { $0.hasPrefix("norm_") }
    #expect(names.count > 4)
    for name in names { #expect(gradients.parameters[name].values.allSatisfy { $0 == 0 }, "\(name)") }
    #expect(gradients.inputs.values.allSatisfy { $0 == 0 })
    #expect(gradients.initialState[0].hidden.values.allSatisfy { $0 == 0 })
    // What it adds afterwards is learned.
    #expect(gradients.parameters["shift_c_l0"].values.allSatisfy { $0 != 0 })
    // Nor does the output depend on the input.
    let other = stack(ClosedForm.chirp.tensor(3, [batch, 7, 3]), from: state).outputs
    #expect(bitMismatch(of: other, with: stack(inputs, from: state).outputs) == nil)
  }
}
