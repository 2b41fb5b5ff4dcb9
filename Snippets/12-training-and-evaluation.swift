//! A whole training run, and how much its result can be trusted.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func number(_ value: Double, _ decimals: Int = 3) -> String {
  String(format: "%.\(decimals)f", value)
}
func percent(_ fraction: Double, _ decimals: Int = 2) -> String {
  number(100 * fraction, decimals) + " %"
}

/// Cells of a table, aligned to the right.
func row(_ cells: String..., width: Int = 12) -> String {
  cells.map { String(repeating: " ", count: max(0, width - $0.count)) + $0 }.joined()
}

// snippet.run
let digits = BuiltInDigits.draw(training: 11_000, validation: 1_000)
var network = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
var optimizer = Adam(learningRate: 0.01)
let training = TrainingLoop(epochs: 4, batchSize: 100, shuffleSeed: 0)

print("== The run")
print(row("epoch", "steps", "training", "validation", "accuracy"))
var losses: [Float] = []
_ = training.run(
  &network, optimizer: &optimizer, training: digits.training,
  validation: digits.validation
) { event in
  switch event {
  case .step(_, _, let result, _, _): losses.append(result.loss)
  case .epochEnded(let epoch, let steps, _, let validation, _):
    let mean = Double(losses.suffix(110).reduce(0, +)) / 110
    print(
      row(
        "\(epoch)", "\(steps)", number(mean), number(validation.loss),
        percent(validation.accuracy, 1)))
  default: break
  }
  return true
}
// snippet.end

// snippet.test
let result = try network.evaluate(on: digits.test)
// snippet.end
print("== The test")
print("loss      \(number(result.loss, 4)) nats")
print("accuracy  \(percent(result.accuracy)), \(result.correct) of \(result.count)")
print(
  "interval  \(percent(result.interval.lowerBound)) … "
    + "\(percent(result.interval.upperBound))"
)

// snippet.before-after
var fresh = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
var freshOptimizer = Adam(learningRate: 0.01)
let pairs = try digits.training.batches(of: 100, shuffledWith: 0)[..<51].map { batch in
  let before = try fresh.train(on: batch, with: &freshOptimizer)
  return (before: before, after: try fresh.evaluate(on: batch))
}
// snippet.end
print("== Before and after")
print(row("batch", "loss before", "after", "  accuracy before", "after"))
for index in [0, 1, 2, 10, 25, 50] {
  let (before, after) = pairs[index]
  print(
    row(
      "\(index)", number(Double(before.loss)), number(after.loss),
      "\(percent(Double(before.accuracy), 0))")
      + row(percent(after.accuracy, 0), width: 17))
}
let falls = pairs.map { Double($0.before.loss) - $0.after.loss }
print(
  "the loss after is lower by \(number(falls.reduce(0, +) / Double(falls.count))) in "
    + "the mean of 51 batches"
)

/// How the accuracies on 100 hundreds of test images are distributed, and how many of
/// their intervals contain the accuracy on all.
func hundreds(
  _ network: SequenceModel, _ test: SequenceDataset, figure: String, of name: String
) throws {
  // snippet.hundreds
  let whole = try network.evaluate(on: test)
  let hundreds = try test.batches(of: 100).map { try network.evaluate(on: $0) }
  let deviation = (hundreds.reduce(0) { $0 + pow($1.accuracy - whole.accuracy, 2) } / 100)
    .squareRoot()
  let expected = (whole.accuracy * (1 - whole.accuracy) / 100).squareRoot()
  let containing = hundreds.count { $0.interval.contains(whole.accuracy) }
  // snippet.end
  let correct = hundreds.map(\.correct)
  let (worst, best) = (correct.min() ?? 0, correct.max() ?? 0)
  print("all 10,000          \(percent(whole.accuracy))")
  print("worst hundred       \(worst) %")
  print("best hundred        \(best) %")
  print("deviation           \(percent(deviation))")
  print("√(p (1 - p) / n)    \(percent(expected))")
  print("intervals of 100 images that contain the accuracy of all: \(containing) of 100")
  try BarChart(
    title: "Accuracy of one network on a hundred batches of 100 \(name)",
    y: "number of batches",
    labels: (worst...best).map { "\($0) correct" },
    values: (worst...best).map { found in Double(correct.count { $0 == found }) },
    marked: Int((100 * whole.accuracy).rounded()) - worst
  ).write(to: figure)
}

print("== Hundreds")
try hundreds(
  network, digits.test, figure: "12-training-and-evaluation-hundreds.svg",
  of: "built-in digits")

