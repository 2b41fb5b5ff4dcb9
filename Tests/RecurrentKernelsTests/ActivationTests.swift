import Foundation
import RecurrentKernels
import Testing

/// The activation functions, their slopes, and the passes beside them.
@Suite struct ActivationTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let activation: rk_activation
    /// The function and its slope in double precision.
    let exact: @Sendable (Double) -> (Double, Double)

    init(
      _ name: String, _ kind: rk_activation_kind, _ alpha: Float = 7, _ beta: Float = 7,
      _ exact: @escaping @Sendable (_ x: Double, _ alpha: Double, _ beta: Double) -> (Double, Double)
    ) {
      testDescription = name
      activation = rk_activation(kind: Int32(kind.rawValue), alpha: alpha, beta: beta)
      self.exact = { exact($0, Double(alpha), Double(beta)) }
    }

    static let all = [
      Self("tanh", RK_TANH) { x, _, _ in (tanh(x), 1 - tanh(x) * tanh(x)) },
      Self("relu", RK_RELU) { x, _, _ in (max(x, 0), x > 0 ? 1 : 0) },
      Self("sigmoid", RK_SIGMOID_OF) { x, _, _ in
        let y = 1 / (1 + exp(-x))
        return (y, y * (1 - y))
      },
      Self("affine", RK_AFFINE, -0.7, 0.3) { ($1 * $0 + $2, $1) },
      Self("leaky relu", RK_LEAKY_RELU, 0.01) { x, a, _ in (x < 0 ? a * x : x, x > 0 ? 1 : a) },
      Self("leaky relu, falling", RK_LEAKY_RELU, -0.5) { x, a, _ in (x < 0 ? a * x : x, x > 0 ? 1 : a) },
      Self("thresholded relu", RK_THRESHOLDED_RELU, 0.4) { x, a, _ in (x > a ? x : 0, x > a ? 1 : 0) },
      Self("thresholded relu, below zero", RK_THRESHOLDED_RELU, -0.4) { x, a, _ in (x > a ? x : 0, x > a ? 1 : 0) },
      Self("scaled tanh", RK_SCALED_TANH, 1.7159, 0.6667) { x, a, b in
        (a * tanh(b * x), a * b * (1 - tanh(b * x) * tanh(b * x)))
      },
      Self("hard sigmoid", RK_HARD_SIGMOID, 0.2, 0.5) { x, a, b in
        let y = a * x + b
        return (min(max(y, 0), 1), y > 0 && y < 1 ? a : 0)
      },
      Self("elu", RK_ELU, 1.3) { x, a, _ in (x < 0 ? a * expm1(x) : x, x > 0 ? 1 : a * exp(x)) },
      Self("softsign", RK_SOFTSIGN) { x, _, _ in (x / (1 + abs(x)), 1 / ((1 + abs(x)) * (1 + abs(x)))) },
      Self("softplus", RK_SOFTPLUS) { x, _, _ in (max(x, 0) + log1p(exp(-abs(x))), 1 / (1 + exp(-x))) },
    ]
  }

  /// None, and one that most arguments lie beyond.
  static let clips: [Float] = [.infinity, 0.7]

  @Test("functions and slopes are those in double precision", arguments: InstructionSet.all + [.naive], Function.all)
  func areExact(_ set: InstructionSet, _ function: Function) {
    for clip in Self.clips { expectExact(set, function, clip) }
  }

  private func expectExact(_ set: InstructionSet, _ function: Function, _ clip: Float) {
    // From tiny to large, on both sides of zero.
    let points = (1...400).flatMap { i -> [Float] in
      let x = Float(pow(10, Double(i) / 40 - 8.5))
      return [x, -x]
    }.filter { abs($0) < 40 }
    let x = Grid(1, points.count) { points[$1] }
    let y = Grid(1, points.count)
    let slope = x.copy()
    let ones = Grid(1, points.count) { _, _ in 1 }
    set.kernels.activate(rk_block(x), function.activation, clip, x.base, y.base)
    set.kernels.activateBackward(rk_block(x), function.activation, clip, slope.base, y.base, ones.base)
    for (j, point) in points.enumerated() {
      let (exactY, slopeWithin) = function.exact(Double(min(max(point, -clip), clip)))
      let exactSlope = abs(point) > clip ? 0 : slopeWithin
      // Relative, but for sums that cancel: the constants are at most 2.
      let allowed = 6 * Double(Float.ulpOfOne) * max(exactY.magnitude, function.isSum ? 1 : 0)
      #expect((Double(y[0, j]) - exactY).magnitude <= allowed, "f(\(point))")
      #expect((Double(slope[0, j]) - exactSlope).magnitude <= 8 * Double(Float.ulpOfOne) * 1.5, "f'(\(point))")
    }
  }

  @Test("any shape of block, as naive has it", arguments: InstructionSet.all, Function.all)
  func agreesWithNaive(_ set: InstructionSet, _ function: Function) {
    for (shape, clip) in GateCase.all.flatMap({ shape in Self.clips.map { (shape, $0) } }) {
      let results = [set, .naive].map { set in
        let (x, y, gradient) = (shape.grid(1, scale: 3), shape.grid(2), shape.grid(3))
        set.kernels.activate(rk_block(x), function.activation, clip, x.base, y.base)
        let before = x.hasSameBits(as: shape.grid(1, scale: 3))
        set.kernels.activateBackward(rk_block(x), function.activation, clip, x.base, y.base, gradient.base)
        return ([x, y], before)
      }
      #expect(results[0].1, "forward only reads its arguments")
      for (actual, expected) in zip(results[0].0, results[1].0) {
        let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 10, magnitude: 4) }
        if let problem { Issue.record("\(shape.reason): \(problem)") }
        #expect(actual.isIntact)
      }
    }
  }

  @Test("not a number stays so", arguments: InstructionSet.all + [.naive], Function.all)
  func notANumber(_ set: InstructionSet, _ function: Function) {
    for clip in Self.clips {
      let x = Grid(1, 21) { $1 == 19 ? .nan : value($1, 1) }
      set.kernels.activate(rk_block(x), function.activation, clip, x.base, x.base)
      for j in 0..<21 { #expect(x[0, j].isNaN == (j == 19)) }
    }
  }

  @Test("nor is a slope asked of what is not a number", arguments: InstructionSet.all + [.naive], Function.all)
  func slopeOfNotANumber(_ set: InstructionSet, _ function: Function) {
    // A straight line alone has one slope wherever it is asked.
    let isConstant = function.activation.kind == Int32(RK_AFFINE.rawValue)
    for clip in Self.clips {
      let x = Grid(1, 21) { $1 == 19 ? .nan : value($1, 1) }
      let (y, gradient) = (Grid(1, 21), Grid(1, 21) { _, _ in 1 })
      set.kernels.activate(rk_block(x), function.activation, clip, x.base, y.base)
      set.kernels.activateBackward(rk_block(x), function.activation, clip, x.base, y.base, gradient.base)
      for j in 0..<21 where j != 19 || !isConstant { #expect(x[0, j].isNaN == (j == 19), "lane \(j)") }
    }
  }

  @Test("scaling by vectors and sums of products, as naive has them", arguments: InstructionSet.all, [0, 1] as [Int32])
  func scaling(_ set: InstructionSet, adds: Int32) {
    for shape in GateCase.all + [GateCase(rows: 1, lanes: 300, reason: "two pieces")] {
      for lane in shape.rows == 1 ? [0, 1] : [0] {
        let vector = Grid(1, lane == 1 ? shape.lanes : max(shape.rows, 1), value: values(7))
        let vectors = rk_vectors(values: vector.base, vector: 0, unit: 1 - lane, lane: lane)
        let results = [set, .naive].map { set in
          let (x, y, sum) = (shape.grid(1), shape.grid(2), shape.grid(3))
          set.kernels.scaleByVector(rk_block(x), vectors, x.base, y.base, adds)
          set.kernels.addProducts(rk_block(x), x.base, y.base, sum.base)
          return [y, sum]
        }
        for (actual, expected) in zip(results[0], results[1]) {
          let problem = actual.difference(from: expected) { _, _ in tolerance(operations: 4, magnitude: 4) }
          if let problem { Issue.record("\(shape.reason): \(problem)") }
          #expect(actual.isIntact)
        }
      }
    }
  }
}

extension ActivationTests.Function {
  /// Whether it ends with a sum, whose error goes with the terms.
  fileprivate var isSum: Bool { [RK_AFFINE, RK_HARD_SIGMOID].contains { Int32($0.rawValue) == activation.kind } }
}
