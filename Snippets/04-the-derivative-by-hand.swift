//! Backpropagation through time by hand, checked by differences and against the library.

import Foundation
import Recurrent
import RecurrentCharts

// snippet.point
let (steps, features, units) = (4, 2, 3)

/// All that the loss depends on; a gradient has one number for each of these, and the
/// same form.
struct Point {
  // W[i, j] is w[i * features + j]
  var w = [Double](repeating: 0, count: units * features)
  var u = [Double](repeating: 0, count: units * units)
  var b = [Double](repeating: 0, count: units)
  var x = [Double](repeating: 0, count: steps * features)  // one step after the other
  var h0 = [Double](repeating: 0, count: units)  // the state before the first step

  static var parts: [(name: String, path: WritableKeyPath<Point, [Double]>)] {
    [("W ", \.w), ("U ", \.u), ("b ", \.b), ("x ", \.x), ("h₀", \.h0)]
  }
}
// snippet.end

// snippet.forward
/// The states h₀ … h_T.
func states(_ p: Point) -> [[Double]] {
  var h = [p.h0]
  for t in 1...steps {
    var z = p.b
    for i in 0..<units {
      for j in 0..<features {
        z[i] += p.w[i * features + j] * p.x[(t - 1) * features + j]
      }
      for k in 0..<units { z[i] += p.u[i * units + k] * h[t - 1][k] }
    }
    h.append(z.map { tanh($0) })
  }
  return h
}

/// L = ½ Σ over steps and units of (h - y)².
func loss(_ p: Point) -> Double {
  zip(states(p).dropFirst().joined(), targets).reduce(0) {
    $0 + 0.5 * ($1.0 - $1.1) * ($1.0 - $1.1)
  }
}
// snippet.end

// snippet.backward
/// The gradient of the loss for some targets, from the last step to the first.
func gradient(_ p: Point, toward targets: [Double]) -> Point {
  let h = states(p)
  var d = Point()
  // what the steps after t contribute to ∂L/∂hₜ
  var later = [Double](repeating: 0, count: units)
  for t in (1...steps).reversed() {
    let dh = (0..<units).map { i in h[t][i] - targets[(t - 1) * units + i] + later[i] }
    let dz = (0..<units).map { i in (1 - h[t][i] * h[t][i]) * dh[i] }
    later = Array(repeating: 0, count: units)
    for i in 0..<units {
      d.b[i] += dz[i]
      for j in 0..<features {
        d.w[i * features + j] += dz[i] * p.x[(t - 1) * features + j]
        d.x[(t - 1) * features + j] += p.w[i * features + j] * dz[i]
      }
      for k in 0..<units {
        d.u[i * units + k] += dz[i] * h[t - 1][k]
        later[k] += p.u[i * units + k] * dz[i]
      }
    }
  }
  d.h0 = later
  return d
}
// snippet.end

// snippet.numbers
var generator = SplitMix64(seed: 0)
let targets = (0..<steps * units).map { _ in Double(generator.uniform(-1, 1)) }
var point = Point()
for (_, path) in Point.parts {
  for i in point[keyPath: path].indices {
    point[keyPath: path][i] = Double(generator.uniform(-1, 1))
  }
}
let byHand = gradient(point, toward: targets)
// snippet.end

print("== Added up")
// snippet.added
print("                 x₁        x₂        x₃        x₄")
func printFirstFeature(_ name: String, _ x: [Double]) {
  print(name + (0..<steps).map { String(format: "%10.4f", x[$0 * features]) }.joined())
}
let reached = states(point)
for step in 1...steps {
  // a target that is met adds nothing to the loss
  var others = Array(reached.dropFirst().joined())
  let own = (step - 1) * units..<step * units
  others.replaceSubrange(own, with: targets[own])
  printFirstFeature("loss at \(step) ", gradient(point, toward: others).x)
}
printFirstFeature("all losses", byHand.x)
// snippet.end

// snippet.differences
/// The gradient by central differences: each number a little up and a little down.
func differences(
  _ loss: (Point) throws -> Double, at p: Point, by e: Double
) rethrows -> Point {
  var d = Point()
  for (_, path) in Point.parts {
    for i in p[keyPath: path].indices {
      var (up, down) = (p, p)
      up[keyPath: path][i] += e
      down[keyPath: path][i] -= e
      d[keyPath: path][i] = try (loss(up) - loss(down)) / (2 * e)
    }
  }
  return d
}

