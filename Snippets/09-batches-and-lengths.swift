//! Static and dynamic unrolling, sequences of unequal length, and padding that is never
//! read.

import Foundation
import Recurrent
import RecurrentCharts

func rounded(_ value: some BinaryFloatingPoint, _ decimals: Int = 4) -> String {
  String(format: "%.\(decimals)f", Double(value))
}

/// The length of a vector, √(Σ v²).
func norm(_ values: some Sequence<Float>) -> Float {
  values.reduce(0) { $0 + $1 * $1 }.squareRoot()
}

// snippet.network
let stack = RecurrentStack(
  inputSize: 3, LSTMCell(hiddenSize: 4), LSTMCell(hiddenSize: 4), seed: 9)
// snippet.end
var generator = SplitMix64(seed: 9)
let full = try Tensor(
  shape: [5, 6, 3], values: (0..<90).map { _ in generator.uniform(-1, 1) })

print("== Two forms")
// snippet.forms
let (outputs, finalState) = stack(full)  // one tensor: [batch, time, feature]
let steps = full.steps  // a list: for each step [batch, feature]
let (listed, listedState) = stack.unrolled(steps)
print("dynamic: \(full.shape) in, \(outputs.shape) out")
print(
  "static:  \(steps.count) × \(steps[0].shape) in, \(listed.count) × \(listed[0].shape) "
    + "out"
)
print(
  "equal, bit for bit: "
    + "\(Tensor.stackingSteps(listed) == outputs && listedState == finalState)"
)
// snippet.end

print("== Any number of steps")
// snippet.steps
for count in [2, 6, 100] {
  let sequences = try Tensor(
    shape: [2, count, 3], values: Array(repeating: 0.5, count: 2 * count * 3))
  print("\(count) steps: outputs \(stack(sequences).outputs.shape)")
}
// snippet.end

print("== Padded")
// snippet.padded
let lengths = [6, 2, 4, 0, 1]
var padded = full
for sequence in 0..<5 {
  for step in lengths[sequence]..<6 {
    for feature in 0..<3 { padded[sequence, step, feature] = .nan }  // not a number
  }
}
let (ragged, raggedState) = stack(padded, lengths: lengths)
// snippet.end
print("sequence  length  size of the output at steps 0 … 5")
for sequence in 0..<5 {
  let sizes = (0..<6).map { step in
    rounded(norm((0..<4).map { ragged[sequence, step, $0] }))
  }
  print("    \(sequence)        \(lengths[sequence])    \(sizes.joined(separator: "  "))")
}

print("== Each sequence alone")
// snippet.alone
for sequence in 0..<5 where lengths[sequence] > 0 {
  let length = lengths[sequence]
  let own = try Tensor(
    shape: [1, length, 3],
    values: Array(full.values[sequence * 18..<sequence * 18 + length * 3]))
  let (alone, state) = stack(own)
  let sameOutputs =
    Array(ragged.values[sequence * 24..<sequence * 24 + length * 4]) == alone.values
  let together = raggedState.layer(1, of: LSTMCell.self)
  let sameState = (0..<4).allSatisfy { unit in
    together.hidden[sequence, unit] == state[1].hidden[0, unit]
      && together.cell[sequence, unit] == state.layer(1, of: LSTMCell.self).cell[0, unit]
  }
  print(
    "sequence \(sequence) of \(length) steps: outputs equal \(sameOutputs), state equal "
      + "\(sameState)"
  )
}
// snippet.end
// snippet.held
let (_, held) = stack(padded, from: raggedState, lengths: [0, 0, 0, 0, 0])
print("no step at all: every state is as it was, \(held == raggedState)")
// snippet.end

print("== The last output")
// snippet.last
let gathered = ragged.steps[5]  // what the notebook's transpose and gather would take
let last = ragged.last(lengths: lengths)
print(
  "sequence  length  size of outputs[:, 5]  of last(lengths:)  of the final hidden state")
for sequence in 0..<5 {
  let sizes = [gathered, last, raggedState[1].hidden].map { tensor in
    rounded(norm((0..<4).map { tensor[sequence, $0] }))
  }
  print(
    "    \(sequence)        \(lengths[sequence])          "
      + "\(sizes.joined(separator: "              "))"
  )
}
// snippet.end
print("equal, bit for bit: \(last == raggedState[1].hidden)")

print("== Zeros instead of lengths")
// snippet.zeros
var zeros = full
for sequence in 0..<5 {
  for step in lengths[sequence]..<6 {
    for feature in 0..<3 { zeros[sequence, step, feature] = 0 }
  }
}
let drifted = stack(zeros).finalState[1].hidden
// snippet.end
print("sequence  length  final hidden state is wrong by")
for sequence in 0..<5 {
  let difference = norm((0..<4).map { drifted[sequence, $0] - last[sequence, $0] })
  let size = norm((0..<4).map { last[sequence, $0] })
  let error = size > 0 ? "\(rounded(100 * difference / size, 0)) %" : "-"
  print("    \(sequence)        \(lengths[sequence])    \(rounded(difference))  \(error)")
}

print("== Backward")
// snippet.back
let (_, _, tape) = stack.forward(padded, lengths: lengths)
let ones = try Tensor(shape: [5, 6, 4], values: Array(repeating: 1, count: 120))
let gradients = stack.gradients(tape, outputs: ones)
// snippet.end
for sequence in 0..<5 {
  let sizes = (0..<6).map { step in
    rounded(norm((0..<3).map { gradients.inputs[sequence, step, $0] }))
  }
  print("sequence \(sequence): \(sizes.joined(separator: "  "))")
}
print(
  "all gradients of weights are finite: "
    + "\(gradients.parameters.values.allSatisfy(\.isFinite))"
)

try TensorSliceDiagram(
  title: "The last outputs of full sequences", batch: 100, steps: 28, features: 20
)
.write(to: "09-batches-and-lengths-full.svg")
try TensorSliceDiagram(
  title: "The last outputs of sequences of different lengths", batch: 5, steps: 6,
  features: 4, lengths: lengths
).write(to: "09-batches-and-lengths-lengths.svg")
