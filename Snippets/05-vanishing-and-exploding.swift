//! How gradients shrink and grow on their way back through time: over 28 rows, over 784
//! pixels, after training, clipped.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

let digits = BuiltInDigits.draw(training: 5_000, validation: 0, test: 1_000)

// snippet.measure
/// How long the gradient of the state is after 0, 1, 2, … steps back from the end,
/// relative to the end.
func lengths(_ stack: RecurrentStack, over inputs: Tensor) throws -> [Double] {
  let (batchSize, features) = (inputs.shape[0], inputs.shape[2])
  let steps = inputs.steps.map { $0.reshaped(batchSize, 1, features) }
  var states = [stack.zeroState(batchSize: batchSize)]
  for x in steps { states.append(stack(x, from: states[states.count - 1]).finalState) }

  var gradient = try firstGradient(like: states[0])
  var lengths = [length(gradient)]
  for (x, before) in zip(steps, states).reversed() {
    let tape = stack.forward(x, from: before).tape
    gradient = stack.gradients(tape, finalState: gradient).initialState
    lengths.append(length(gradient))
  }
  return lengths.map { $0 / lengths[0] }
}
// snippet.end

/// A gradient that points anywhere for the hidden state, and is zero for a cell state.
func firstGradient(like state: StackState) throws -> StackState {
  var generator = SplitMix64(seed: 0)
  var components = state[0].components
  let values = components[0].values.map { _ in generator.normal() }
  components[0] = try Tensor(shape: components[0].shape, values: values)
  return StackState([type(of: state[0]).init(components: components)])
}

func length(_ state: StackState) -> Double {
  state[0].components.flatMap(\.values).reduce(0) { $0 + Double($1) * Double($1) }
    .squareRoot()
}

// snippet.elman
/// A layer whose U is a rotation times a factor, so that U alone makes every vector
/// longer by that factor.
func elman(
  _ factor: Float, inputSize: Int = 28, activation: Activation = .tanh
) throws -> RecurrentStack {
  var stack = RecurrentStack(
    inputSize: inputSize, ElmanCell(hiddenSize: 20, activation: activation),
    initializer: .keras, seed: 0)
  let rotation = stack.parameters["weight_hh_l0"]
  stack.parameters["weight_hh_l0"] = try Tensor(
    shape: rotation.shape, values: rotation.values.map { factor * $0 })
  return stack
}
// snippet.end

// snippet.lstm
func lstm(forgetBias: Float, inputSize: Int = 28) -> RecurrentStack {
  var initializer = Initializer.keras
  initializer.forgetBias = forgetBias
  return RecurrentStack(
    inputSize: inputSize, LSTMCell(hiddenSize: 20), initializer: initializer, seed: 0)
}
// snippet.end

/// A length for a table: Float has no finite numbers beyond 3·10³⁸.
func shown(_ length: Double) -> String {
  length == 0
    ? "         0" : length.isFinite ? String(format: "%10.1e", length) : "  overflow"
}

let rows = digits.training[0..<16].wholeBatch.inputs

print("== In one go")
// snippet.whole
let layer = try elman(1)
let (_, finalState, tape) = layer.forward(rows)
let whole = try layer.gradients(tape, finalState: firstGradient(like: finalState))
  .initialState
let ratio = try length(whole) / length(firstGradient(like: finalState))
print(
  String(
    format: "backward over 28 steps: %.6f   28 times over one: %.6f", ratio,
    try lengths(layer, over: rows)[28]))
// snippet.end

print("== Without tanh and with it")
// snippet.factors
print("factor   factor^28   without tanh   with tanh")
for factor: Float in [0.5, 0.9, 1, 1.1, 1.5, 2] {
  let linear = try lengths(
    elman(factor, activation: .affine(alpha: 1, beta: 0)), over: rows)[28]
  let squashed = try lengths(elman(factor), over: rows)[28]
  print(
    String(
      format: "%6.1f %11.1e %14.1e %11.1e", factor, pow(Double(factor), 28), linear,
      squashed))
}
// snippet.end

print("== Over 28 rows")
// snippet.rows
let overRows = try [
  ("Elman × 0.5", elman(0.5)), ("Elman × 1", elman(1)), ("Elman × 1.5", elman(1.5)),
  ("Elman × 2", elman(2)),
  ("LSTM, bias 0", lstm(forgetBias: 0)), ("LSTM, bias 1", lstm(forgetBias: 1)),
].map { name, stack in (name: name, lengths: try lengths(stack, over: rows)) }
print("steps back              1         7        14        21        28")
for (name, lengths) in overRows {
  let padded = name.padding(toLength: 14, withPad: " ", startingAt: 0)
  print(padded + [1, 7, 14, 21, 28].map { shown(lengths[$0]) }.joined())
}
// snippet.end

