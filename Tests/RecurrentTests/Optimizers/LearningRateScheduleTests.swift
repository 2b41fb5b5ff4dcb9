import Recurrent
import TestSupport
import Testing

/// Learning rates over a training are PyTorch's.
@Suite struct LearningRateScheduleTests {
  @Test("every rate is PyTorch's", arguments: Fixtures.learning.schedules)
  func stored(fixture: LearningFixture.Schedule) throws {
    let schedule = try fixture.schedule()
    let rates = fixture.rates.indices.map { schedule.rate(at: $0, from: fixture.initial) }
    #expect(mismatch(of: rates, with: fixture.rates, within: Tolerance.afterRoundings(4)) == nil)
    // Twice the rate to begin with is twice the rate throughout, but for the way to a fixed minimum.
    if fixture.options["minimum"] == nil {
      let doubled = fixture.rates.indices.map { schedule.rate(at: $0, from: 2 * fixture.initial) }
      #expect(mismatch(of: doubled, with: fixture.rates.map { 2 * $0 }, within: Tolerance.afterRoundings(4)) == nil)
    }
  }

  @Test("a constant rate is constant")
  func constant() {
    for place in [0, 1, 1000] { #expect(LearningRateSchedule.constant.rate(at: place, from: 0.01) == 0.01) }
  }

  @Test("past its end a cosine stays at its minimum")
  func pastTheEnd() {
    let schedule = LearningRateSchedule.cosine(total: 10, warmUp: 2, minimum: 0.125)
    for place in [10, 11, 15, 1000] { #expect(schedule.rate(at: place, from: 1) == 0.125) }
    #expect(schedule.rate(at: 2, from: 1) == 1)
  }

  @Test("a plateau's rate after every loss is PyTorch's", arguments: Fixtures.learning.plateaus)
  func plateau(fixture: LearningFixture.Plateau) {
    var schedule = LearningRateSchedule.plateau(fixture.schedule)
    #expect(schedule.rate(at: 0, from: fixture.initial) == fixture.initial)
    var rates: [Float] = []
    for loss in fixture.losses {
      schedule.observe(validationLoss: loss)
      rates.append(schedule.rate(at: 7, from: fixture.initial))
    }
    #expect(mismatch(of: rates, with: fixture.rates, within: Tolerance.afterRoundings(4)) == nil)
    #expect(Set(fixture.rates).count > 1)
    guard case .plateau(let plateau) = schedule else { return }
    #expect(plateau.reductionCount > 0)
  }

  @Test("a plateau is a value, and other schedules do not look at losses")
  func values() {
    var schedule = LearningRateSchedule.plateau(PlateauSchedule(factor: 0.5, patience: 0))
    let before = schedule
    for loss in [1.0, 2] { schedule.observe(validationLoss: loss) }
    #expect(schedule.rate(at: 0, from: 1) == 0.5 && before.rate(at: 0, from: 1) == 1)
    var other = LearningRateSchedule.exponential(factor: 0.5)
    other.observe(validationLoss: 3)
    #expect(other == .exponential(factor: 0.5))
    // What is not a number is no improvement.
    var lost = PlateauSchedule(factor: 0.5, patience: 1)
    for _ in 0..<2 { lost.observe(.nan) }
    #expect(lost.reductionCount == 1)
  }
}
