//! The notebook, cell by cell.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func number(_ value: some BinaryFloatingPoint, _ decimals: Int = 4) -> String {
  String(format: "%.\(decimals)f", Double(value))
}

// snippet.data
let digits = BuiltInDigits.draw(training: 11_000, validation: 1_000)
let inputs = digits.training.batch(0..<100).inputs
let labels = digits.training.batch(0..<100).labels
// snippet.end
print("== Data")
print(
  "training    \(digits.training.count) images, validation \(digits.validation.count), "
    + "test \(digits.test.count)"
)
print("inputs      \(inputs.shape)")
print("labels      \(labels.prefix(5))")
print("one-hot     \(digits.training[0..<100].oneHotLabels.shape)")

// snippet.settings
let rate: Float = 0.01
let epochs = 4
let batchSize = 100
let hiddenSize = 20
// snippet.end

// snippet.static
let stack = RecurrentStack(inputSize: 28, layers: .lstm(hiddenSize, count: 3), seed: 0)
let (outputs, finalState) = stack(inputs)
let list = stack.unrolled(inputs.steps)
// snippet.end
print("== Two forms")
print("one tensor   \(outputs.shape)")
print("a list       \(list.outputs.count) tensors \(list.outputs[0].shape)")
print("the same     \(Tensor.stackingSteps(list.outputs) == outputs)")

// snippet.lengths
let lengths = (0..<100).map { 28 - $0 % 9 }
let (ragged, raggedState) = stack(inputs, lengths: lengths)
let shorter = stack(inputs.steps(0..<20))
// snippet.end
print("== Lengths")
print("shorter sequences   \(shorter.outputs.shape)")
let alone = try stack(
  Tensor(shape: [1, 20, 28], values: Array(inputs.values[8 * 784..<8 * 784 + 560])))
let hidden = Array(raggedState[2].hidden.values[8 * hiddenSize..<9 * hiddenSize])
print(
  "sequence 8, of length \(lengths[8]): as if it were run alone: "
    + "\(hidden == alone.finalState[2].hidden.values)"
)

print("== Weights")
for entry in stack.parameters.entries {
  let shape = "\(entry.shape)".padding(toLength: 10, withPad: " ", startingAt: 0)
  print(
    entry.name.padding(toLength: 14, withPad: " ", startingAt: 0) + shape
      + String(format: "%5d", entry.count))
}
let elman = RecurrentStack(inputSize: 28, layers: .elman(hiddenSize, count: 3))
print("the formula's network would have  \(elman.parameters.count)")
print(
  "this one has                      \(stack.parameters.count), and "
    + "\(hiddenSize * 10 + 10) more in the head"
)
let isShared = stack.parameters["weight_hh_l1"] == stack.parameters["weight_hh_l2"]
print("layers 2 and 3 share weights:     \(isShared)")

// snippet.last
let last = outputs.last()
let top = finalState[2].hidden
// snippet.end
print("== Last outputs")
print("last outputs and final state are the same: \(last == top)")

// snippet.gather
let gathered = ragged.steps[27]
let correct = ragged.last(lengths: lengths)
// snippet.end
print("== Gathered")
print("sequence 8, of length 20")
print(
  "step 28 of the outputs: "
    + "\((0..<3).map { number(gathered[8, $0]) }.joined(separator: ", ")), …"
)
print(
  "its own last step:      "
    + "\((0..<3).map { number(correct[8, $0]) }.joined(separator: ", ")), …"
)
try UnrolledNetworkDiagram(
  title: "Three layers over the rows of an image", steps: 4, layers: 3
)
.write(to: "18-the-notebook-unrolled.svg")
try TensorSliceDiagram(
  title: "The last output of each image", batch: 100, steps: 28, features: hiddenSize
)
.write(to: "18-the-notebook-last.svg")

// snippet.head
let head = Dense(inputSize: hiddenSize, outputSize: 10, seed: 1)
let logits = head(last)
let (loss, gradient) = SoftmaxCrossEntropy()(logits, labels)
let accuracy = SoftmaxCrossEntropy().accuracy(logits, labels)
// snippet.end
print("== Logits")
print(
  "logits \(logits.shape), loss \(number(loss)), accuracy \(number(accuracy, 2)), "
    + "gradient \(gradient.shape)"
)

/// Trains and tests as the notebook does, without its mistakes; returns the losses of
/// the batches after their updates.
func run(
  _ data: DigitData, mark: String, logEvery: Int
) throws -> [(x: Double, y: Double)] {
  var after: [(x: Double, y: Double)] = []
  print("== Training\(mark)")
  // snippet.train
  var network = SequenceModel(
    .init(
      input: .features(28), layers: .lstm(hiddenSize, count: 3), output: .classes(10)),
    initializer: .tensorFlow1, seed: 0)
  var optimizer = Adam(learningRate: rate)
  for epoch in 0..<epochs {
    print("Epoch: ", epoch)
    for (index, batch) in data.training.batches(
      of: batchSize, shuffledWith: 0, epoch: epoch
    ).enumerated() {
      let step = try network.train(on: batch, with: &optimizer)
      if index.isMultiple(of: logEvery) {
        print(
          "Minibatch loss: \(number(step.loss))  Accuracy: \(number(step.accuracy, 2))")
        after.append(
          (x: Double(optimizer.stepCount - 1), y: try network.evaluate(on: batch).loss))
      }
    }
  }
  // snippet.end
  print("The first batch after its update: \(number(after[0].y))")
  print("== Test\(mark)")
  // snippet.test
  let result = try network.evaluate(on: data.test)
  let (low, high) = (100 * result.interval.lowerBound, 100 * result.interval.upperBound)
  print("Loss on test set:     \(number(result.loss))")
  print(
    "Accuracy on test set: \(number(result.accuracy))  (\(result.correct) of "
      + "\(result.count))"
  )
  print("95 % interval:        \(number(low, 2)) … \(number(high, 2)) %")
  // snippet.end
  let firstHundred = try network.evaluate(on: data.test[0..<100])
  print("The first 100 alone:  \(number(firstHundred.accuracy, 2))")
  return after
}

_ = try run(digits, mark: "", logEvery: 50)
if let mnist = try? await MNIST.load(downloading: false) {
  let ours = try run(mnist, mark: " MNIST", logEvery: 100)
  // The losses in the notebook's stored output, in their order.
  let theirs = [
    2.35251, 0.504062, 0.324097, 0.194671, 0.0865606, 0.140195, 0.124076, 0.0696919,
    0.098697, 0.0694356, 0.0907172,
    0.0110981, 0.0895157, 0.0611437, 0.182449, 0.0999113, 0.0848051, 0.0522574, 0.0710386,
    0.0692343, 0.070002,
    0.0168356, 0.0741237,
  ]
  var points: [(x: Double, y: Double)] = []
  // Six lines for each epoch of 550 batches.
  for (index, loss) in theirs.enumerated() {
    points.append((x: Double(index / 6 * 550 + index % 6 * 100), y: loss))
  }
  try LineChart(
    title: "Loss on MNIST: the log of the notebook and that of Recurrent", x: "batch",
    y: "loss of a batch after its update, in nats",
    lines: [
      LineChart.Line("the notebook", points),
      LineChart.Line("Recurrent", ours),
    ], yScale: .logarithmic
  ).write(to: "18-the-notebook-log-mnist.svg")
}
