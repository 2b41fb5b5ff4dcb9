//! A GRU step by hand with the reset gate in either place, its two biases, and three
//! cells of equal size compared.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

func rounded(_ value: some BinaryFloatingPoint, _ decimals: Int = 4) -> String {
  String(format: "%.\(decimals)f", Double(value))
}

func σ(_ z: Float) -> Float { 1 / (1 + exp(-z)) }

// snippet.times
/// The rows of one gate times a vector: W_g x, or U_g h.
func product(_ weights: Tensor, _ gate: GRUCell.Gate, _ vector: [Float]) -> [Float] {
  let units = weights.shape[0] / 3
  return (0..<units).map { unit in
    vector.indices.reduce(0) {
      $0 + weights[gate.rawValue * units + unit, $1] * vector[$1]
    }
  }
}
// snippet.end

print("== A step by hand")
let (x, h): ([Float], [Float]) = ([0.5, -1, 2], [0.6, -0.4])
print("reset gate            unit       r       z       n      h'")
for resetAfter in [true, false] {
  var layer = RecurrentLayer(
    inputSize: 3, GRUCell(hiddenSize: 2, resetAfter: resetAfter), seed: 7)
  let biases: [Float] = [0.1, -0.2, 0.3, 0.2, -0.1, 0.4, 0.5, -0.3]
  layer.parameters["bias_ih_l0"] = try Tensor(
    shape: [resetAfter ? 8 : 6],
    values: Array(biases.prefix(resetAfter ? 8 : 6)))
  // snippet.step
  let W = layer.parameters["weight_ih_l0"]  // [6, 3]: two rows for each of r, z, n
  let U = layer.parameters["weight_hh_l0"]  // [6, 2]
  // [8]: r, z, n of the input, n of the hidden state; or [6] without the last
  let b = layer.parameters["bias_ih_l0"]
  let (wr, ur) = (product(W, .reset, x), product(U, .reset, h))
  let (wz, uz) = (product(W, .update, x), product(U, .update, h))
  let r = (0..<2).map { σ(wr[$0] + ur[$0] + b[$0]) }
  let z = (0..<2).map { σ(wz[$0] + uz[$0] + b[2 + $0]) }
  let wn = product(W, .candidate, x)
  let n: [Float]
  if resetAfter {
    let un = product(U, .candidate, h)
    n = (0..<2).map { tanh(wn[$0] + b[4 + $0] + r[$0] * (un[$0] + b[6 + $0])) }
  } else {
    let un = product(U, .candidate, [r[0] * h[0], r[1] * h[1]])
    n = (0..<2).map { tanh(wn[$0] + b[4 + $0] + un[$0]) }
  }
  let new = (0..<2).map { (1 - z[$0]) * n[$0] + z[$0] * h[$0] }
  // snippet.end
  let library = try layer(
    Tensor(shape: [1, 1, 3], values: x),
    from: GRUCell.State(hidden: Tensor(shape: [1, 2], values: h))
  ).finalState.hidden
  for unit in 0..<2 {
    let name = (resetAfter ? "after the product" : "before the product")
      .padding(toLength: 22, withPad: " ", startingAt: 0)
    print(
      "\(name) \(unit)  "
        + "\([r, z, n, new].map { String(format: "%8.4f", $0[unit]) }.joined())"
    )
    precondition(abs(new[unit] - library[0, unit]) < 1e-6)
  }
}
print("GRUCell's h' differ by less than 0.000001")

print("== Sizes")
print("28 features, 20 units   weights   biases")
let kinds: [(String, any RecurrentCell)] = [
  ("LSTM", LSTMCell(hiddenSize: 20)),
  ("GRU, reset after", GRUCell(hiddenSize: 20)),
  ("GRU, reset before", GRUCell(hiddenSize: 20, resetAfter: false)),
  ("Elman", ElmanCell(hiddenSize: 20)),
]
for (name, cell) in kinds {
  let parameters = RecurrentStack(inputSize: 28, cell).parameters
  let biases = parameters["bias_ih_l0"].count
  print(
    "\(name.padding(toLength: 20, withPad: " ", startingAt: 0))  "
      + "\(String(format: "%9d%9d", parameters.count - biases, biases))"
  )
}

// snippet.train
let digits = BuiltInDigits.draw(training: 5_000, validation: 1_000, test: 2_000)
func train(
  _ layers: [LayerConfiguration], _ initializer: Initializer = .keras, rate: Float,
  seed: UInt64,
  on data: SequenceDataset
) throws -> SequenceModel {
  var network = SequenceModel(
    .init(input: .features(28), layers: layers, output: .classes(10)),
    initializer: initializer, seed: seed)
  var optimizer = Adam(learningRate: rate)
  for epoch in 0..<3 {
    for batch in data.batches(of: 100, shuffledWith: seed, epoch: epoch) {
      try network.train(on: batch, with: &optimizer)
    }
  }
  return network
}
// snippet.end

