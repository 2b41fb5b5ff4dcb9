import RecurrentKernels
import Testing

/// The losses of values: squared, absolute and Huber's.
@Suite struct RegressionLossTests {
  struct Case: ReasonedCase {
    let rows: Int
    let lanes: Int
    var gap = 0
    var targetGap = 3
    let loss: rk_regression
    var scale: Float = 1
    /// Every so many targets are missing; never if 0.
    var missing = 0
    let reason: String

    static let all = [
      Case(rows: 1, lanes: 50, loss: .squared, reason: "squared: one value"),
      Case(rows: 13, lanes: 33, gap: 5, loss: .squared, scale: 0.01, missing: 3, reason: "squared: targets missing"),
      Case(rows: 300, lanes: 7, targetGap: 0, loss: .squared, scale: 0.3, missing: 7, reason: "squared: many values"),
      Case(rows: 2, lanes: 19, gap: 2, loss: .absolute, reason: "absolute: two values"),
      Case(rows: 5, lanes: 24, loss: .absolute, scale: 0.02, missing: 4, reason: "absolute: targets missing"),
      Case(rows: 3, lanes: 17, gap: 1, loss: .huber(0.7), scale: 0.02, reason: "Huber: both branches"),
      Case(rows: 6, lanes: 9, loss: .huber(0.1), missing: 2, reason: "Huber: targets missing"),
      Case(rows: 4, lanes: 15, loss: .huber(.infinity), reason: "Huber: always squared"),
      Case(rows: 4, lanes: 11, loss: .squared, missing: 1, reason: "no target at all"),
      Case(rows: 0, lanes: 23, loss: .absolute, reason: "no value"),
    ]

    var values: Grid {
      Grid(rows, lanes, gap: gap) { row, lane in (row + lane) % 11 == 5 ? 0.25 : 2 * value(row * 977 + lane, 1) }
    }

    /// Some targets are met exactly.
    var targets: Grid {
      Grid(rows, lanes, gap: targetGap) { row, lane in
        if missing > 0, (row * lanes + lane) % missing == 0 { return .nan }
        return (row + lane) % 11 == 5 ? 0.25 : value(row * 977 + lane, 2)
      }
    }
  }

  /// What the kernel leaves behind.
  struct Outcome {
    let gradient: Grid
    let losses: Grid
    let present: [Int32]

    init(_ set: InstructionSet, _ values: Grid, _ targets: Grid, _ loss: rk_regression, scale: Float = 1) {
      gradient = values.copy()
      losses = Grid(1, values.columns, value: RecurrentKernelsTests.values(8))
      // One more than is written, as a guard.
      var present = [Int32](repeating: -9, count: values.columns + 1)
      set.kernels.regressionLoss(
        gradient.base, gradient.row, values.rows, values.columns, targets.base, targets.row, loss, scale, losses.base,
        &present)
      self.present = present
    }
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func equalsNaive(_ set: InstructionSet, _ example: Case) {
    let outcome = Outcome(set, example.values, example.targets, example.loss, scale: example.scale)
    let expected = Outcome(.naive, example.values, example.targets, example.loss, scale: example.scale)
    // Nothing to fuse, and sums in the order of the rows: nothing may differ.
    #expect(outcome.gradient.hasSameBits(as: expected.gradient))
    #expect(outcome.losses.hasSameBits(as: expected.losses))
    #expect(outcome.present == expected.present)
    #expect(outcome.gradient.isIntact && outcome.losses.isIntact)
  }

