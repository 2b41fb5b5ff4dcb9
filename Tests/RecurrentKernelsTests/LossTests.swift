import Foundation
import RecurrentKernels
import Testing

/// Softmax cross-entropy, its gradient and what counts as correct.
@Suite struct LossTests {
  struct Case: ReasonedCase {
    let classes: Int
    let lanes: Int
    var gap = 0
    var scale: Float = 1
    let logit: @Sendable (_ class: Int, _ lane: Int) -> Float
    let reason: String

    static let all = [
      Case(classes: 10, lanes: 50, gap: 6, logit: { 3 * value($0 * 64 + $1, 1) }, reason: "ten digits, half a batch"),
      Case(classes: 10, lanes: 16, logit: { 80 * value($0 * 64 + $1, 2) }, reason: "logits of ±80: no overflow"),
      Case(classes: 3, lanes: 7, logit: { 1e4 * value($0 * 64 + $1, 3) }, reason: "logits of ±10⁴: all or nothing"),
      Case(classes: 4, lanes: 9, logit: { _, _ in 0.5 }, reason: "all equal"),
      Case(classes: 1, lanes: 5, logit: { value($1, 4) + Float($0) }, reason: "a single class: no loss"),
      Case(classes: 65, lanes: 24, logit: { value($0 * 64 + $1, 5) }, reason: "characters"),
      Case(classes: 5, lanes: 33, logit: { $0 == 2 ? -200 : value($0, $1) }, reason: "a class without hope"),
    ]

    var labels: [Int32] { (0..<lanes).map { Int32(($0 * 7 + 2) % classes) } }
  }

  /// What the kernel leaves behind.
  struct Outcome {
    let gradient: Grid
    let losses: Grid
    let correct: [Int32]

    init(
      _ set: InstructionSet, logits: Grid, labels: [Int32], scale: Float, hit: [Float]? = nil, miss: [Float]? = nil
    ) {
      gradient = logits.copy()
      losses = Grid(1, labels.count)
      // One more than is written, as a guard.
      var correct = [Int32](repeating: -9, count: labels.count + 1)
      let hit = hit ?? Array(repeating: 1, count: logits.rows)
      let miss = miss ?? Array(repeating: 0, count: logits.rows)
      let missed = miss.reduce(0) { $0 + Double($1) }
      set.kernels.softmaxCrossEntropy(
        gradient.base, gradient.row, gradient.rows, gradient.columns, labels, hit, miss,
        hit.indices.map { Float(missed - Double(miss[$0]) + Double(hit[$0])) }, scale, losses.base, &correct)
      self.correct = correct
    }
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func agreesWithNaive(_ set: InstructionSet, _ example: Case) {
    let logits = Grid(example.classes, example.lanes, gap: example.gap, value: example.logit)
    for scale in [Float(1), 0.01] {
      let outcome = Outcome(set, logits: logits, labels: example.labels, scale: scale)
      let expected = Outcome(.naive, logits: logits, labels: example.labels, scale: scale)
      // A probability is at most 1: two exponentials, a sum over the classes, a division and a subtraction.
      let operations = example.classes + 6
      let gradient = outcome.gradient.difference(from: expected.gradient) { _, _ in
        tolerance(operations: operations, magnitude: scale)
      }
      if let gradient { Issue.record("gradient \(gradient)") }
      // The logarithm of a sum of at least 1, plus the distance of two logits.
      let losses = outcome.losses.difference(from: expected.losses) {
        tolerance(operations: operations, magnitude: 1 + abs(expected.losses[$0, $1]))
      }
      if let losses { Issue.record("losses \(losses)") }
      #expect(outcome.correct == expected.correct)
      #expect(outcome.gradient.isIntact && outcome.losses.isIntact)
    }
  }

