//! One step of an Elman cell, by hand and by the library, and how many weights it has.

import Foundation
import Recurrent
import RecurrentCharts

// snippet.weights
let w = [[0.5, -1.0], [0.25, 0.75], [-0.5, 0.5]]  // W: 3 units × 2 features
let u = [[0.2, -0.4, 0.1], [0.3, 0.5, -0.2], [-0.1, 0.6, 0.4]]  // U: 3 units × 3 units
let b = [0.1, -0.2, 0.3]  // one for each unit
let inputs = [[1.0, 0.5], [-0.5, 2.0]]  // two steps of 2 features
// snippet.end

// snippet.product
/// M v: each row of the matrix times the vector.
func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
  matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
}
// snippet.end

// snippet.step
/// The new state, tanh(W x + U h + b), from the next input and the old state.
func step(_ x: [Double], _ h: [Double]) -> [Double] {
  let (fromInput, fromState) = (product(w, x), product(u, h))
  return b.indices.map { i in
    let z = b[i] + fromInput[i] + fromState[i]
    let columns = [b[i], fromInput[i], fromState[i], z, tanh(z), 1 - tanh(z) * tanh(z)]
    print(
      String(format: "%4d", i) + columns.map { String(format: "%10.4f", $0) }.joined())
    return tanh(z)
  }
}
// snippet.end

let heading = "unit         b       W x       U h         z    tanh z     slope"
print("== First step by hand")
print(heading)
// snippet.first
let h1 = step(inputs[0], [0, 0, 0])
// snippet.end
print("== Second step by hand")
print(heading)
// snippet.second
let h2 = step(inputs[1], h1)
// snippet.end

// snippet.library
var layer = RecurrentStack(inputSize: 2, ElmanCell(hiddenSize: 3))
layer.parameters["weight_ih_l0"] = try Tensor(
  shape: [3, 2], values: w.joined().map { Float($0) })
layer.parameters["weight_hh_l0"] = try Tensor(
  shape: [3, 3], values: u.joined().map { Float($0) })
layer.parameters["bias_ih_l0"] = try Tensor(shape: [3], values: b.map { Float($0) })

var state = layer.zeroState(batchSize: 1)
for x in inputs {
  let input = try Tensor(shape: [1, 1, 2], values: x.map { Float($0) })
  state = layer(input, from: state).finalState
}
// snippet.end
print("== By the library")
print("unit   by hand   library")
for unit in 0..<3 {
  print(String(format: "%4d %9.6f %9.6f", unit, h2[unit], state[0].hidden[0, unit]))
}
let largest = (0..<3).map { abs(h2[$0] - Double(state[0].hidden[0, $0])) }.max() ?? 0
print("largest difference below 0.0000001:", largest < 1e-7 ? "yes" : "no")

print("== Parameters")
// snippet.count
print("inputs  units  H·I + H·H + H  in the library")
for (i, h) in [(2, 3), (28, 20), (1, 20), (28, 128)] {
  let count = RecurrentStack(inputSize: i, ElmanCell(hiddenSize: h)).parameters.count
  print(String(format: "%6d %6d %14d %15d", i, h, h * i + h * h + h, count))
}
let lstm = RecurrentStack(inputSize: 28, LSTMCell(hiddenSize: 20)).parameters.count
print("an LSTM layer of 28 inputs and 20 units:", lstm)
// snippet.end

print("== Where they are")
// snippet.entries
for entry in RecurrentStack(inputSize: 28, ElmanCell(hiddenSize: 20)).parameters.entries {
  print(entry.name, entry.shape, entry.count)
}
// snippet.end

// The picture.
let places = stride(from: -4.0, through: 4.0, by: 0.1)
let curves = [
  LineChart.Line("tanh z", places.map { ($0, tanh($0)) }),
  LineChart.Line("its slope", places.map { ($0, 1 - tanh($0) * tanh($0)) }),
]
try LineChart(title: "tanh z and its slope 1 - tanh² z", x: "z", y: "", lines: curves)
  .write(to: "02-one-step-tanh.svg")
