import Foundation
import RecurrentKernels
import Testing

/// Sigmoid cross-entropy of independent labels, its gradient, and the number of correct ones.
@Suite struct SigmoidLossTests {
  struct Case: ReasonedCase {
    let rows: Int
    let lanes: Int
    var gap = 0
    var targetGap = 3
    var isWeighted = false
    var scale: Float = 1
    let spread: Float
    /// Every so many targets are missing; never if 0.
    var missing = 0
    let reason: String

    static let all = [
      Case(rows: 1, lanes: 50, spread: 3, reason: "one label: a binary classifier"),
      Case(rows: 14, lanes: 33, gap: 6, scale: 0.01, spread: 3, missing: 3, reason: "a third of the targets missing"),
      Case(rows: 5, lanes: 7, isWeighted: true, spread: 80, reason: "logits of ±80: no overflow"),
      Case(rows: 3, lanes: 16, gap: 1, isWeighted: true, spread: 1e4, missing: 4, reason: "logits of ±10⁴"),
      Case(rows: 300, lanes: 24, targetGap: 0, isWeighted: true, spread: 5, missing: 7, reason: "many labels"),
      Case(rows: 2, lanes: 9, spread: 1e-3, reason: "logits near 0"),
      Case(rows: 4, lanes: 19, spread: 2, missing: 1, reason: "no target at all"),
      Case(rows: 0, lanes: 11, spread: 2, reason: "no label"),
    ]

    var logits: Grid { Grid(rows, lanes, gap: gap, value: values(1, scale: spread)) }

    /// 0, 1 and probabilities between them.
    var targets: Grid {
      let probabilities: [Float] = [0, 1, 0.25, 0.5, 0.9]
      return Grid(rows, lanes, gap: targetGap) { row, lane in
        let index = row * lanes + lane
        if missing > 0, index % missing == 0 { return .nan }
        return probabilities[(index * 7 + row) % 5]
      }
    }

    var weights: [Float]? { isWeighted ? (0..<rows).map { 1.5 + value($0, 9) } : nil }
  }

  /// What the kernel leaves behind.
  struct Outcome {
    let gradient: Grid
    let losses: Grid
    let correct: [Int32]
    let present: [Int32]

    init(_ set: InstructionSet, logits: Grid, targets: Grid, weights: [Float]? = nil, scale: Float = 1) {
      gradient = logits.copy()
      losses = Grid(1, logits.columns, value: values(8))
      // One more than is written, as a guard.
      var correct = [Int32](repeating: -9, count: logits.columns + 1)
      var present = correct
      set.kernels.sigmoidCrossEntropy(
        gradient.base, gradient.row, logits.rows, logits.columns, targets.base, targets.row, weights, scale,
        losses.base, &correct, &present)
      self.correct = correct
      self.present = present
    }

    init(_ set: InstructionSet, _ example: Case) {
      self.init(
        set, logits: example.logits, targets: example.targets, weights: example.weights, scale: example.scale)
    }

    func hasSameBits(as other: Outcome) -> Bool {
      gradient.hasSameBits(as: other.gradient) && losses.hasSameBits(as: other.losses) && correct == other.correct
        && present == other.present
    }
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func agreesWithNaive(_ set: InstructionSet, _ example: Case) {
    let outcome = Outcome(set, example)
    let expected = Outcome(.naive, example)
    // A sigmoid errs by 2.5 ulps of at most 1, weights are at most 2.6: one subtraction, two multiplications.
    let gradient = outcome.gradient.difference(from: expected.gradient) { _, _ in
      tolerance(operations: 8, magnitude: 2.6 * example.scale)
    }
    if let gradient { Issue.record("gradient \(gradient)") }
    // All terms are positive: an exponential, a logarithm, two multiplications, three additions, a rounding.
    let losses = outcome.losses.difference(from: expected.losses) {
      tolerance(operations: 10, magnitude: expected.losses[$0, $1])
    }
    if let losses { Issue.record("losses \(losses)") }
    #expect(outcome.correct == expected.correct)
    #expect(outcome.present == expected.present)
    #expect(outcome.gradient.isIntact && outcome.losses.isIntact)
  }