  @Test(arguments: InstructionSet.all, Case.all)
  func agreesWithNaiveForAnyTargets(_ set: InstructionSet, _ example: Case) {
    let logits = Grid(example.classes, example.lanes, gap: example.gap, value: example.logit)
    // Some classes have no target but as a label, one has none at all.
    let hit = (0..<example.classes).map { $0 == 3 ? 0 : 1.2 + value($0, 5) }
    let miss = (0..<example.classes).map { $0 % 3 == 0 ? 0 : 0.1 + 0.1 * value($0, 6) }
    let outcome = Outcome(set, logits: logits, labels: example.labels, scale: 0.3, hit: hit, miss: miss)
    let expected = Outcome(.naive, logits: logits, labels: example.labels, scale: 0.3, hit: hit, miss: miss)
    // Targets add up to less than 3 + 0.2 · classes, and stand before probabilities and distances of logits.
    let targets = 3 + 0.2 * Float(example.classes)
    let operations = 2 * example.classes + 8
    let gradient = outcome.gradient.difference(from: expected.gradient) { _, _ in
      tolerance(operations: operations, magnitude: 0.3 * targets)
    }
    if let gradient { Issue.record("gradient \(gradient)") }
    let losses = outcome.losses.difference(from: expected.losses) { _, lane in
      let lowest = (0..<example.classes).reduce(0) { max($0, abs(logits[$1, lane])) }
      return tolerance(operations: operations, magnitude: targets * (8 + 2 * lowest))
    }
    if let losses { Issue.record("losses \(losses)") }
    #expect(outcome.correct == expected.correct)
    #expect(outcome.gradient.isIntact && outcome.losses.isIntact)
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func targetsAreThoseOfLabelsAndOthers(_ set: InstructionSet) {
    // Equal logits: each class has probability 1/3, the loss is ln 3 times the targets, whose sum is 3.5 or 4.5.
    let logits = Grid(3, 9) { _, _ in 0.25 }
    let labels = (0..<9).map { Int32($0 % 3) }
    let (hit, miss) = ([1, 2, 3] as [Float], [0.5, 0.5, 2] as [Float])
    let outcome = Outcome(set, logits: logits, labels: labels, scale: 2, hit: hit, miss: miss)
    for lane in 0..<9 {
      let targets = (0..<3).map { $0 == Int(labels[lane]) ? hit[$0] : miss[$0] }
      let sum = targets.reduce(0, +)
      #expect(abs(outcome.losses[0, lane] - sum * 1.0986123) < tolerance(operations: 8, magnitude: 5))
      for k in 0..<3 {
        #expect(abs(outcome.gradient[k, lane] - 2 * (sum / 3 - targets[k])) < tolerance(operations: 8, magnitude: 8))
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func classWithoutTargetMayBeImpossible(_ set: InstructionSet) {
    let logits = Grid(3, 11) { row, _ in row == 1 ? -.infinity : Float(row) }
    let outcome = Outcome(set, logits: logits, labels: Array(repeating: 2, count: 11), scale: 1)
    #expect((0..<11).allSatisfy { abs(outcome.losses[0, $0] - 0.126928) < 1e-5 })
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func firstOfEqualsWins(_ set: InstructionSet) {
    let logits = Grid(4, 12) { row, _ in row == 0 ? -1 : 2.5 }
    let outcome = Outcome(set, logits: logits, labels: (0..<12).map { Int32($0 % 4) }, scale: 1)
    #expect(outcome.correct == (0..<12).map { $0 % 4 == 1 ? 1 : 0 } + [-9])
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func notANumberReachesTheLossOfItsOwnLaneAlone(_ set: InstructionSet) {
    for row in 0..<5 {
      let logits = Grid(5, 21) { $0 == row && $1 == 18 ? .nan : value($0 * 32 + $1, 1) }
      let outcome = Outcome(set, logits: logits, labels: [Int32](repeating: 2, count: 21), scale: 1)
      // No class is right where one of the logits is NaN, whichever one it is.
      #expect(outcome.correct[18] == 0)
      for lane in 0..<21 {
        #expect(outcome.losses[0, lane].isNaN == (lane == 18), "NaN in class \(row), lane \(lane)")
        for class_ in 0..<5 { #expect(outcome.gradient[class_, lane].isNaN == (lane == 18)) }
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], [10, 1_000, 10_000])
  func manyClasses(_ set: InstructionSet, classes: Int) {
    // One class far above the others, labels smoothed by a tenth: what each target errs by would add up.
    let smoothing: Float = 0.1
    for peak in [Float(0), 3, 12] {
      let logits = Grid(classes, 9) { row, lane in row == lane + 1 ? peak : 0.5 * value(row, lane) }
      let labels = (0..<9).map { Int32(($0 * 7 + 2) % 10) }
      let miss = Array(repeating: smoothing / Float(classes), count: classes)
      let outcome = Outcome(
        set, logits: logits, labels: labels, scale: 1, hit: miss.map { 1 - smoothing + $0 }, miss: miss)
      for lane in 0..<9 {
        let z = (0..<classes).map { Double(logits[$0, lane]) }
        let logSum = log(z.reduce(0) { $0 + exp($1) })
        var targets = [Double](repeating: Double(smoothing) / Double(classes), count: classes)
        targets[Int(labels[lane])] += 1 - Double(smoothing)
        var (worst, loss) = (0.0, 0.0)
        for k in 0..<classes {
          let gradient = exp(z[k] - logSum) - targets[k]
          worst = max(worst, (Double(outcome.gradient[k, lane]) - gradient).magnitude)
          loss += targets[k] * (logSum - z[k])
        }
        #expect(worst < 1e-6, "peak \(peak), lane \(lane)")
        #expect((Double(outcome.losses[0, lane]) - loss).magnitude < 1e-6 * max(loss, 1), "peak \(peak), lane \(lane)")
      }
    }
  }

  @Test(arguments: InstructionSet.all + [.naive])
  func gradientOfALaneSumsToZero(_ set: InstructionSet) {
    let logits = Grid(10, 50, value: values(1, scale: 4))
    let outcome = Outcome(set, logits: logits, labels: (0..<50).map { Int32($0 % 10) }, scale: 1)
    for lane in 0..<50 {
      let sum = (0..<10).reduce(Float(0)) { $0 + outcome.gradient[$1, lane] }
      #expect(abs(sum) <= tolerance(operations: 30, magnitude: 1))
    }
  }

  @Test(arguments: InstructionSet.all)
  func laneDoesNotDependOnItsNeighbours(_ set: InstructionSet) {
    let logits = Grid(10, 37, value: values(1, scale: 4))
    let labels = (0..<37).map { Int32($0 * 3 % 10) }
    let whole = Outcome(set, logits: logits, labels: labels, scale: 0.02)
    for lane in 0..<37 {
      let alone = Grid(10, 1) { row, _ in logits[row, lane] }
      let outcome = Outcome(set, logits: alone, labels: [labels[lane]], scale: 0.02)
      #expect(outcome.losses[0, 0] == whole.losses[0, lane])
      #expect((0..<10).allSatisfy { outcome.gradient[$0, 0] == whole.gradient[$0, lane] }, "lane \(lane)")
    }
  }

  @Test(arguments: InstructionSet.all + [.naive], [1, 5, 40])
  func laneWithoutLabelHasNoLoss(_ set: InstructionSet, classes: Int) {
    let labels = indicesWithGaps(37) { $0 * 7 % classes }
    // Lanes without a label hold what would spoil a sum.
    let spoilers: [Float] = [.nan, .infinity, -.infinity, 2]
    let logits = Grid(classes, 37, gap: 3) { row, lane in
      labels[lane] < 0 ? spoilers[(lane + row) % 4] : 3 * value(row * 64 + lane, 1)
    }
    let outcome = Outcome(set, logits: logits, labels: labels, scale: 0.3)
    // The same with a label in every lane: lanes that have one must not notice.
    let labelled = Outcome(set, logits: logits, labels: labels.map { max($0, 0) }, scale: 0.3)
    for lane in 0..<37 {
      if labels[lane] < 0 {
        #expect(outcome.losses[0, lane].bitPattern == 0 && outcome.correct[lane] == 0, "lane \(lane)")
        #expect((0..<classes).allSatisfy { outcome.gradient[$0, lane].bitPattern == 0 }, "lane \(lane)")
      } else {
        #expect(outcome.losses[0, lane] == labelled.losses[0, lane], "lane \(lane)")
        #expect(outcome.correct[lane] == labelled.correct[lane], "lane \(lane)")
        #expect((0..<classes).allSatisfy { outcome.gradient[$0, lane] == labelled.gradient[$0, lane] })
      }
    }
    #expect(outcome.gradient.isIntact && outcome.losses.isIntact && outcome.correct.last == -9)
  }
}
