//! A digit as a sequence: 28 steps of 28 pixels, 784 steps of one pixel, and the same in
//! other orders.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

// snippet.digit
let digits = BuiltInDigits.draw(training: 5_000, validation: 0, test: 2_000)
let image = digits.training.batch([11]).inputs  // one sequence, 28 steps, 28 features
let label = digits.training.labels[11]
// snippet.end

print("== A digit")
print("label \(label)")
// snippet.print
let shades = Array(" .:-=+*#%@")
for step in 0..<28 {
  let row = (0..<28).map { image[0, step, $0] }
  let drawn = String(row.map { shades[Int($0 * 9)] })
  print(
    String(format: "step %2d  brightness %.3f  ", step, row.reduce(0, +) / 28) + drawn)
}
// snippet.end

print("== Shapes")
// snippet.batch
let batch = digits.training.batches(of: 100)[0]
let pixels = PixelOrder.pixels(digits.training).batches(of: 100)[0]
print("read by rows:    ", batch.inputs.shape, " one digit:", image.shape)
print("read by pixels:  ", pixels.inputs.shape)
print(
  String(
    format: "sequence 11, step 10, feature 15, read by rows:   %.4f",
    batch.inputs[11, 10, 15]))
print(
  String(
    format: "sequence 11, step 10 · 28 + 15, read by pixels:   %.4f",
    pixels.inputs[11, 10 * 28 + 15, 0]))
// snippet.end

// snippet.orders
/// The digits with their pixels in another order: the new pixel i is the old pixel
/// order(i).
func reordered(_ data: SequenceDataset, by order: (Int) -> Int) -> SequenceDataset {
  data.reordered(by: (0..<784).map { Int32(order($0)) })
}
var generator = SplitMix64(seed: 1)
let shuffled = generator.permutation(of: 28).map { Int($0) }
let orders: [(name: String, order: (Int) -> Int)] = [
  ("top to bottom", { $0 }),
  ("bottom to top", { (27 - $0 / 28) * 28 + $0 % 28 }),
  ("left to right", { $0 % 28 * 28 + $0 / 28 }),
  ("rows shuffled", { shuffled[$0 / 28] * 28 + $0 % 28 }),
  ("all shuffled", { [p = generator.permutation(of: 784)] in Int(p[$0]) }),
]
// snippet.end

// snippet.train
func train(on data: SequenceDataset) throws -> SequenceModel {
  var network = SequenceModel(
    .init(input: .features(28), layers: .lstm(20), output: .classes(10)), seed: 0)
  var optimizer = Adam(learningRate: 0.01)
  for epoch in 0..<8 {
    for batch in data.batches(of: 100, shuffledWith: 0, epoch: epoch) {
      try network.train(on: batch, with: &optimizer)
    }
  }
  return network
}
// snippet.end

print("== Orders")
// snippet.table
let networks = try orders.map { try train(on: reordered(digits.training, by: $0.order)) }
print("order of steps    trained and tested in it    trained top to bottom")
for ((name, order), network) in zip(orders, networks) {
  let test = reordered(digits.test, by: order)
  let (own, usual) = try (network.evaluate(on: test), networks[0].evaluate(on: test))
  let padded = name.padding(toLength: 14, withPad: " ", startingAt: 0)
  print(
    padded
      + String(format: "%14.1f %%%25.1f %%", 100 * own.accuracy, 100 * usual.accuracy))
}
// snippet.end

// The pictures.
let read = [7, 14, 21, 28].map { count in
  ImageGrid.Item(
    pixels: image.values.enumerated().map { $0 < count * 28 ? $1 : 0 }, width: 28,
    caption: "after \(count) steps")
}
try ImageGrid(title: "A digit as it is read", items: read, columns: 4).write(
  to: "01-sequences-reading.svg")

let examples = [1, 7, 0].compactMap { digit in
  digits.training.labels.firstIndex { $0 == digit }
}
let brightness = examples.map { index in
  let rows = digits.training.batch([index]).inputs
  return LineChart.Line(
    "a \(digits.training.labels[index])",
    (0..<28).map { step in
      (Double(step), (0..<28).reduce(0.0) { $0 + Double(rows[0, step, $1]) } / 28)
    })
}
try LineChart(
  title: "Three digits over time", x: "step", y: "mean brightness of the row",
  lines: brightness
)
.write(to: "01-sequences-brightness.svg")

let turned = orders.map { name, order in
  ImageGrid.Item(
    pixels: reordered(digits.training[11..<12], by: order).wholeBatch.inputs.values,
    width: 28, caption: name)
}
try ImageGrid(
  title: "One digit in five orders, the first step on top", items: turned, columns: 3
)
.write(to: "01-sequences-orders.svg")
