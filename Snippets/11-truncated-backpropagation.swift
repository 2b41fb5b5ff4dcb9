//! Backpropagation that looks back k steps: when it truncates, what that costs, and how
//! wrong its gradient is.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func number(_ value: Double, _ decimals: Int = 3) -> String {
  String(format: "%.\(decimals)f", value)
}

/// Cells of a table, aligned to the right.
func row(_ cells: String..., width: Int = 14) -> String {
  cells.map { String(repeating: " ", count: max(0, width - $0.count)) + $0 }.joined()
}

// snippet.gradient
/// The gradient of all weights: the sum of those of the windows, which run one after
/// the other.
func gradient(
  _ stack: RecurrentStack, _ inputs: Tensor, _ outputGradient: Tensor, window: Int
) -> Parameters {
  var truncation = TruncatedBackpropagation(window: window)
  var sum = stack.parameters.zeros
  for window in truncation.windows(of: inputs) {
    let (_, tape) = truncation.forward(window.inputs, through: stack)
    let slope = outputGradient.steps(window.steps)
    sum = sum + stack.gradients(tape, outputs: slope).parameters
  }
  return sum
}
// snippet.end

/// The cosine of the angle to the true gradient, and the length of the difference,
/// relative to the length of the true gradient.
func compare(_ gradient: Parameters, to full: Parameters) -> (
  cosine: Double, difference: Double
) {
  let product = zip(gradient.values, full.values).reduce(0) {
    $0 + Double($1.0) * Double($1.1)
  }
  return (
    gradient.norm == 0 ? 0 : product / (gradient.norm * full.norm),
    (gradient - full).norm / full.norm
  )
}

// snippet.notebook
let batch = BuiltInDigits.draw(training: 100, validation: 0, test: 0).training.wholeBatch
let network = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
let (outputs, _, tape) = network.stack.forward(batch.inputs)
let last = outputs.last()
let lossGradient = SoftmaxCrossEntropy()(network.head(last), batch.labels).gradient
let lastGradient = network.head.gradients(inputs: last, outputGradient: lossGradient)
  .inputs
var outputGradient = Tensor(zeros: outputs.shape)
for image in 0..<100 {
  for unit in 0..<20 { outputGradient[image, 27, unit] = lastGradient[image, unit] }
}
let full = network.stack.gradients(tape, outputs: outputGradient).parameters
// snippet.end

print("== The notebook")
print(row("window", "windows", "the same bits", "cosine", "difference"))
for window in [28, 14, 7] {
  let found = gradient(network.stack, batch.inputs, outputGradient, window: window)
  let (cosine, difference) = compare(found, to: full)
  print(
    row(
      "\(window)", "\(28 / window)", found == full ? "yes" : "no", number(cosine),
      number(difference)))
}

// snippet.stream
let distance = 20
let period = 25
let streamCount = 50

/// Streams in which a sign comes every 25 steps, +1 or -1, and 20 steps after it the
/// question which sign it was.
func draw(steps: Int, seed: UInt64) -> (inputs: Tensor, labels: [[Int?]]) {
  var generator = SplitMix64(seed: seed)
  var inputs = Tensor(zeros: [streamCount, steps, 2])
  var labels = [[Int?]](
    repeating: Array(repeating: nil, count: steps), count: streamCount)
  for stream in 0..<streamCount {
    for step in 0..<steps - distance where (step + stream).isMultiple(of: period) {
      let label = generator.integer(below: 2)
      inputs[stream, step, 0] = label == 1 ? 1 : -1
      inputs[stream, step + distance, 1] = 1
      labels[stream][step + distance] = label
    }
  }
  return (inputs, labels)
}
// snippet.end

// snippet.loss
/// The mean loss over the questions in a range of steps, with its gradients with respect
/// to the outputs and to the head.
func loss(
  _ outputs: Tensor, _ labels: [[Int?]], from first: Int, _ head: Dense
) throws -> (loss: Float, outputs: Tensor, head: Parameters) {
  let (steps, units) = (outputs.shape[1], outputs.shape[2])
  var asked: [(row: Int, label: Int)] = []
  for stream in 0..<streamCount {
    for step in 0..<steps {
      if let label = labels[stream][first + step] {
        asked.append((stream * steps + step, label))
      }
    }
  }
  let features = try Tensor(
    shape: [asked.count, units],
    values: asked.flatMap { question in
      (0..<units).map { outputs.values[question.row * units + $0] }
    })
  let (loss, slope) = SoftmaxCrossEntropy()(head(features), asked.map(\.label))
  let back = head.gradients(inputs: features, outputGradient: slope)
  var gradient = Tensor(zeros: [streamCount * steps, units])
  for (index, question) in asked.enumerated() {
    for unit in 0..<units { gradient[question.row, unit] = back.inputs[index, unit] }
  }
  return (loss, gradient.reshaped(streamCount, steps, units), back.parameters)
}
// snippet.end

