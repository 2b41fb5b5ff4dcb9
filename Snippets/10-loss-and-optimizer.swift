//! From logits to a loss, from a loss to its gradient, from a gradient to a step.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func text(
  _ value: some BinaryFloatingPoint, _ decimals: Int = 4, width: Int = 10
) -> String {
  let digits = String(format: "%.\(decimals)f", Double(value))
  return String(repeating: " ", count: max(0, width - digits.count)) + digits
}

// snippet.softmax
let logits = try Tensor(shape: [1, 3], values: [2, 1, -1])
let probabilities = Tensor.softmax(logits)
let label = 1
let (loss, gradient) = SoftmaxCrossEntropy()(logits, [label])
// snippet.end

print("== Softmax")
print("class       0         1         2")
print("z   " + logits.values.map { text($0) }.joined())
print("p   " + probabilities.values.map { text($0) }.joined())
print(
  "loss of class 1: -ln \(text(probabilities[0, 1], width: 0)) = "
    + "\(text(loss, width: 0)) nats"
)

// snippet.guess
let guess = Tensor(zeros: [1, 10])
let guessLoss = SoftmaxCrossEntropy()(guess, [7]).loss
let digits = BuiltInDigits.draw(training: 10_000, validation: 0, test: 1_000)
let untrained = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
let small = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)),
  initializer: .keras, seed: 0)
// snippet.end

print("== A guess among ten")
print("ten equal logits                           \(text(guessLoss, width: 6)) nats")
try print(
  "untrained, head N(0, 1), the notebook's    "
    + "\(text(untrained.evaluate(on: digits.test).loss, width: 6)) nats"
)
try print(
  "untrained, head Glorot, Keras's            "
    + "\(text(small.evaluate(on: digits.test).loss, width: 6)) nats"
)

// snippet.differences
/// The loss again, in Double: ln Σ e^z - z_label, with the largest logit taken out of
/// the sum first.
func crossEntropy(_ z: [Double], _ label: Int) -> Double {
  let largest = z.max() ?? 0
  return largest + log(z.reduce(0) { $0 + exp($1 - largest) }) - z[label]
}

let z = logits.values.map(Double.init)
let ε = 1e-5
let differences = z.indices.map { k in
  var (more, less) = (z, z)
  more[k] += ε
  less[k] -= ε
  return (crossEntropy(more, label) - crossEntropy(less, label)) / (2 * ε)
}
// snippet.end

print("== The gradient")
print("class             0           1           2")
print(
  "p - y   "
    + z.indices.map { text(probabilities[0, $0] - ($0 == label ? 1 : 0), 5, width: 12) }
    .joined())
print("library " + gradient.values.map { text($0, 5, width: 12) }.joined())
print("measured" + differences.map { text($0, 5, width: 12) }.joined())

// snippet.overflow
let large: [Float] = [100, 99, 0]
let powers = large.map { exp($0) }
let naive = powers.map { $0 / powers.reduce(0, +) }
let stable = try Tensor.softmax(Tensor(shape: [1, 3], values: large)).values
// snippet.end

print("== Overflow")
print("e^z in Float   \(powers.map { "\($0)" }.joined(separator: "  "))")
print(
  "naive softmax  \(naive.map { $0.isNaN ? "nan" : "\($0)" }.joined(separator: "  "))")
print("library        \(stable.map { text($0, width: 0) }.joined(separator: "  "))")

// snippet.valley
/// The loss after each of 100 steps down a valley that is a hundred times as steep across
/// as along: (100 a² + b²) / 2.
func descend(_ optimizer: some Optimizer) throws -> [Double] {
  var optimizer = optimizer
  var point = Parameters([("point", [2])])
  point["point"] = try Tensor(shape: [2], values: [1, 1])
  return try (0..<100).map { _ in
    let (a, b) = (point["point"].values[0], point["point"].values[1])
    var slope = point.zeros
    slope["point"] = try Tensor(shape: [2], values: [100 * a, b])
    optimizer.update(&point, with: slope)
    return Double(100 * a * a + b * b) / 2
  }
}
// snippet.end

// snippet.own
/// Steps of one size, downhill in each direction.
struct SignDescent: Optimizer {
  var learningRate: Float = 0.01

  mutating func update(
    _ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String
  ) {
    for i in gradient.indices {
      parameter[i] -= gradient[i] > 0 ? learningRate : -learningRate
    }
  }
}
// snippet.end