print("== The forget gate")
// snippet.forget
print("bias   σ(bias)   σ(bias)^28   measured")
for bias: Float in [0, 1, 3] {
  let gate = 1 / (1 + exp(-Double(bias)))
  let measured = try lengths(lstm(forgetBias: bias), over: rows)[28]
  print(String(format: "%4.0f %9.3f %12.1e %10.1e", bias, gate, pow(gate, 28), measured))
}
// snippet.end

print("== Over 784 pixels")
// snippet.pixels
let pixels = PixelOrder.pixels(digits.training[0..<8]).wholeBatch.inputs
let chrono = RecurrentStack(
  inputSize: 1, LSTMCell(hiddenSize: 20), initializer: .chrono(longestTime: 784), seed: 0)
let overPixels = try [
  ("Elman × 0.9", elman(0.9, inputSize: 1)), ("Elman × 1", elman(1, inputSize: 1)),
  ("Elman × 1.5", elman(1.5, inputSize: 1)),
  ("LSTM, bias 0", lstm(forgetBias: 0, inputSize: 1)),
  ("LSTM, bias 1", lstm(forgetBias: 1, inputSize: 1)), ("LSTM, chrono", chrono),
].map { name, stack in (name: name, lengths: try lengths(stack, over: pixels)) }
// snippet.end
print("steps back             28       100       200       400       784   zero from")
for (name, lengths) in overPixels {
  let padded = name.padding(toLength: 14, withPad: " ", startingAt: 0)
  let end = lengths.firstIndex(of: 0).map { String(format: "%12d", $0) } ?? ""
  print(padded + [28, 100, 200, 400, 784].map { shown(lengths[$0]) }.joined() + end)
}

print("== After training")
// snippet.trained
print("28 steps back    before training   after       accuracy")
var none = Initializer.keras
none.forgetBias = 0
for (name, initializer) in [("LSTM, bias 0", none), ("LSTM, bias 1", Initializer.keras)] {
  var network = SequenceModel(
    .init(input: .features(28), layers: .lstm(20), output: .classes(10)),
    initializer: initializer, seed: 0)
  let before = try lengths(network.stack, over: rows)[28]
  var optimizer = Adam(learningRate: 0.003)
  for epoch in 0..<6 {
    for batch in digits.training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
      try network.train(on: batch, with: &optimizer)
    }
  }
  let after = try lengths(network.stack, over: rows)[28]
  let right = try 100 * network.evaluate(on: digits.test).accuracy
  print(name + String(format: "%20.1e %7.2f %12.1f %%", before, after, right))
}
// snippet.end

// snippet.clipping
/// Trains an Elman network whose U is drawn too large: its longest gradient, the mean
/// slope of its units afterwards, and the percentage of digits it classifies correctly.
func train(seed: UInt64, clipping: GradientClipping?) throws -> (
  longest: Float, slope: Float, right: Double
) {
  let initializer = Initializer(
    inputWeights: .glorotUniform,
    hiddenWeights: .normal(deviation: 1.5 / Float(20).squareRoot()))
  var network = SequenceModel(
    .init(input: .features(28), layers: .elman(20), output: .classes(10)),
    initializer: initializer, seed: seed)
  var optimizer = SGD(learningRate: 0.3)
  var longest: Float = 0
  for epoch in 0..<6 {
    for batch in digits.training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
      let step = try network.train(on: [batch], with: &optimizer, clipping: clipping)
      longest = max(longest, step.gradientNorm)
    }
  }
  let states = network.stack(digits.test.wholeBatch.inputs).outputs.values
  let slope = states.reduce(0) { $0 + 1 - $1 * $1 } / Float(states.count)
  return (longest, slope, try 100 * network.evaluate(on: digits.test).accuracy)
}
// snippet.end

print("== Clipping")
print("               not clipped                        clipped to 1")
print("seed   longest   slope       accuracy      longest   slope       accuracy")
// snippet.clip
for seed: UInt64 in 0..<4 {
  let free = try train(seed: seed, clipping: nil)
  let held = try train(seed: seed, clipping: .norm(1))
  print(
    "\(seed)"
      + String(format: "%13.1f %7.3f %12.1f %%", free.longest, free.slope, free.right),
    terminator: "")
  print(String(format: "%13.1f %7.3f %12.1f %%", held.longest, held.slope, held.right))
}
// snippet.end

// The pictures.
func draw(
  _ title: String, _ curves: [(name: String, lengths: [Double])], to path: String
) throws {
  let lines = curves.map {
    LineChart.Line($0.name, $0.lengths.enumerated().map { (Double($0), $1) })
  }
  try LineChart(
    title: title, x: "steps back from the end",
    y: "length of the gradient, relative to the end",
    lines: lines,
    yScale: .logarithmic
  ).write(to: path)
}
try draw(
  "Length of the gradient over 28 rows", overRows,
  to: "05-vanishing-and-exploding-rows.svg")
try draw(
  "Length of the gradient over 784 pixels", overPixels,
  to: "05-vanishing-and-exploding-pixels.svg")