// snippet.peeking
let peeked = digits.test.batch(0..<100)
let rest = digits.test[100..<10_000]
var (cheat, cheatOptimizer) = (network, optimizer)
print("== Peeking")
print(row("updates", "these 100", "the others"))
for updates in 0...20 {
  if [0, 1, 5, 20].contains(updates) {
    try print(
      row(
        "\(updates)", number(cheat.evaluate(on: peeked).loss),
        number(cheat.evaluate(on: rest).loss)))
  }
  try cheat.train(on: peeked, with: &cheatOptimizer)
}
// snippet.end

// snippet.seeds
let half = digits.training[0..<5_500]

/// The accuracy after one epoch; the seed determines the initialization and the order of
/// the images.
func accuracy(seed: UInt64, learningRate: Float) throws -> Double {
  var network = SequenceModel(
    .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)),
    seed: seed)
  var optimizer = Adam(learningRate: learningRate)
  for batch in half.batches(of: 100, shuffledWith: seed) {
    try network.train(on: batch, with: &optimizer)
  }
  return try network.evaluate(on: digits.validation).accuracy
}
let rates: [Float] = [0.01, 0.02]
let groups = try rates.map { rate in
  try SpreadChart.Group(
    "rate \(rate)", (0..<5).map { try accuracy(seed: $0, learningRate: rate) })
}
// snippet.end
print("== Seeds")
for group in groups {
  let mean = group.values.reduce(0, +) / 5
  let deviation = (group.values.reduce(0) { $0 + pow($1 - mean, 2) } / 4).squareRoot()
  let each = group.values.map { percent($0, 1) }.joined(separator: "  ")
  print(
    group.name.padding(toLength: 12, withPad: " ", startingAt: 0)
      + "\(percent(mean, 1)) ± \(percent(deviation, 1))   \(each)")
}
try SpreadChart(
  title: "Validation accuracy after one epoch on 5,500 digits, five seeds each",
  x: "validation accuracy",
  groups: groups
)
.write(to: "12-training-and-evaluation-seeds.svg")

// snippet.early
let few = digits.training[0..<300]
let stopping = TrainingLoop(
  epochs: 30, batchSize: 20,
  options: .init(earlyStopping: EarlyStopping(measure: .loss, patience: 30)))
var last: SequenceModel?
var kept = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
var keptOptimizer = Adam(learningRate: 0.01)
var bestEpoch = 0
var (seen, unseen) = ([(x: Double, y: Double)](), [(x: Double, y: Double)]())
_ = try stopping.run(
  &kept, optimizer: &keptOptimizer, training: few, validation: digits.validation
) { event in
  if case .epochEnded(let epoch, _, let network, let validation, _) = event {
    last = network
    seen.append((x: Double(epoch + 1), y: try network.evaluate(on: few).loss))
    unseen.append((x: Double(epoch + 1), y: validation.loss))
  }
  if case .improved(let steps, _, _) = event { bestEpoch = steps / 15 }
  return true
}
// snippet.end
print("== Early stopping")
print(row("", "epoch", "training", "validation", "test", "accuracy"))
for (name, epoch, network) in [("best", bestEpoch, kept), ("last", 30, last ?? kept)] {
  let test = try network.evaluate(on: digits.test)
  try print(
    row(
      name, "\(epoch)", number(network.evaluate(on: few).loss),
      number(network.evaluate(on: digits.validation).loss),
      number(test.loss), percent(test.accuracy)))
}
try LineChart(
  title: "Loss while learning from 300 digits", x: "epoch", y: "loss in nats",
  lines: [LineChart.Line("training", seen), LineChart.Line("validation", unseen)]
).write(to: "12-training-and-evaluation-early-stopping.svg")

if let mnist = try? await MNIST.load(downloading: false) {
  var network = SequenceModel(
    .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)),
    seed: 0)
  var optimizer = Adam(learningRate: 0.01)
  try training.run(
    &network, optimizer: &optimizer, training: mnist.training,
    validation: mnist.validation)
  let result = try network.evaluate(on: mnist.test)
  print("== The test MNIST")
  print("accuracy  \(percent(result.accuracy)), \(result.correct) of \(result.count)")
  print(
    "interval  \(percent(result.interval.lowerBound)) … "
      + "\(percent(result.interval.upperBound))"
  )
  for (name, half) in [
    ("first", mnist.test[0..<5_000]), ("last", mnist.test[5_000..<10_000]),
  ] {
    try print("the \(name) 5,000 alone: \(percent(network.evaluate(on: half).accuracy))")
  }
  print("== Hundreds MNIST")
  try hundreds(
    network, mnist.test, figure: "12-training-and-evaluation-hundreds-mnist.svg",
    of: "images of MNIST")
}