let descents = try [
  ("SGD, rate 0.021", descend(SGD(learningRate: 0.021))),
  ("SGD, rate 0.019", descend(SGD(learningRate: 0.019))),
  ("SGD, momentum 0.9", descend(SGD(learningRate: 0.019, momentum: 0.9))),
  ("Adam, rate 0.1", descend(Adam(learningRate: 0.1))),
]
print("== The valley")
print("loss before step          1         10        30        100")
for (name, losses) in descents {
  let shown = [0, 9, 29, 99].map { String(format: "%10.3g", losses[$0]) }.joined()
  print(name.padding(toLength: 20, withPad: " ", startingAt: 0) + shown)
}

// snippet.first-step
let slopes: [Float] = [1000, 1, -0.001, 1e-6, 1e-9]
var before = Parameters([("w", [5])])
var slope = before.zeros
slope["w"] = try Tensor(shape: [5], values: slopes)
var (byDescent, byAdam) = (before, before)
var (descent, adam) = (SGD(learningRate: 0.01), Adam(learningRate: 0.01))
descent.update(&byDescent, with: slope)
adam.update(&byAdam, with: slope)
// snippet.end

print("== The first step")
print("gradient         change by SGD   change by Adam")
for (index, slope) in slopes.enumerated() {
  let name = "\(slope)".padding(toLength: 13, withPad: " ", startingAt: 0)
  print(
    name + String(format: "%17.3g", Double(byDescent["w"].values[index]))
      + String(format: "%17.6f", Double(byAdam["w"].values[index])))
}

// snippet.by-hand
var (w, m, v) = (0.5, 0.0, 0.0)
let (η, β1, β2, tiny) = (0.01, 0.9, 0.999, 1e-8)
var weight = Parameters([("w", [1])])
weight["w"] = try Tensor(shape: [1], values: [0.5])
var optimizer = Adam(learningRate: 0.01)
var lines: [String] = []
for (t, g) in [(1.0, 0.3), (2.0, -0.1), (3.0, 0.02)] {
  m = β1 * m + (1 - β1) * g
  v = β2 * v + (1 - β2) * g * g
  let (corrected, square) = (m / (1 - pow(β1, t)), v / (1 - pow(β2, t)))
  w -= η * corrected / (square.squareRoot() + tiny)

  var slope = weight.zeros
  slope["w"] = try Tensor(shape: [1], values: [Float(g)])
  optimizer.update(&weight, with: slope)
  lines.append(
    "\(Int(t)) "
      + [g, corrected, square.squareRoot(), w, Double(weight["w"].values[0])].map {
        text($0, 6)
      }.joined())
}
// snippet.end

print("== By hand")
print("t         g        m′       √v′ by hand   library")
for line in lines { print(line) }

// snippet.curves
/// The mean loss of every five batches in one pass over the digits.
func curve(_ name: String, _ optimizer: some Optimizer) throws -> LineChart.Line {
  var (network, optimizer) = (small, optimizer)
  let losses = try digits.training.batches(of: 100, shuffledWith: 0).map { batch in
    Double(try network.train(on: batch, with: &optimizer).loss)
  }
  var points: [(x: Double, y: Double)] = []
  for first in stride(from: 0, to: losses.count, by: 5) {
    points.append((x: Double(first) + 2.5, y: losses[first..<first + 5].reduce(0, +) / 5))
  }
  return LineChart.Line(name, points)
}
// snippet.end

let curves = [
  try curve("SGD 0.1", SGD(learningRate: 0.1)),
  try curve("SGD 1", SGD(learningRate: 1)),
  try curve("SGD 0.1, μ 0.9", SGD(learningRate: 0.1, momentum: 0.9)),
  try curve("Adam 0.001", Adam(learningRate: 0.001)),
  try curve("Adam 0.01", Adam(learningRate: 0.01)),
  try curve("Adam 0.1", Adam(learningRate: 0.1)),
]
print("== Curves")
print("mean loss of batches   0 …  4    45 … 49   95 … 99")
for line in curves {
  let shown = [0, 9, 19].map { text(line.points[$0].y, 3, width: 10) }.joined()
  print(line.name.padding(toLength: 20, withPad: " ", startingAt: 0) + shown)
}
try LineChart(
  title: "Loss of the notebook's network on built-in digits", x: "batch of 100 digits",
  y: "loss in nats", lines: curves
).write(to: "10-loss-and-optimizer-curves.svg")
