//! An LSTM step by hand, its gates while a digit is read, and why the forget bias starts
//! at 1.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func rounded(_ value: some BinaryFloatingPoint, _ decimals: Int = 4) -> String {
  String(format: "%.\(decimals)f", Double(value))
}

func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }

func deviation(_ values: [Float]) -> Float {
  mean(values.map { ($0 - mean(values)) * ($0 - mean(values)) }).squareRoot()
}

func σ(_ z: Float) -> Float { 1 / (1 + exp(-z)) }

// snippet.layer
let layer = RecurrentLayer(inputSize: 3, LSTMCell(hiddenSize: 2), seed: 6)
let W = layer.parameters["weight_ih_l0"]  // [8, 3]: two rows for each of i, f, g, o
let U = layer.parameters["weight_hh_l0"]  // [8, 2]
let b = layer.parameters["bias_ih_l0"]  // [8]
// snippet.end
let x = try Tensor(shape: [1, 1, 3], values: [0.5, -1, 2])
let old = try LSTMCell.State(
  hidden: Tensor(shape: [1, 2], values: [0.3, -0.2]),
  cell: Tensor(shape: [1, 2], values: [0.8, -1.5]))

// snippet.sum
let sum = { (gate: LSTMCell.Gate, unit: Int) -> Float in
  let row = gate.rawValue * 2 + unit
  var z = b[row]
  for k in 0..<3 { z += W[row, k] * x[0, 0, k] }
  for k in 0..<2 { z += U[row, k] * old.hidden[0, k] }
  return z
}
// snippet.end

print("== A step by hand")
print("unit       i       f       g       o      c'      h'")
var byHand: [(i: Float, f: Float, g: Float, o: Float, s: Float)] = []
let (_, new) = layer(x, from: old)
for unit in 0..<2 {
  // snippet.step
  let (i, f) = (σ(sum(.input, unit)), σ(sum(.forget, unit)))
  let (g, o) = (tanh(sum(.candidate, unit)), σ(sum(.output, unit)))
  let c = f * old.cell[0, unit] + i * g
  let s = tanh(c)
  let h = o * s
  // snippet.end
  byHand.append((i, f, g, o, s))
  print("  \(unit) \([i, f, g, o, c, h].map { String(format: "%8.4f", $0) }.joined())")
  precondition(abs(c - new.cell[0, unit]) < 1e-6 && abs(h - new.hidden[0, unit]) < 1e-6)
}
let (c, h) = (new.cell.values.map { rounded($0) }, new.hidden.values.map { rounded($0) })
print("LSTMCell: c' \(c[0]) and \(c[1]), h' \(h[0]) and \(h[1])")

print("== The gradient by hand")
// snippet.library
let stack = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 2), seed: 6)
let (outputs, _, tape) = stack.forward(x, from: StackState([old]))
// ∂L/∂h' of L = the sum of the outputs
let ones = try Tensor(shape: outputs.shape, values: [1, 1])
let gradients = stack.gradients(tape, outputs: ones)
let dz = gradients.parameters["bias_ih_l0"]  // of one step of one sequence, this is ∂L/∂z
let dc = gradients.initialState.layer(0, of: LSTMCell.self).cell
// snippet.end
print("unit     dzᵢ     dz_f    dz_g    dz_o      dc")
for unit in 0..<2 {
  let (i, f, g, o, s) = byHand[unit]
  // snippet.backward
  let dh: Float = 1
  // ∂L/∂c'; in a longer sequence, plus what comes from the step after
  let dNew = dh * o * (1 - s * s)
  let dzi = dNew * g * i * (1 - i)
  let dzf = dNew * old.cell[0, unit] * f * (1 - f)
  let dzg = dNew * i * (1 - g * g)
  let dzo = dh * s * o * (1 - o)
  let dOld = dNew * f
  // snippet.end
  print(
    "  \(unit) \([dzi, dzf, dzg, dzo, dOld].map { String(format: "%8.4f", $0) }.joined())"
  )
  for (gate, value) in [dzi, dzf, dzg, dzo].enumerated() {
    precondition(abs(value - dz[gate * 2 + unit]) < 1e-6)
  }
  precondition(abs(dOld - dc[0, unit]) < 1e-6)
}
print("the library's differ by less than 0.000001")

