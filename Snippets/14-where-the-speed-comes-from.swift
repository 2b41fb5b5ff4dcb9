//! The same network as a naive loop and in the library: equal numbers, counted
//! operations, measured times.

import Foundation
import Recurrent
import RecurrentCharts
import RecurrentData

let digits = BuiltInDigits.draw(training: 1_000, validation: 0, test: 100)
let batch = digits.test.wholeBatch
let images = batch.inputs.values  // [100, 28, 28]
var network = SequenceModel(
  .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0,
  threads: ThreadPool(threads: 1))

/// The shortest processor time of some runs, in seconds; other programs can only make it
/// longer.
func seconds(runs: Int, _ body: () throws -> Void) rethrows -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  let times = try (0..<runs).map { _ in
    let start = now()
    try body()
    return now() - start
  }
  return times.min() ?? 0
}

func σ(_ z: Float) -> Float { 1 / (1 + exp(-z)) }

/// The weights of a layer: W `[80, inputs]`, U `[80, 20]`, b `[80]`.
struct Layer {
  let (w, u, b): ([Float], [Float], [Float])
  let inputs: Int

  init(_ parameters: Parameters, _ layer: Int) {
    w = parameters["weight_ih_l\(layer)"].values
    u = parameters["weight_hh_l\(layer)"].values
    b = parameters["bias_ih_l\(layer)"].values
    inputs = w.count / 80
  }
}
let layers = (0..<3).map { Layer(network.parameters, $0) }

// snippet.naive
/// One image after the other, one step after the other, as the equations are written.
func naive(_ images: [Float], _ layers: [Layer]) -> [Float] {
  var last: [Float] = []
  for image in 0..<100 {
    var h = Array(repeating: [Float](repeating: 0, count: 20), count: 3)
    var c = h
    for t in 0..<28 {
      var x = Array(images[(image * 28 + t) * 28..<(image * 28 + t + 1) * 28])
      for (l, layer) in layers.enumerated() {
        var (z, old) = (layer.b, h[l])
        for row in 0..<80 {
          var sum = z[row]
          for k in 0..<layer.inputs { sum += layer.w[row * layer.inputs + k] * x[k] }
          for k in 0..<20 { sum += layer.u[row * 20 + k] * old[k] }
          z[row] = sum
        }
        for unit in 0..<20 {
          c[l][unit] = σ(z[20 + unit]) * c[l][unit] + σ(z[unit]) * tanh(z[40 + unit])
          old[unit] = σ(z[60 + unit]) * tanh(c[l][unit])
        }
        h[l] = old
        x = h[l]
      }
    }
    last += h[2]
  }
  return last
}
// snippet.end

// snippet.lanes
/// z += w x for 100 images side by side: z `[80, 100]`, w `[80, k]`, x `[k, 100]`.
func addProduct(_ z: inout [Float], _ w: [Float], _ x: [Float], _ count: Int) {
  z.withUnsafeMutableBufferPointer { z in
    x.withUnsafeBufferPointer { x in
      for row in 0..<80 {
        for k in 0..<count {
          let weight = w[row * count + k]
          for lane in 0..<100 { z[row * 100 + lane] += weight * x[k * 100 + lane] }
        }
      }
    }
  }
}
// snippet.end

/// All images at once, layer by layer within a step.
func byLanes(_ images: [Float], _ layers: [Layer]) -> [Float] {
  var h = Array(repeating: [Float](repeating: 0, count: 2000), count: 3)
  var c = h
  for t in 0..<28 {
    var x = (0..<2800).map { images[($0 % 100 * 28 + t) * 28 + $0 / 100] }
    for (l, layer) in layers.enumerated() {
      var z = (0..<8000).map { layer.b[$0 / 100] }
      addProduct(&z, layer.w, x, layer.inputs)
      addProduct(&z, layer.u, h[l], 20)
      for at in 0..<2000 {
        c[l][at] = σ(z[2000 + at]) * c[l][at] + σ(z[at]) * tanh(z[4000 + at])
        h[l][at] = σ(z[6000 + at]) * tanh(c[l][at])
      }
      x = h[l]
    }
  }
  return (0..<2000).map { h[2][$0 % 20 * 100 + $0 / 20] }
}

print("== The same numbers")
// snippet.same
let stack = network.stack
let library = stack(batch.inputs).outputs.last().values  // [100, 20]
func difference(_ other: [Float]) -> Float {
  zip(library, other).map { abs($0 - $1) }.max() ?? 0
}
print(
  "the naive loop differs by less than 0.000002: "
    + "\(difference(naive(images, layers)) < 2e-6)"
)
print(
  "images side by side, less than 0.000002: \(difference(byLanes(images, layers)) < 2e-6)"
)
// snippet.end

