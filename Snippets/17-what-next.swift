//! Four beginnings: a cell of your own, a file, an early prediction from a stream, pixels
//! in another order.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func percent(_ fraction: Double) -> String { String(format: "%.1f %%", 100 * fraction) }

// snippet.cell
/// A leaky cell: h' = (1 - α) h + α tanh(W x + U h + b).
struct LeakyCell: RecurrentCell {
  typealias State = ElmanCell.State
  static let name = "leaky"
  let hiddenSize: Int
  let α: Float
  var gates: [GateSource] { [.inputAndHidden] }
  var tapeSize: Int { 0 }
  var hasDirectStatePath: Bool { true }

  func forward(_ step: CellStep) {
    for unit in step.units {
      let (z, h, new) = (
        step.gate(0, unit: unit), step.previous(0, unit: unit), step.next(0, unit: unit)
      )
      step.tanh(z)
      for lane in 0..<step.lanes { new[lane] = (1 - α) * h[lane] + α * z[lane] }
    }
  }

  func backward(_ step: CellStep, _ gradient: CellGradient) {
    for unit in step.units {
      let (z, dh) = (step.gate(0, unit: unit), gradient.hidden(unit: unit, in: step))
      let previous = gradient.previousHidden(unit: unit, in: step)
      for lane in 0..<step.lanes {
        let carried = (1 - α) * dh[lane]
        z[lane] = α * dh[lane] * (1 - z[lane] * z[lane])
        previous[lane] = gradient.isFresh ? carried : previous[lane] + carried
      }
    }
  }
}
// snippet.end

let digits = BuiltInDigits.draw(training: 5_500, validation: 0, test: 2_000)

// snippet.check
let small = SequenceModel(
  .init(
    input: .features(28), layers: [LayerConfiguration(LeakyCell(hiddenSize: 7, α: 0.3))],
    output: .classes(10)))
let batch = digits.training.batch(0..<5)
let gradient = try small.gradient(on: batch).gradient
func loss(_ change: Float, of name: String, at index: Int) throws -> Double {
  var parameters = small.parameters
  var values = parameters[name].values
  values[index] += change
  parameters[name] = try Tensor(shape: parameters[name].shape, values: values)
  return try small.with(parameters).evaluate(on: batch).loss
}
// snippet.end
print("== Own cell, checked")
print("weight                gradient   difference")
for (name, index) in [
  ("weight_ih_l0", 70), ("weight_hh_l0", 3), ("weight_hh_l0", 40), ("bias_ih_l0", 5),
] {
  let slope =
    try (loss(0.01, of: name, at: index) - loss(-0.01, of: name, at: index)) / 0.02
  print(
    "\(name)[\(index)]".padding(toLength: 18, withPad: " ", startingAt: 0)
      + String(format: "%12.5f %12.5f", Double(gradient[name].values[index]), slope))
}

// snippet.train
func train(_ cell: any RecurrentCell) throws -> SequenceModel {
  var network = SequenceModel(
    .init(input: .features(28), layers: [LayerConfiguration(cell)], output: .classes(10)),
    initializer: .keras, seed: 0)
  var optimizer = Adam(learningRate: 0.005)
  for epoch in 0..<3 {
    for batch in digits.training.batches(of: 50, shuffledWith: 0, epoch: epoch) {
      try network.train(on: batch, with: &optimizer)
    }
  }
  return network
}

let cells: [(name: String, cell: any RecurrentCell)] = [
  ("Elman", ElmanCell(hiddenSize: 40)),
  ("leaky, α = 0.3", LeakyCell(hiddenSize: 40, α: 0.3)),
  ("LSTM", LSTMCell(hiddenSize: 40)),
  (
    "LSTM, coupled gates",
    LSTMCell(hiddenSize: 40, options: .init(couplesInputAndForgetGates: true))
  ),
]
// snippet.end
print("== Cells")
var networks: [SequenceModel] = []
for (name, cell) in cells {
  let network = try train(cell)
  networks.append(network)
  let result = try network.evaluate(on: digits.test)
  print(
    name.padding(toLength: 20, withPad: " ", startingAt: 0)
      + String(format: "%6d parameters   ", network.parameters.count)
      + percent(result.accuracy))
}