print("== Training")
// snippet.train
let digits = BuiltInDigits.draw(training: 10_000, validation: 0, test: 2_000)
var network = SequenceModel(
  .init(input: .features(28), layers: .lstm(20), output: .classes(10)), seed: 0)
var optimizer = Adam(learningRate: 0.01)
for epoch in 0..<5 {
  for batch in digits.training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
    try network.train(on: batch, with: &optimizer)
  }
}
// snippet.end
try print(
  "accuracy on \(digits.test.count) test digits: "
    + "\(rounded(network.evaluate(on: digits.test).accuracy, 3))"
)

print("== Row by row")
// snippet.read
let pixels = digits.test.batch([20]).inputs.values
let reading = try network.trace(pixels)
let gates = reading.layers[0].gates  // input, forget, candidate, output: [time][unit]
let cells = reading.layers[0].states[1]  // the cell state, [time][unit]
// snippet.end
print("row   ink  mean i  mean f  mean o  mean |c|  probability")
for row in stride(from: 0, to: 28, by: 3) {
  let ink = pixels[row * 28..<row * 28 + 28].reduce(0, +)
  let classes = reading.probabilities[row]
  let likeliest = classes.indices.max { classes[$0] < classes[$1] } ?? 0
  let means = [0, 1, 3].map { "    " + rounded(mean(gates[$0].values[row]), 2) }.joined()
  print(
    String(format: "%3d  %4.1f", row, ink) + means
      + String(format: "      %.2f", mean(cells[row].map(\.magnitude)))
      + "      \(likeliest) \(rounded(classes[likeliest], 2))")
}
let label = digits.test.batch([20]).labels[0]
try DigitReadingPicture(
  title: "Gates and states of an LSTM layer of 20 units that reads a \(label)",
  pixels: pixels, width: 28,
  panels: [
    .init("input gate", rows: gates[0].values, range: .unit),
    .init("forget gate", rows: gates[1].values, range: .unit),
    .init("candidate", rows: gates[2].values, range: .signed),
    .init("output gate", rows: gates[3].values, range: .unit),
    .init("cell state", rows: cells, range: .fittedSigned),
    .init("hidden state", rows: reading.layers[0].states[0], range: .signed),
  ], probabilities: reading.probabilities, truth: label
).write(to: "06-the-lstm-reading.svg")

print("== Over many digits")
// snippet.many
let readings = try digits.test[0..<500].batches(of: 1).map {
  try network.trace($0.inputs.values).layers[0]
}
// snippet.end
print("         mean   unit deviates by  mean of units deviates by")
for (gate, name) in [(0, "i"), (1, "f"), (3, "o")] {
  let values = readings.map { $0.gates[gate].values }  // [digit][time][unit]
  let units = values.map { digit in
    mean((0..<20).map { unit in deviation(digit.map { $0[unit] }) })
  }
  let means = values.map { digit in deviation(digit.map(mean)) }
  let average = mean(values.flatMap { $0.map(mean) })
  print(
    "\(name)       \(rounded(average, 3))   \(rounded(mean(units), 3))             "
      + "\(rounded(mean(means), 3))"
  )
}
let kept = (0..<20).map { unit in
  mean(readings.flatMap { $0.gates[1].values.map { $0[unit] } })
}.sorted()
print("mean f of a unit: from \(rounded(kept[0], 2)) to \(rounded(kept[19], 2))")

print("== What is left of a state")
print("forget bias   σ(bias)²⁸   measured")
for bias: Float in [0, 1, 2, 3] {
  // snippet.left
  var initializer = Initializer.tensorFlow1
  initializer.forgetBias = bias
  let fresh = RecurrentStack(
    inputSize: 28, LSTMCell(hiddenSize: 20), initializer: initializer, seed: 0)
  let images = digits.test[0..<100].wholeBatch.inputs
  let (_, final, tape) = fresh.forward(images)
  let one = try LSTMCell.State(
    hidden: Tensor(zeros: final[0].hidden.shape),
    cell: Tensor(shape: [100, 20], values: Array(repeating: 1, count: 2000)))
  let back = fresh.gradients(tape, finalState: StackState([one])).initialState.layer(
    0, of: LSTMCell.self)
  // snippet.end
  print(
    String(
      format: "     %.0f         %.1e    %.1e", bias, pow(σ(bias), 28),
      mean(back.cell.values)))
}

