//! What one layer hands to the next, 10,690 parameters counted, and whether depth helps.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func rounded(_ value: some BinaryFloatingPoint, _ decimals: Int = 3) -> String {
  String(format: "%.\(decimals)f", Double(value))
}

func padded(_ text: String, _ width: Int) -> String {
  text.padding(toLength: width, withPad: " ", startingAt: 0)
}

try UnrolledNetworkDiagram(
  title: "Three layers: up to the next layer, and on to the next step", steps: 4,
  layers: 3
).write(to: "08-several-layers-unrolled.svg")

let digits = BuiltInDigits.draw(training: 5_000, validation: 0, test: 2_000)
let images = digits.test[0..<100].wholeBatch.inputs  // [100, 28, 28]

print("== Layer by layer")
// snippet.whole
let whole = RecurrentStack(
  inputSize: 28, LSTMCell(hiddenSize: 20), LSTMCell(hiddenSize: 20),
  LSTMCell(hiddenSize: 20), seed: 0)
let (outputs, finalState) = whole(images)
// snippet.end
// snippet.layers
var handedUp = images
for layer in 0..<3 {
  var single = RecurrentStack(inputSize: handedUp.shape[2], whole.cells[layer])
  for entry in single.parameters.entries {
    // weight_ih_l0 is weight_ih_l1 one layer up
    let name = entry.name.replacing("_l0", with: "_l\(layer)")
    single.parameters[entry.name] = whole.parameters[name]
  }
  let read = handedUp.shape
  handedUp = single(handedUp).outputs
  print("layer \(layer) reads \(read) and gives \(handedUp.shape)")
}
print("equal to the stack's outputs, bit for bit: \(handedUp == outputs)")
print(
  "equal to the hidden state of layer 2 after the last step: "
    + "\(outputs.last() == finalState[2].hidden)"
)
// snippet.end

print("== Parameters")
// snippet.count
let network = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
for entry in network.parameters.entries {
  print(
    padded(entry.name, 15), padded("\(entry.shape)", 10),
    String(format: "%6d", entry.count))
}
print(padded("in all", 26), String(format: "%6d", network.parameters.count))
// snippet.end

print("== One cell three times")
// snippet.repeated
let cell = LSTMCell(hiddenSize: 20)
let three = RecurrentStack(inputSize: 20, layers: .repeated(cell, count: 3), seed: 0)
let recurrent = (0..<3).map { three.parameters["weight_hh_l\($0)"] }
print(
  "parameters: \(three.parameters.count), three times "
    + "\(RecurrentStack(inputSize: 20, cell).parameters.count)"
)
print("layers 0 and 1 have the same weights: \(recurrent[0] == recurrent[1])")
// snippet.end

print("== Depth")
// snippet.train
func accuracies(_ layers: [LayerConfiguration]) throws -> [Double] {
  try (0..<3).map { (seed: UInt64) in
    var network = SequenceModel(
      .init(input: .features(28), layers: layers, output: .classes(10)), seed: seed)
    var optimizer = Adam(learningRate: 0.01)
    for epoch in 0..<3 {
      for batch in digits.training.batches(of: 100, shuffledWith: seed, epoch: epoch) {
        try network.train(on: batch, with: &optimizer)
      }
    }
    return try network.evaluate(on: digits.test).accuracy
  }
}
// snippet.end
var groups: [SpreadChart.Group] = []
print("layers                parameters   seeds 0, 1, 2         mean")
let stacks: [(String, [LayerConfiguration])] = [
  ("1 of 20", .lstm(20)), ("2 of 20", .lstm(20, count: 2)),
  ("3 of 20", .lstm(20, count: 3)), ("1 of 38", .lstm(38)),
  ("1 of 20 both ways", .lstm(20, isBidirectional: true)),
]
for (name, layers) in stacks {
  let results = try accuracies(layers)
  let count = SequenceModel(
    .init(input: .features(28), layers: layers, output: .classes(10))
  ).parameters
    .count
  groups.append(.init("\(name), \(count)", results))
  print(
    padded(name, 22) + String(format: "%10d   ", count)
      + results.map { rounded($0) }.joined(separator: "  ")
      + "   \(rounded(results.reduce(0, +) / 3))")
}
try SpreadChart(
  title: "Accuracy by layers, units and parameters after 150 steps, three seeds each",
  x: "accuracy on 2,000 test digits",
  groups: groups
).write(to: "08-several-layers-depth.svg")

print("== Both directions")
// snippet.both
let both = RecurrentStack(
  inputSize: 28,
  layers: [
    .bidirectional(
      LSTMCell(hiddenSize: 20), LSTMCell(hiddenSize: 20)),
    LayerConfiguration(LSTMCell(hiddenSize: 20)),
  ])
// snippet.end
print(
  "outputs of the first layer: \(both.layers[0].outputSize) features, of the second: "
    + "\(both.layers[1].outputSize)"
)
print(
  "states: \(both.zeroState(batchSize: 100).layers.count), of the layers' cells, "
    + "forward before reverse"
)

print("== Residual")
// snippet.residual
let plain = RecurrentStack(inputSize: 28, LSTMCell(hiddenSize: 28), seed: 0)
let residual = RecurrentStack(
  inputSize: 28, layers: [LayerConfiguration(LSTMCell(hiddenSize: 28)).residual()],
  seed: 0)
let sum = zip(plain(images).outputs.values, images.values).map { $0 + $1 }
print("outputs + inputs, bit for bit: \(residual(images).outputs.values == sum)")
// snippet.end

print("== Dropout")
// snippet.dropout
let dropping = RecurrentStack(
  inputSize: 28,
  layers: [
    LayerConfiguration(LSTMCell(hiddenSize: 20)).regularized(.init(dropout: 0.2))
  ], seed: 0)
let (complete, first, second) = (
  dropping(images).outputs, dropping.forward(images, seed: 1),
  dropping.forward(images, seed: 2)
)
func dropped(_ outputs: Tensor) -> Double {
  let pairs = zip(outputs.values, complete.values).filter { $0.1 != 0 }
  return Double(pairs.count { $0.0 == 0 }) / Double(pairs.count)
}
// snippet.end
print(
  "dropped with one seed: \(rounded(dropped(first.outputs))), with another: "
    + "\(rounded(dropped(second.outputs)))"
)
print(
  "same outputs with both seeds: \(first.outputs == second.outputs), without dropout: "
    + "\(dropping(images).outputs == complete)"
)
let kept = zip(first.outputs.values, complete.values).filter {
  $0.0 != 0 && abs($0.1) > 0.01
}.map { $0.0 / $0.1 }
print(
  "the others are larger by a factor of "
    + "\(rounded(kept.reduce(0, +) / Float(kept.count)))"
)