  @Test(arguments: InstructionSet.all + [.naive], Case.all)
  func errsByFewRoundings(_ set: InstructionSet, _ example: Case) {
    let outcome = Outcome(set, example)
    let (logits, targets) = (example.logits, example.targets)
    for lane in 0..<example.lanes {
      var (loss, correct, present) = (0.0, 0, 0)
      for row in 0..<example.rows {
        let (z, t) = (Double(logits[row, lane]), Double(targets[row, lane]))
        let weight = Double(example.weights?[row] ?? 1)
        if t.isNaN {
          #expect(outcome.gradient[row, lane] == 0)
          continue
        }
        present += 1
        correct += (z > 0) == (t > 0.5) ? 1 : 0
        loss += weight * (max(z, 0) - z * t + log1p(exp(-abs(z))))
        let exact = Double(example.scale) * weight * (1 / (1 + exp(-z)) - t)
        let error = abs(Double(outcome.gradient[row, lane]) - exact)
        #expect(error <= 4 * Double(Float.ulpOfOne) * Double(example.scale) * weight, "[\(row)][\(lane)]")
      }
      let error = abs(Double(outcome.losses[0, lane]) - loss)
      #expect(error <= 6 * Double(Float.ulpOfOne) * loss + 1e-37, "lane \(lane)")
      #expect(outcome.correct[lane] == correct && outcome.present[lane] == present, "lane \(lane)")
    }
    #expect(outcome.correct.last == -9 && outcome.present.last == -9)
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func nanLogitReachesItsOwnLaneAlone(_ set: InstructionSet) {
    let logits = Grid(5, 21) { $0 == 3 && $1 == 18 ? .nan : value($0 * 32 + $1, 1) }
    for target in [Float(0), 1] {
      let outcome = Outcome(set, logits: logits, targets: Grid(5, 21) { _, _ in target })
      for lane in 0..<21 {
        #expect(outcome.losses[0, lane].isNaN == (lane == 18))
        #expect(outcome.present[lane] == 5)
        for row in 0..<5 { #expect(outcome.gradient[row, lane].isNaN == (row == 3 && lane == 18)) }
      }
      let matches = (0..<5).filter { $0 != 3 && (logits[$0, 18] > 0) == (target > 0.5) }.count
      #expect(Int(outcome.correct[18]) == matches)
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func missingTargetHidesAnyLogit(_ set: InstructionSet) {
    for logit in [Float.nan, .infinity, -.infinity, 3] {
      let outcome = Outcome(set, logits: Grid(2, 19) { _, _ in logit }, targets: Grid(2, 19) { _, _ in .nan })
      #expect((0..<19).allSatisfy { outcome.losses[0, $0] == 0 })
      #expect((0..<19).allSatisfy { outcome.gradient[0, $0].bitPattern == 0 && outcome.gradient[1, $0] == 0 })
      #expect(outcome.correct.dropLast().allSatisfy { $0 == 0 } && outcome.present.dropLast().allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func infiniteLogitLosesNothingOnItsOwnSide(_ set: InstructionSet) {
    let logits = Grid(1, 12) { _, lane in lane % 2 == 0 ? .infinity : -.infinity }
    let right = Outcome(set, logits: logits, targets: Grid(1, 12) { _, lane in lane % 2 == 0 ? 1 : 0 })
    #expect((0..<12).allSatisfy { right.losses[0, $0] == 0 && abs(right.gradient[0, $0]) < 1e-37 })
    #expect(right.correct.dropLast().allSatisfy { $0 == 1 })
    let wrong = Outcome(set, logits: logits, targets: Grid(1, 12) { _, lane in lane % 2 == 0 ? 0 : 1 })
    #expect((0..<12).allSatisfy { wrong.losses[0, $0] == .infinity && abs(wrong.gradient[0, $0]) == 1 })
    #expect(wrong.correct.dropLast().allSatisfy { $0 == 0 })
  }

  @Test(arguments: InstructionSet.all)
  func laneDoesNotDependOnItsNeighbours(_ set: InstructionSet) {
    let logits = Grid(6, 37, value: values(1, scale: 4))
    let targets = Grid(6, 37) { row, lane in Float((row + lane) % 3) / 2 }
    let whole = Outcome(set, logits: logits, targets: targets, scale: 0.02)
    for lane in 0..<37 {
      let alone = Outcome(
        set, logits: Grid(6, 1) { row, _ in logits[row, lane] }, targets: Grid(6, 1) { row, _ in targets[row, lane] },
        scale: 0.02)
      #expect(alone.losses[0, 0] == whole.losses[0, lane])
      #expect((0..<6).allSatisfy { alone.gradient[$0, 0] == whole.gradient[$0, lane] }, "lane \(lane)")
    }
  }

  @Test(.enabled(if: InstructionSet.wide.count > 1), arguments: Case.all)
  func vectorWidthDoesNotMatter(_ example: Case) {
    let outcomes = InstructionSet.wide.map { Outcome($0, example) }
    #expect(outcomes.dropFirst().allSatisfy { $0.hasSameBits(as: outcomes[0]) })
  }
}