print("== A task of memory")
// snippet.task
/// Sequences of 28 steps: the first names one of ten classes, the others are noise.
func sequences(_ count: Int, seed: UInt64) throws -> SequenceDataset {
  var (generator, values, labels) = (SplitMix64(seed: seed), [Float](), [Int32]())
  for _ in 0..<count {
    let label = generator.integer(below: 10)
    labels.append(Int32(label))
    values += (0..<11).map { $0 == label ? 1 : 0 }
    for _ in 1..<28 {
      values += Array(repeating: 0, count: 10) + [generator.uniform(-1, 1)]
    }
  }
  return try SequenceDataset(
    floats: values, stepCount: 28, inputSize: 11, labels: labels, classCount: 10)
}
// snippet.end
let (task, test) = try (sequences(5_000, seed: 1), sequences(1_000, seed: 2))
print("forget bias   accuracy with seeds 0, 1, 2")
var lines: [LineChart.Line] = []
for bias: Float in [0, 1, 2] {
  var (losses, accuracies) = ([[Double]](), [Double]())
  for seed: UInt64 in 0..<3 {
    var initializer = Initializer.tensorFlow1
    initializer.forgetBias = bias
    var network = SequenceModel(
      .init(input: .features(11), layers: .lstm(20), output: .classes(10)),
      initializer: initializer, seed: seed)
    var optimizer = Adam(learningRate: 0.01)
    losses.append([])
    for epoch in 0..<4 {
      for batch in task.batches(of: 100, shuffledWith: seed, epoch: epoch) {
        losses[losses.count - 1].append(
          Double(try network.train(on: batch, with: &optimizer).loss))
      }
    }
    accuracies.append(try network.evaluate(on: test).accuracy)
  }
  print(
    "     \(rounded(bias, 0))        "
      + "\(accuracies.map { rounded($0, 3) }.joined(separator: "  "))"
  )
  let steps = stride(from: 0, to: losses[0].count, by: 10)
  func average(_ run: [Double], _ step: Int) -> Double {
    run[step..<step + 10].reduce(0, +) / 10
  }
  lines.append(
    .init(
      "bias \(rounded(bias, 0))",
      steps.map { step in
        (Double(step + 5), losses.map { average($0, step) }.reduce(0, +) / 3)
      },
      spread: steps.map { step in
        let values = losses.map { average($0, step) }.sorted()
        return values[0]...values[2]
      }))
}
try LineChart(
  title: "Loss of remembering the first of 28 steps, with three forget biases",
  x: "training step",
  y: "loss in nats: mean of three seeds, band from lowest to highest",
  lines: lines
).write(to: "06-the-lstm-forget-bias.svg")

print("== Options")
print("cell                                parameters")
let options: [(String, LSTMCell)] = [
  ("plain", LSTMCell(hiddenSize: 20)),
  (
    "peepholes",
    LSTMCell(hiddenSize: 20, options: .init(hasPeepholes: true))
  ),
  (
    "coupled gates",
    LSTMCell(hiddenSize: 20, options: .init(couplesInputAndForgetGates: true))
  ),
  (
    "layer normalization",
    LSTMCell(hiddenSize: 20, options: .init(hasLayerNorm: true))
  ),
  (
    "cell state clipped at 10",
    LSTMCell(hiddenSize: 20, options: .init(cellClip: 10))
  ),
  ("projection to 10", LSTMCell(hiddenSize: 20, projectionSize: 10)),
]
for (name, cell) in options {
  let padded = name.padding(toLength: 36, withPad: " ", startingAt: 0)
  print("\(padded)\(RecurrentStack(inputSize: 28, cell).parameters.count)")
}

try CellDiagram(title: "One step of an LSTM cell", cell: .lstm)
  .write(to: "06-the-lstm-cell.svg")