func largestDifference(
  _ a: Point, _ b: Point, _ path: KeyPath<Point, [Double]>
) -> Double {
  zip(a[keyPath: path], b[keyPath: path]).map { abs($0 - $1) }.max() ?? 0
}
// snippet.end

print("== By differences")
// snippet.check
let measured = differences(loss, at: point, by: 1e-5)
print("    numbers   largest derivative   difference below 1e-8")
for (name, path) in Point.parts {
  let largest = byHand[keyPath: path].map(abs).max() ?? 0
  let count = byHand[keyPath: path].count
  let agrees = largestDifference(byHand, measured, path) < 1e-8
  print(name + String(format: "%9d %20.4f   ", count, largest) + (agrees ? "yes" : "no"))
}
// snippet.end

// snippet.library
func tensor(_ shape: [Int], _ values: [Double]) throws -> Tensor {
  try Tensor(shape: shape, values: values.map { Float($0) })
}

/// The library's layer with the weights of a point, in Float.
func layer(at p: Point) throws -> RecurrentStack {
  var layer = RecurrentStack(inputSize: features, ElmanCell(hiddenSize: units))
  layer.parameters["weight_ih_l0"] = try tensor([units, features], p.w)
  layer.parameters["weight_hh_l0"] = try tensor([units, units], p.u)
  layer.parameters["bias_ih_l0"] = try tensor([units], p.b)
  return layer
}
func inputs(at p: Point) throws -> Tensor { try tensor([1, steps, features], p.x) }
func firstState(at p: Point) throws -> StackState {
  try StackState([ElmanCell.State(hidden: tensor([1, units], p.h0))])
}
// snippet.end

// snippet.gradients
let stack = try layer(at: point)
let (outputs, _, tape) = try stack.forward(inputs(at: point), from: firstState(at: point))
// h - y, at every step
let fromLoss = zip(outputs.values, targets).map { Double($0) - $1 }
let theirs = try stack.gradients(tape, outputs: tensor(outputs.shape, fromLoss))
// snippet.end

print("== By the library")
// snippet.compare
let library: [[Float]] = [
  theirs.parameters["weight_ih_l0"].values, theirs.parameters["weight_hh_l0"].values,
  theirs.parameters["bias_ih_l0"].values, theirs.inputs.values,
  theirs.initialState[0].hidden.values,
]
print("    first derivative: by hand   library   all within a millionth")
for ((name, path), values) in zip(Point.parts, library) {
  let mine = byHand[keyPath: path]
  let isClose = zip(mine, values).allSatisfy { abs($0 - Double($1)) < 1e-6 }
  print(
    name + String(format: "%25.6f %11.6f", mine[0], values[0])
      + (isClose ? "   yes" : "   no"))
}
// snippet.end

// snippet.sweep
/// The same loss from the library's outputs.
func libraryLoss(_ p: Point) throws -> Double {
  let (outputs, _) = try layer(at: p)(inputs(at: p), from: firstState(at: p))
  return zip(outputs.values, targets).reduce(0) {
    $0 + 0.5 * (Double($1.0) - $1.1) * (Double($1.0) - $1.1)
  }
}
func largestError(_ estimate: Point) -> Double {
  Point.parts.map { largestDifference(byHand, estimate, $0.path) }.max() ?? 0
}
let distances = (2...24).map { pow(10, -Double($0) / 2) }
let inDouble = distances.map { largestError(differences(loss, at: point, by: $0)) }
let inFloat = try distances.map {
  try largestError(differences(libraryLoss, at: point, by: $0))
}
// snippet.end

print("== The best distance")
print("distance   error in Double   error in Float")
for (i, e) in distances.enumerated() where i.isMultiple(of: 2) {
  print(String(format: "%8.0e %17.0e %16.0e", e, inDouble[i], inFloat[i]))
}

let curves = [("loss in Double", inDouble), ("loss in Float", inFloat)].map {
  name, errors in
  LineChart.Line(name, zip(distances, errors).reversed().map { ($0, $1) })
}
try LineChart(
  title: "Error of central differences", x: "distance e",
  y: "largest error of a derivative", lines: curves,
  xScale: .logarithmic, yScale: .logarithmic
).write(to: "04-the-derivative-by-hand-differences.svg")
