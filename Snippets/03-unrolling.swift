//! The loop over time: one set of weights for all steps, what the last state remembers,
//! and sequences in pieces.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

let image = BuiltInDigits.draw(training: 12, validation: 0, test: 0).training.batch([11])
  .inputs

// snippet.loop
let layer = RecurrentStack(
  inputSize: 28, ElmanCell(hiddenSize: 20), initializer: .keras, seed: 0)
var state = layer.zeroState(batchSize: 1)
var states: [Tensor] = []
for row in image.steps {  // 28 times [1, 28]
  state = layer(row.reshaped(1, 1, 28), from: state).finalState
  states.append(state[0].hidden)
}
// snippet.end

print("== The loop")
// snippet.print
for t in [0, 3, 4, 10, 20, 27] {
  let units = (0..<5).map { String(format: "%7.3f", states[t][0, $0]) }.joined()
  print(String(format: "after step %2d:", t) + units + "  …")
}
// snippet.end

print("== The whole at once")
// snippet.whole
let (outputs, finalState) = layer(image)
print("outputs", outputs.shape, " final state", finalState[0].hidden.shape)
print("every output is the state of the loop, bit for bit:", outputs.steps == states)
print("the last output is the final state:", outputs.last() == finalState[0].hidden)
let (list, _) = layer.unrolled(image.steps)
print("a list of steps in, a list of outputs out, the same:", list == outputs.steps)
// snippet.end

print("== Any length")
// snippet.lengths
let twice = Tensor.stackingSteps(image.steps + image.steps)
for sequence in [Tensor.stackingSteps(Array(image.steps[..<14])), image, twice] {
  let (steps, weights) = (layer(sequence).outputs.shape[1], layer.parameters.count)
  print("\(steps) steps, \(weights) weights, \(steps * 20 * (28 + 20)) multiplications")
}
// snippet.end

// snippet.memory
/// How far apart the states of two sequences are after each step.
func distances(_ layer: RecurrentStack, _ a: Tensor, _ b: Tensor) -> [Double] {
  zip(layer(a).outputs.steps, layer(b).outputs.steps).map { left, right in
    zip(left.values, right.values).reduce(0) {
      $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
    }.squareRoot()
  }
}
var changed = image
// the first row, which was empty, becomes white
for pixel in 0..<28 { changed[0, 0, pixel] = 1 }
var weaker = layer
weaker.parameters["weight_hh_l0"] = try Tensor(
  shape: [20, 20], values: layer.parameters["weight_hh_l0"].values.map { 0.7 * $0 })
var without = layer
without.parameters["weight_hh_l0"] = Tensor(zeros: [20, 20])
// snippet.end

print("== Memory")
// snippet.table
print("after step          0         7        14        21        27")
for (name, network) in [
  ("U as drawn ", layer), ("0.7 U      ", weaker), ("no U at all", without),
] {
  let apart = distances(network, image, changed)
  print(name + [0, 7, 14, 21, 27].map { String(format: "%10.6f", apart[$0]) }.joined())
}
// snippet.end

print("== In pieces")
// snippet.pieces
let pieces = [0..<10, 10..<20, 20..<28].map {
  Tensor.stackingSteps(Array(image.steps[$0]))
}
var carried = layer.zeroState(batchSize: 1)
for piece in pieces { carried = layer(piece, from: carried).finalState }
print(
  "state carried along: the final state is that of the whole, bit for bit:",
  carried == finalState)

let alone = layer(pieces[2]).finalState
let gap =
  zip(alone[0].hidden.values, finalState[0].hidden.values).map { abs($0 - $1) }.max() ?? 0
print(String(format: "last piece alone: it differs by up to %.4f", gap))
// snippet.end

// The pictures.
try UnrolledNetworkDiagram(title: "A layer, folded and unrolled").write(
  to: "03-unrolling-network.svg")
let units = (0..<20).map { unit in states.map { $0[0, unit] } }
try HeatMap(
  title: "Hidden state of 20 units while they read a 3", x: "step", y: "units",
  rows: units,
  range: .signed
)
.write(to: "03-unrolling-states.svg")
let curves = [("U as drawn", layer), ("0.7 U", weaker)].map { name, network in
  LineChart.Line(
    name, distances(network, image, changed).enumerated().map { (Double($0), $1) })
}
try LineChart(
  title: "Effect of a change in the first row on later states", x: "step",
  y: "distance of the states", lines: curves,
  yScale: .logarithmic
).write(to: "03-unrolling-memory.svg")