print("== The same weights, interpreted differently")
let trained = try train(.gru(24), .pyTorch, rate: 0.01, seed: 0, on: digits.training)
// snippet.biases
func accuracy(_ stack: RecurrentStack, _ head: Dense) -> Float {
  let test = digits.test.wholeBatch
  return SoftmaxCrossEntropy().accuracy(
    head(stack(test.inputs).outputs.last()), test.labels)
}
var leftOut = trained.stack
var merged = trained.stack
for unit in 0..<24 {
  leftOut.parameters["bias_ih_l0"][72 + unit] = 0  // b_hn
  merged.parameters["bias_ih_l0"][72 + unit] = 0
  merged.parameters["bias_ih_l0"][48 + unit] +=
    trained.stack.parameters["bias_ih_l0"][72 + unit]  // b_n + b_hn
}
var before = RecurrentStack(inputSize: 28, GRUCell(hiddenSize: 24, resetAfter: false))
before.parameters["weight_ih_l0"] = trained.stack.parameters["weight_ih_l0"]
before.parameters["weight_hh_l0"] = trained.stack.parameters["weight_hh_l0"]
before.parameters["bias_ih_l0"] = try Tensor(
  shape: [72], values: Array(merged.parameters["bias_ih_l0"].values[0..<72]))
// snippet.end
let image = digits.test.batch([0]).inputs
print("                              accuracy   largest change of h after one digit")
let readings = [
  ("as trained", trained.stack), ("b_hn left out", leftOut),
  ("b_hn added to b_n", merged),
  ("reset before the product", before),
]
let original = trained.stack(image).outputs.last().values
for (name, stack) in readings {
  let change =
    zip(original, stack(image).outputs.last().values).map { abs($0 - $1) }.max() ?? 0
  let title = name.padding(toLength: 30, withPad: " ", startingAt: 0)
  print("\(title)\(rounded(accuracy(stack, trained.head), 3))      \(rounded(change, 3))")
}

print("== Cells of equal size")
// snippet.compare
func count(_ layers: [LayerConfiguration]) -> Int {
  SequenceModel(.init(input: .features(28), layers: layers, output: .classes(10)))
    .parameters.count
}
let target = count(.lstm(20))
let cells: [(name: String, layers: (Int) -> [LayerConfiguration])] = [
  ("LSTM", { .lstm($0) }), ("GRU", { .gru($0) }), ("Elman", { .elman($0) }),
]
print("cell   units  parameters   rate   initializer    seeds 1, 2, 3         mean")
var groups: [SpreadChart.Group] = []
for (name, layers) in cells {
  let units =
    (10..<80).min { abs(count(layers($0)) - target) < abs(count(layers($1)) - target) }
    ?? 20
  let tried = try [0.01, 0.003].map { (rate: Float) in
    (
      rate,
      try train(layers(units), rate: rate, seed: 0, on: digits.training).evaluate(
        on: digits.validation
      ).accuracy
    )
  }
  let rate = tried[0].1 >= tried[1].1 ? tried[0].0 : tried[1].0
  for (first, initializer) in [
    ("keras", Initializer.keras), ("chrono", .chrono(longestTime: 28)),
  ] {
    if name == "Elman" && first == "chrono" { continue }  // no gate to set
    let results = try (1...3).map { (seed: UInt64) in
      try train(layers(units), initializer, rate: rate, seed: seed, on: digits.training)
        .evaluate(on: digits.test).accuracy
    }
    // snippet.end
    groups.append(.init("\(name), \(units) units, \(first)", results))
    print(
      name.padding(toLength: 6, withPad: " ", startingAt: 0)
        + String(format: "%6d%12d   %.3f   ", units, count(layers(units)), rate)
        + first.padding(toLength: 15, withPad: " ", startingAt: 0)
        + results.map { rounded($0, 3) }.joined(separator: "  ")
        + "   \(rounded(results.reduce(0, +) / 3, 3))")
  }
}
try SpreadChart(
  title:
    "Accuracy of cells of about \(target) parameters after 150 steps, three seeds each",
  x: "accuracy on 2,000 test digits",
  groups: groups
).write(to: "07-the-gru-cells.svg")

try CellDiagram(
  title: "One step of a GRU cell: reset after the product", cell: .gru(resetAfter: true)
)
.write(to: "07-the-gru-after.svg")
try CellDiagram(
  title: "One step of a GRU cell: reset before the product", cell: .gru(resetAfter: false)
)
.write(to: "07-the-gru-before.svg")
