//! Which digits a network takes for which, and the mistakes with the largest loss.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func percent(_ fraction: Double) -> String { String(format: "%.1f %%", 100 * fraction) }

/// Cells of a table, aligned to the right.
func row(_ cells: [String], width: Int = 6) -> String {
  cells.map { String(repeating: " ", count: max(0, width - $0.count)) + $0 }.joined()
}

// snippet.train
/// The notebook's network, trained as the notebook trains it.
func train(on training: SequenceDataset) throws -> SequenceModel {
  var network = SequenceModel(
    .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)),
    seed: 0)
  var optimizer = Adam(learningRate: 0.01)
  for epoch in 0..<4 {
    for batch in training.batches(of: 100, shuffledWith: 0, epoch: epoch) {
      try network.train(on: batch, with: &optimizer)
    }
  }
  return network
}
// snippet.end

/// Everything this page shows, of one network and its test images.
func explain(
  _ network: SequenceModel, _ test: SequenceDataset, of name: String, mark: String
) throws {
  let figure = "13-the-confusion-matrix-"
  // snippet.confusion
  let predictions = try network.predictions(on: test)
  let confusion = predictions.confusion
  // snippet.end
  print("== The matrix\(mark)")
  print("true   predicted")
  print(row([""] + (0..<10).map { "\($0)" }))
  for truth in 0..<10 {
    print(
      row(["\(truth)"] + (0..<10).map { "\(confusion[truth: truth, prediction: $0])" }))
  }
  print("correct: \(confusion.correct) of \(confusion.count)")
  try ConfusionMatrixChart(
    title: "Confusion matrix of \(name): true digit against prediction",
    labels: (0..<10).map { "\($0)" },
    counts: confusion.counts, counted: "images"
  ).write(to: figure + "matrix\(mark.isEmpty ? "" : "-mnist").svg")

  // snippet.recall
  let recalls = (0..<10).map { confusion.recall(of: $0) ?? 0 }
  let precisions = (0..<10).map { confusion.precision(of: $0) ?? 0 }
  // snippet.end
  print("== Recall and precision\(mark)")
  print(row(["digit", "recall", "precision"], width: 12))
  for digit in 0..<10 {
    print(
      row(["\(digit)", percent(recalls[digit]), percent(precisions[digit])], width: 12))
  }

  // snippet.confusions
  let most = confusion.confusions.prefix(6)
  let share =
    Double(most.reduce(0) { $0 + $1.count }) / Double(confusion.count - confusion.correct)
  // snippet.end
  print("== Most frequent\(mark)")
  for (truth, prediction, count) in most {
    print("\(truth) taken for \(prediction): \(count)")
  }
  print(
    "These six are \(percent(share)) of all \(confusion.count - confusion.correct) "
      + "mistakes."
  )

  // snippet.mistakes
  let mistakes = predictions.mistakes(count: 12)
  let items = mistakes.map { mistake in
    ImageGrid.Item(
      pixels: test.batch([mistake.index]).inputs.values, width: 28,
      caption: "\(mistake.label), predicted \(mistake.prediction)\n"
        + "with \(percent(mistake.probability))"
    )
  }
  // snippet.end
  print("== Largest loss\(mark)")
  for mistake in mistakes.prefix(4) {
    print(
      "image \(mistake.index): \(mistake.label) taken for \(mistake.prediction), "
        + "probability \(percent(mistake.probability)), "
        + String(format: "loss %.2f nats", mistake.loss))
  }
  try ImageGrid(
    title: "Misclassified \(name), largest loss first", items: items, columns: 4
  )
  .write(to: figure + "mistakes\(mark.isEmpty ? "" : "-mnist").svg")

  // snippet.reading
  let worst = mistakes[0]
  let image = test.batch([worst.index]).inputs.values
  let reading = try network.trace(image)
  // snippet.end
  print("== Reading\(mark)")
  for step in [9, 14, 19, 27] {
    let classes = reading.probabilities[step]
    let best = classes.indices.max { classes[$0] < classes[$1] } ?? 0
    print(
      "after row \(step + 1): \(best) with \(percent(Double(classes[best]))), "
        + "true class \(worst.label) with \(percent(Double(classes[worst.label])))")
  }
  try DigitReadingPicture(
    title: "Probabilities row by row: a \(worst.label) classified as \(worst.prediction)",
    pixels: image,
    width: 28,
    panels: [],
    probabilities: reading.probabilities, truth: worst.label
  ).write(to: figure + "reading\(mark.isEmpty ? "" : "-mnist").svg")

  // snippet.calibration
  let judged = try predictions.labels.indices.map {
    index -> (probability: Double, isCorrect: Bool) in
    let classes = try Tensor.softmax(
      Tensor(
        shape: [10],
        values: Array(predictions.logits.values[index * 10..<index * 10 + 10])))
    return (
      Double(classes.values.max() ?? 0),
      predictions.classes[index] == predictions.labels[index]
    )
  }
  // snippet.end
  print("== Calibration\(mark)")
  print(row(["probability", "images", "mean", "correct"], width: 16))
  for (low, high) in [(0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.99), (0.99, 1.1)] {
    let group = judged.filter { $0.probability >= low && $0.probability < high }
    let mean = group.reduce(0) { $0 + $1.probability } / Double(group.count)
    let correct = Double(group.count { $0.isCorrect }) / Double(group.count)
    print(
      row(
        [
          "\(Int(100 * low)) … \(min(100, Int(100 * high))) %", "\(group.count)",
          percent(mean), percent(correct),
        ],
        width: 16))
  }
  let high = judged.filter { $0.probability >= 0.9 }
  let correct = Double(high.count { $0.isCorrect }) / Double(high.count)
  print(
    "of the \(high.count) predictions of 90 % or more, \(percent(correct)) are correct"
  )
}

let digits = BuiltInDigits.draw(training: 11_000, validation: 0)
try explain(train(on: digits.training), digits.test, of: "built-in digits", mark: "")
if let mnist = try? await MNIST.load(downloading: false) {
  try explain(train(on: mnist.training), mnist.test, of: "MNIST's digits", mark: " MNIST")
}
