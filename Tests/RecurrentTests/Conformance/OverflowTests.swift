import Recurrent
import TestSupport
import Testing

/// A cell without bounds: h' = (W x + U h + b)², which overflows within a few steps where it is left to itself.
private struct SquareCell: RecurrentCell {
  typealias State = ElmanCell.State

  static var name: String { "square" }
  let hiddenSize: Int
  var gates: [GateSource] { [.inputAndHidden] }
  var forgetGate: Int? { nil }
  var tapeSize: Int { 0 }

  func forward(_ step: CellStep) {
    for unit in step.units {
      let (z, next) = (step.gate(0, unit: unit), step.next(0, unit: unit))
      for lane in 0..<step.lanes { next[lane] = z[lane] * z[lane] }
    }
  }

  // dz = 2 z dh: not a number where z has overflown, even where dh is zero.
  func backward(_ step: CellStep, _ gradient: CellGradient) {
    for unit in step.units {
      let (z, dh) = (step.gate(0, unit: unit), gradient.hidden(unit: unit, in: step))
      for lane in 0..<step.lanes { z[lane] = 2 * z[lane] * dh[lane] }
    }
  }
}

/// What becomes of lanes whose sequences have ended belongs to nobody.
///
/// They lie beside running ones in the same vector, and the arithmetic goes on in them.
@Suite struct OverflowTests {
  // With inputs of a tenth the state stays small; one of thirty squared overflows five steps later.
  private let lengths = [1, 9, 3, 0, 9, 2, 1, 7, 9, 3, 1]
  private var inputs: Tensor {
    var inputs = Tensor(known: [11, 9, 1], values: Array(repeating: 0.1, count: 99))
    for (sample, length) in lengths.enumerated() where length > 0 && length < 4 { inputs[sample, length - 1, 0] = 30 }
    return inputs.padded(with: .nan, past: lengths)
  }

  private func stack(layers: Int, width: Int) -> RecurrentStack {
    var stack = RecurrentStack(inputSize: 1, layers: .repeated(SquareCell(hiddenSize: width), count: layers))
    for entry in stack.parameters.entries {
      // One over the width, so that sums over units are as large as a unit; a bias that is not zero.
      let scale: Float = entry.shape.count == 1 ? 0.01 : 1 / Float(entry.shape[1])
      stack.parameters[entry.name] = Tensor(known: entry.shape, values: Array(repeating: scale, count: entry.count))
    }
    return stack
  }

  @Test("what overflows behind the end of a sequence harms nobody", arguments: [1, 2], [1, 2, 96])
  func endedLanes(layers: Int, width: Int) {
    let stack = stack(layers: layers, width: width)
    let inputs = inputs
    let weights = ClosedForm.chirp.tensor(1, [11, 9, width]).padded(with: .nan, past: lengths)
    let finals = stack.state(batchSize: 11, number: 9, scale: 1)
    let whole = stack.forward(inputs, lengths: lengths)
    let gradients = stack.gradients(whole.tape, outputs: weights, finalState: finals)
    var sums = [Double](repeating: 0, count: stack.parameters.count)
    for (sample, length) in lengths.enumerated() {
      let steps = 0..<max(length, 1)
      let alone = stack.forward(inputs.selecting([sample]).steps(steps), lengths: length == 0 ? [0] : nil)
      let aloneGradients = stack.gradients(
        alone.tape, outputs: weights.selecting([sample]).steps(steps), finalState: finals.selecting([sample]))
      #expect(bitMismatch(of: whole.outputs.selecting([sample]).steps(steps), with: alone.outputs) == nil)
      #expect(bitMismatch(of: whole.finalState.selecting([sample]), with: alone.finalState) == nil)
      #expect(bitMismatch(of: gradients.inputs.selecting([sample]).steps(steps), with: aloneGradients.inputs) == nil)
      #expect(bitMismatch(of: gradients.initialState.selecting([sample]), with: aloneGradients.initialState) == nil)
      accumulate(aloneGradients.parameters.values, into: &sums)
    }
    #expect(bitMismatch(of: whole.outputs, with: whole.outputs.padded(with: 0, past: lengths)) == nil)
    #expect(bitMismatch(of: gradients.inputs, with: gradients.inputs.padded(with: 0, past: lengths)) == nil)
    #expect(gradients.parameters.values.allSatisfy { $0.isFinite })
    for entry in gradients.parameters.entries {
      #expect(
        mismatch(
          of: gradients.parameters[entry.name], with: Array(sums[entry.range]),
          within: Tolerance.afterRoundings(2 * 11 * 9)) == nil, "\(entry.name)")
    }
  }

  @Test("the sequences do overflow: the test looks at what it means to look at")
  func overflowHappens() {
    let stack = stack(layers: 1, width: 1)
    var state = stack(inputs, lengths: lengths).finalState
    let nothing = Tensor(zeros: [11, 8, 1])
    state = stack(nothing, from: state).finalState
    #expect(state[0].hidden.values.contains { $0.isInfinite })
  }
}