// snippet.train
/// Trains a small Elman network on streams, window by window, and returns it with the
/// loss of each window.
func train(window: Int, steps: Int) throws -> (
  stack: RecurrentStack, head: Dense, losses: [(step: Int, loss: Float)]
) {
  let (inputs, labels) = draw(steps: steps, seed: 1)
  var stack = RecurrentStack(
    inputSize: 2, ElmanCell(hiddenSize: 16), initializer: .keras, seed: 0)
  var head = Dense(
    weight: Tensor(zeros: [2, 16]), bias: Tensor(zeros: [2]))
  var optimizer = Adam(learningRate: 0.01)
  var truncation = TruncatedBackpropagation(window: window)
  var losses: [(Int, Float)] = []
  for window in truncation.windows(of: inputs) {
    let (outputs, tape) = truncation.forward(window.inputs, through: stack)
    let back = try loss(outputs, labels, from: window.steps.lowerBound, head)
    let gradient = stack.gradients(tape, outputs: back.outputs).parameters
    optimizer.update(&stack, &head, with: gradient, back.head)
    losses.append((window.steps.lowerBound, back.loss))
  }
  return (stack, head, losses)
}
// snippet.end

let windows = [5, 10, 20, 25, 40, 100]
let steps = 4_000
print("== Learning")
print(row("window", "0 … 499", "1,500 … 1,999", "3,500 … 3,999"))
var lines: [LineChart.Line] = []
for window in windows {
  let losses = try train(window: window, steps: steps).losses
  func mean(_ range: Range<Int>) -> Double {
    let shown = losses.filter { range.contains($0.step) && $0.loss > 0 }.map {
      Double($0.loss)
    }
    return shown.reduce(0, +) / Double(shown.count)
  }
  print(
    row(
      "\(window)", number(mean(0..<500)), number(mean(1_500..<2_000)),
      number(mean(3_500..<4_000))))
  let points = stride(from: 0, to: steps, by: 200).map {
    (x: Double($0) + 100, y: mean($0..<$0 + 200))
  }
  lines.append(LineChart.Line("k = \(window)", points))
}
try LineChart(
  title: "Loss when a sign has to be remembered for 20 steps: windows of k steps",
  x: "step of the streams", y: "loss in nats",
  lines: lines
).write(to: "11-truncated-backpropagation-learning.svg")

// snippet.bias
let (inputs, labels) = draw(steps: 200, seed: 2)
let fresh = RecurrentStack(
  inputSize: 2, ElmanCell(hiddenSize: 16), initializer: .keras, seed: 0)
let head = Dense(inputSize: 16, outputSize: 2, initializer: .keras, seed: 0)
let slope = try loss(fresh(inputs).outputs, labels, from: 0, head).outputs
let whole = gradient(fresh, inputs, slope, window: 200)
// snippet.end

/// The length of the gradient of the weights that read the sign: the first column of W.
func signPart(_ gradient: Parameters) -> Double {
  let weight = gradient["weight_ih_l0"]
  return (0..<16).reduce(0) { $0 + Double(weight[$1, 0] * weight[$1, 0]) }.squareRoot()
}

print("== Bias")
print(row("window", "cosine", "difference", "of the sign"))
var cosines: [(x: Double, y: Double)] = []
var signs: [(x: Double, y: Double)] = []
for window in [1, 2, 5, 10, 15, 20, 21, 25, 30, 40, 60, 100, 150, 200] {
  let found = gradient(fresh, inputs, slope, window: window)
  let (cosine, difference) = compare(found, to: whole)
  let sign = signPart(found) / signPart(whole)
  print(
    row("\(window)", number(cosine), number(difference), sign == 0 ? "0" : number(sign)))
  cosines.append((x: Double(window), y: cosine))
  signs.append((x: Double(window), y: sign))
}
try LineChart(
  title: "Gradient of windows of k steps, relative to the full gradient", x: "window k",
  y: "cosine, or fraction of the length",
  lines: [
    LineChart.Line("cosine", cosines), LineChart.Line("weights of the sign", signs),
  ]
).write(to: "11-truncated-backpropagation-bias.svg")

// snippet.whole
let longer = gradient(fresh, inputs, slope, window: 1_000)
// snippet.end
print("== Whole")
print(
  "a window of 1,000 on 200 steps gives "
    + "\(whole == longer ? "the same bits" : "other bits") as one of 200"
)