  @Test(arguments: InstructionSet.all + [.naive], Case.all)
  func errsByFewRoundings(_ set: InstructionSet, _ example: Case) {
    let (values, targets) = (example.values, example.targets)
    let outcome = Outcome(set, values, targets, example.loss, scale: example.scale)
    let δ = Double(example.loss.delta)
    for lane in 0..<example.lanes {
      var (loss, present) = (0.0, 0)
      for row in 0..<example.rows {
        let e = Double(values[row, lane]) - Double(targets[row, lane])
        if e.isNaN {
          #expect(outcome.gradient[row, lane].bitPattern == 0)
          continue
        }
        present += 1
        let sign: Double = e > 0 ? 1 : e < 0 ? -1 : 0
        let slope: Double
        switch rk_regression_kind(UInt32(example.loss.kind)) {
        case RK_SQUARED: (loss, slope) = (loss + e * e, 2 * e)
        case RK_ABSOLUTE: (loss, slope) = (loss + abs(e), sign)
        default:
          loss += abs(e) <= δ ? e * e / 2 : δ * (abs(e) - δ / 2)
          slope = abs(e) <= δ ? e : δ * sign
        }
        // A subtraction of two numbers up to 2.2, and a multiplication.
        let error = abs(Double(outcome.gradient[row, lane]) - Double(example.scale) * slope)
        #expect(error <= Double(tolerance(operations: 2, magnitude: 2 * 3.1 * example.scale)), "[\(row)][\(lane)]")
      }
      // The difference enters a square twice; a product, a rounding at the end.
      let error = abs(Double(outcome.losses[0, lane]) - loss)
      #expect(error <= 3 * Double(Float.ulpOfOne) * loss, "lane \(lane)")
      #expect(outcome.present[lane] == present, "lane \(lane)")
    }
    #expect(outcome.present.last == -9)
  }

  @Test(arguments: InstructionSet.all + [.naive], [rk_regression.squared, .absolute, .huber(0.5)])
  func nanValueReachesItsOwnLaneAlone(_ set: InstructionSet, _ loss: rk_regression) {
    // One NaN has its sign bit set: a NaN's sign carries no information.
    for nan in [Float.nan, -.nan] {
      let values = Grid(3, 21) { $0 == 1 && $1 == 18 ? nan : value($0 * 32 + $1, 1) }
      let outcome = Outcome(set, values, Grid(3, 21, value: RecurrentKernelsTests.values(2)), loss)
      for lane in 0..<21 {
        #expect(outcome.losses[0, lane].isNaN == (lane == 18) && outcome.present[lane] == 3)
        for row in 0..<3 { #expect(outcome.gradient[row, lane].isNaN == (row == 1 && lane == 18)) }
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], [rk_regression.squared, .absolute, .huber(0.5)])
  func missingTargetHidesAnyValue(_ set: InstructionSet, _ loss: rk_regression) {
    for value in [Float.nan, .infinity, -.infinity, 3] {
      let outcome = Outcome(set, Grid(2, 19) { _, _ in value }, Grid(2, 19) { _, _ in .nan }, loss)
      #expect((0..<19).allSatisfy { outcome.losses[0, $0] == 0 && outcome.present[$0] == 0 })
      #expect((0..<19).allSatisfy { outcome.gradient[0, $0].bitPattern == 0 && outcome.gradient[1, $0] == 0 })
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func infiniteValueHasAnInfiniteLoss(_ set: InstructionSet) {
    for (loss, slope) in [(rk_regression.squared, Float.infinity), (.absolute, 1), (.huber(0.5), 0.5)] {
      for sign in [Float(1), -1] {
        let outcome = Outcome(set, Grid(1, 9) { _, _ in sign * .infinity }, Grid(1, 9) { _, _ in 2 }, loss)
        #expect((0..<9).allSatisfy { outcome.losses[0, $0] == .infinity && outcome.gradient[0, $0] == sign * slope })
      }
    }
  }
}

extension rk_regression {
  static let squared = rk_regression(kind: Int32(RK_SQUARED.rawValue), delta: 0)
  static let absolute = rk_regression(kind: Int32(RK_ABSOLUTE.rawValue), delta: 0)
  static func huber(_ δ: Float) -> rk_regression { rk_regression(kind: Int32(RK_HUBER.rawValue), delta: δ) }
}
