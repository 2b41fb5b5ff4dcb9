import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Metrics against values worked out by hand.
@Suite struct SeriesMetricsTests {
  // Errors 1, -1, 0, 2; the last target is missing. Mean of the targets 4, squared differences 9 + 1 + 1 + 9 = 20.
  static let predictions: [Float] = [2, 2, 5, 9, 1000]
  static let targets: [Float] = [1, 3, 5, 7, .nan]

  @Test("errors of four values, a missing one left out")
  func errors() {
    #expect(SeriesMetrics.meanAbsoluteError(Self.predictions, Self.targets) == 1)
    #expect(SeriesMetrics.rootMeanSquaredError(Self.predictions, Self.targets) == 1.5.squareRoot())
    #expect(SeriesMetrics.nashSutcliffeEfficiency(Self.predictions, Self.targets) == 1 - 1.5 / 5)
  }

  @Test("Kling–Gupta efficiency: r, α and β each on its own")
  func klingGupta() {
    func efficiency(_ predictions: [Float]) -> Double {
      SeriesMetrics.klingGuptaEfficiency(predictions, [1, 3, 5, 7])
    }
    #expect(abs(efficiency([1, 3, 5, 7]) - 1) < 1e-15)
    // Moved by 4, the mean: β = 2. Twice the spread around the same mean: α = 2. Turned round: r = -1.
    #expect(abs(efficiency([5, 7, 9, 11]) - 0) < 1e-15)
    #expect(abs(efficiency([-2, 2, 6, 10]) - 0) < 1e-15)
    #expect(abs(efficiency([7, 5, 3, 1]) - -1) < 1e-15)
    // Predictions 2, 2, 5, 9: mean 4.5, deviations -2.5, -2.5, 0.5, 4.5; products 7.5 + 2.5 + 0.5 + 13.5 = 24,
    // squares 33 against 20.
    let (r, α, β) = (24 / (33.0 * 20).squareRoot(), (33.0 / 20).squareRoot(), 4.5 / 4)
    let expected = 1 - ((r - 1) * (r - 1) + (α - 1) * (α - 1) + (β - 1) * (β - 1)).squareRoot()
    #expect(abs(SeriesMetrics.klingGuptaEfficiency(Self.predictions, Self.targets) - expected) < 1e-15)
  }

  @Test("sums are in double precision: a small spread on a large mean")
  func precision() {
    let targets = (0..<1000).map { Float(1_000_000 + $0 % 2) }
    let predictions = targets.map { $0 + 0.5 }
    #expect(SeriesMetrics.nashSutcliffeEfficiency(predictions, targets) == 0)
  }

  @Test("no target, no number; a prediction that is none is not hidden; targets all alike")
  func undefined() {
    #expect(SeriesMetrics.meanAbsoluteError([1], [.nan]).isNaN)
    #expect(SeriesMetrics.rootMeanSquaredError([.nan, 1], [1, 1]).isNaN)
    #expect(SeriesMetrics.nashSutcliffeEfficiency([1, 1], [2, 2]) == -.infinity)
    #expect(SeriesMetrics.klingGuptaEfficiency([1, 2], [2, 2]).isNaN)
  }

  @Test("seasonal naive: the last season again and again; a missing value from the season before")
  func seasonalNaive() {
    #expect(SeasonalNaive(season: 3).forecast(after: [1, 2, 3, 4, 5, 6], horizon: 7) == [4, 5, 6, 4, 5, 6, 4])
    #expect(SeasonalNaive(season: 1).forecast(after: [1, 2], horizon: 2) == [2, 2])
    #expect(SeasonalNaive(season: 2).forecast(after: [1, 2, .nan, 4], horizon: 2) == [1, 4])
    #expect(SeasonalNaive(season: 5).forecast(after: [1, 2], horizon: 4).map(\.isNaN) == [true, true, true, false])
  }

  @Test("MASE: the error over that of the seasonal naive forecast in training")
  func scaled() {
    let naive = SeasonalNaive(season: 2)
    // Differences at two steps: 3 - 1, 5 - 2, 4 - 3 with 6 - 5 left out, since 6 is missing: 2, 3, 1.
    let training: [Float] = [1, 2, 3, 5, 4, .nan]
    #expect(naive.scale(of: training) == 2)
    #expect(naive.scale(of: [1, 2, .nan, 5, 4]) == 3, "a missing earlier value leaves its pair out too")
    #expect(naive.meanAbsoluteScaledError([5, 8, 0], [4, 5, .nan], training: training) == 1)
    #expect(SeasonalNaive(season: 1).scale(of: [1, 2, 4]) == 1.5)
    #expect(naive.scale(of: [1, 2]).isNaN)
  }

  @Test("balanced accuracy: the mean recall of the classes that occur")
  func balanced() {
    let confusion = ConfusionMatrix(counts: [[90, 10, 0], [5, 5, 0], [0, 0, 0]])
    #expect(confusion.balancedAccuracy == 0.7)
    #expect(ConfusionMatrix(counts: [[0, 0], [0, 0]]).balancedAccuracy == 0)
  }
}