print("== Operations of a training step")
// snippet.count
let steps = 100 * 28
var parts: [(name: String, operations: Int)] = []
for (l, layer) in layers.enumerated() {
  // a multiplication and an addition for each weight
  let forward = 2 * 80 * (layer.inputs + 20) * steps
  // to the h before, and to the layer below, if there is one
  let back = 2 * 80 * (l == 0 ? 20 : 40) * steps
  parts += [
    ("layer \(l) forward", forward), ("layer \(l) backward", back),
    ("layer \(l) weights", forward),
  ]
}
let total = parts.reduce(0) { $0 + $1.operations }
// snippet.end
for (name, operations) in parts {
  print(
    name.padding(toLength: 16, withPad: " ", startingAt: 0),
    String(format: "%5.1f million", Double(operations) / 1e6))
}
print(
  "in all           \(String(format: "%5.1f million", Double(total) / 1e6)), and "
    + "\(steps * 300) σ and tanh"
)
try BarChart(
  title:
    "Operations of the products in one training step: "
    + "\(String(format: "%.1f", Double(total) / 1e6)) million",
  y: "millions of multiplications and additions", labels: parts.map(\.name),
  values: parts.map { Double($0.operations) / 1e6 }
).write(to: "14-where-the-speed-comes-from-operations.svg")

print("== Times")
let forward = 2.0 * Double(80 * (48 + 40 + 40) * steps)
let peak = Processor.measurePeak(on: network.threads)
func report(_ name: String, _ operations: Double, _ time: Double) throws {
  let rate = operations / time
  print(
    "≈ \(name.padding(toLength: 34, withPad: " ", startingAt: 0))"
      + String(
        format: "%8.2f ms  %6.1f GFLOP/s  %4.0f %% of peak", 1000 * time, rate / 1e9,
        100 * rate / peak))
}
// snippet.times
try report("forward, naive", forward, seconds(runs: 9) { _ = naive(images, layers) })
try report(
  "forward, images side by side", forward,
  seconds(runs: 9) { _ = byLanes(images, layers) })
let sums = (0..<steps * 60).map { Float($0 % 200) / 50 - 2 }
let functions = seconds(runs: 9) {
  _ = sums.reduce(0) { $0 + σ($1) + σ($1 + 1) + σ($1 - 1) + tanh($1) + tanh($1 / 2) }
}
try report(
  "forward, library, one thread", forward,
  try seconds(runs: 51) { _ = try network.logits(for: batch) })
var optimizer = Adam(learningRate: 0.01)
try report(
  "training step, library, one thread", Double(total),
  try seconds(runs: 51) { try network.train(on: batch, with: &optimizer) })
// snippet.end
print(
  "≈ \(steps * 300) σ and tanh of the C library alone: "
    + "\(String(format: "%.2f", 1000 * functions)) ms"
)
print(
  "≈ kernels: \(Processor.instructionSet); peak of one thread "
    + "\(String(format: "%.0f", peak / 1e9)) GFLOP/s"
)

print("== Lanes")
// snippet.batches
for count in [1, 4, 8, 16, 32, 64] {
  let some = digits.test.batch(0..<count)
  let time = try seconds(runs: 51) { _ = try network.logits(for: some) }
  print(
    String(
      format: "≈ batch of %2d: %6.1f µs, %5.1f µs for each image", count, 1e6 * time,
      1e6 * time / Double(count)))
}
// snippet.end

print("== The same bits")
// snippet.bits
let trained = try [1, 2, 3].map { count in
  var network = SequenceModel(
    .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)),
    seed: 0, threads: ThreadPool(threads: count))
  var optimizer = Adam(learningRate: 0.01)
  for batch in digits.training.batches(of: 100) {
    try network.train(on: batch, with: &optimizer)
  }
  return network.parameters
}
print("after ten steps, two threads and one: equal \(trained[0] == trained[1])")
print("three threads and one: equal \(trained[0] == trained[2])")
let alone = try (0..<100).map {
  try network.logits(for: digits.test.batch([$0])).values
}
try print(
  "an image alone and among a hundred: equal "
    + "\(Array(alone.joined()) == network.logits(for: batch).values)"
)
// snippet.end

print("== tanh")
// snippet.tanh
var identity = RecurrentStack(inputSize: 1, ElmanCell(hiddenSize: 1))
// h' = tanh(x)
identity.parameters["weight_ih_l0"] = try Tensor(shape: [1, 1], values: [1])
let inputs = (0..<200_001).map { Float($0 - 100_000) / 10_000 }  // from -10 to 10
let sequences = try Tensor(shape: [inputs.count, 1, 1], values: inputs)
let outputs = identity(sequences).outputs.values
let errors = zip(inputs, outputs).map { x, y in
  let exact = tanh(Double(x))
  return abs(Double(y) - exact) / Double(Float(exact).ulp)
}
// snippet.end
print(
  String(
    format: "largest error %.1f, mean error %.2f units of the last place",
    errors.max() ?? 0,
    errors.reduce(0, +) / Double(errors.count)))

print("== Too small")
// snippet.small
var copying = RecurrentStack(inputSize: 1, ElmanCell(hiddenSize: 1, activation: .relu))
// h' = max(0, x)
copying.parameters["weight_ih_l0"] = try Tensor(shape: [1, 1], values: [1])
let tiny = Float.leastNormalMagnitude / 8
try print(
  "in Swift \(tiny * 1), from the library "
    + "\(copying(Tensor(shape: [1, 1, 1], values: [tiny])).outputs.values[0])"
)
// snippet.end