// snippet.file
let network = networks[2]
let path = FileManager.default.temporaryDirectory.appendingPathComponent(
  "digits-\(UUID()).safetensors"
).path
try network.save(to: path)
let loaded = try SequenceModel(contentsOf: path)
let file = try SafeTensors(contentsOf: path)
try FileManager.default.removeItem(atPath: path)
// snippet.end
print("== A file")
for (name, tensor) in file.tensors.sorted(by: { $0.key < $1.key }) {
  print(name.padding(toLength: 14, withPad: " ", startingAt: 0) + "\(tensor.shape)")
}
try print(
  "the same predictions: \(loaded.logits(for: batch) == network.logits(for: batch))")

// snippet.cut
/// The same LSTM, trained on images that end at a random row, from 14 to 28.
var early = SequenceModel(
  .init(
    input: .features(28), layers: [LayerConfiguration(LSTMCell(hiddenSize: 40))],
    output: .classes(10)), initializer: .keras, seed: 0)
var optimizer = Adam(learningRate: 0.005)
var generator = SplitMix64(seed: 0)
for epoch in 0..<3 {
  for batch in digits.training.batches(of: 50, shuffledWith: 0, epoch: epoch) {
    let lengths = (0..<batch.count).map { _ in 14 + generator.integer(below: 15) }
    let cut = try SequenceBatch(
      batch.inputs, labels: batch.labels, lengths: lengths, classCount: 10)
    try early.train(on: cut, with: &optimizer)
  }
}
// snippet.end

// snippet.stream
/// Reads the rows of an image as they come, and predicts as soon as the probability of a
/// class reaches the limit, after row 14 at the earliest.
func read(
  _ rows: [[Float]], with model: SequenceModel, until limit: Float
) throws -> (prediction: Int, rows: Int) {
  var stream = try model.makeStream()
  var prediction = 0
  for row in rows {
    try stream.step(row)
    let probabilities = stream.probabilities
    prediction =
      probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
    if probabilities[prediction] >= limit && stream.stepCount >= 14 { break }
  }
  return (prediction, stream.stepCount)
}
// snippet.end
print("== Early predictions")
print("               whole images only     also beginnings")
print("probability    rows read   correct   rows read   correct")
let images = (0..<1_000).map { index in
  let pixels = digits.test.batch([index]).inputs.values
  return stride(from: 0, to: 784, by: 28).map { Array(pixels[$0..<$0 + 28]) }
}
let labels = digits.test.labels.prefix(1_000).map(Int.init)
let models = [network, early]
let limits: [(name: String, limit: Float)] = [
  ("0.7", 0.7), ("0.9", 0.9), ("0.99", 0.99), ("to the end", 2),
]
for (name, limit) in limits {
  var line = name.padding(toLength: 12, withPad: " ", startingAt: 0)
  for model in models {
    let readings = try images.map { try read($0, with: model, until: limit) }
    let rows = Double(readings.reduce(0) { $0 + $1.rows }) / 1_000
    let correct = Double(zip(readings, labels).count { $0.prediction == $1 }) / 1_000
    line += String(format: "%10.1f   ", rows) + percent(correct) + "   "
  }
  print(line)
}

// snippet.rows
/// The accuracy for images that end after each row.
func accuracies(_ network: SequenceModel) throws -> [(x: Double, y: Double)] {
  let steps = try network.probabilitiesOverTime(for: digits.test.batch(0..<1_000)).steps
  return steps.indices.map { step in
    (
      x: Double(step + 1),
      y: Double(SoftmaxCrossEntropy().accuracy(steps[step], labels))
    )
  }
}
// snippet.end
try LineChart(
  title: "Accuracy of two networks after each row", x: "rows read",
  y: "accuracy",
  lines: [
    LineChart.Line("whole images only", accuracies(network)),
    LineChart.Line("also beginnings", accuracies(early)),
  ]
).write(to: "17-what-next-rows.svg")

// snippet.pixels
let pixels = PixelOrder.pixels(digits.training)
let shuffled = PixelOrder.permuted(seed: 0)(digits.training)
// snippet.end
print("== Pixels")
print("rows         \(digits.training.stepCount) steps of \(digits.training.inputSize)")
print("pixels       \(pixels.stepCount) steps of \(pixels.inputSize)")
print(
  "permuted     \(shuffled.stepCount) steps of \(shuffled.inputSize), each image in the "
    + "same random order"
)
