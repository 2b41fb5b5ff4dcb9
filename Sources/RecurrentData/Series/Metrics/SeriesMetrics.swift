import RecurrentSupport

/// How close predicted values come to the true ones.
///
/// All are computed in double precision. A target that is missing (NaN) is left out with its prediction; without any
/// target the result is NaN, and so it is if a prediction is NaN.
public enum SeriesMetrics {
  /// The mean absolute error.
  ///
  /// ```
  /// MAE = 1/n Σ |s - o|          s prediction, o target
  /// ```
  ///
  /// - Parameters:
  ///   - predictions: `[n]`, in the units of the targets.
  ///   - targets: `[n]`.
  /// - Precondition: there are as many predictions as targets.
  /// - Complexity: O(n).
  public static func meanAbsoluteError(_ predictions: [Float], _ targets: [Float]) -> Double {
    Pairs(predictions, targets).mean { abs($0 - $1) }
  }

  /// The root of the mean squared error.
  ///
  /// ```
  /// RMSE = √(1/n Σ (s - o)²)
  /// ```
  ///
  /// - Parameters:
  ///   - predictions: `[n]`, in the units of the targets.
  ///   - targets: `[n]`.
  /// - Precondition: there are as many predictions as targets.
  /// - Complexity: O(n).
  public static func rootMeanSquaredError(_ predictions: [Float], _ targets: [Float]) -> Double {
    Pairs(predictions, targets).mean { ($0 - $1) * ($0 - $1) }.squareRoot()
  }

  /// The Nash–Sutcliffe efficiency: 1 if all is predicted, 0 for a prediction no better than the mean of the targets.
  ///
  /// ```
  /// NSE = 1 - Σ (s - o)² / Σ (o - ō)²
  /// ```
  ///
  /// Source: Nash & Sutcliffe 1970, "River flow forecasting through conceptual models, part I".
  ///
  /// - Parameters:
  ///   - predictions: `[n]`, in the units of the targets.
  ///   - targets: `[n]`.
  /// - Returns: at most 1; of targets that are all alike NaN, or -∞ if the prediction is another.
  /// - Precondition: there are as many predictions as targets.
  /// - Complexity: O(n).
  public static func nashSutcliffeEfficiency(_ predictions: [Float], _ targets: [Float]) -> Double {
    let pairs = Pairs(predictions, targets)
    let mean = pairs.mean { _, target in target }
    let spread = pairs.mean { _, target in (target - mean) * (target - mean) }
    return 1 - pairs.mean { ($0 - $1) * ($0 - $1) } / spread
  }

  /// The Kling–Gupta efficiency: 1 if correlation, spread and mean are those of the targets.
  ///
  /// ```
  /// KGE = 1 - √((r - 1)² + (α - 1)² + (β - 1)²)
  /// r = Σ (s - s̄)(o - ō) / √(Σ (s - s̄)² Σ (o - ō)²)          α = σ(s) / σ(o)          β = s̄ / ō
  /// ```
  ///
  /// Source: Gupta, Kling, Yilmaz & Martinez 2009, "Decomposition of the mean squared error and NSE performance criteria".
  ///
  /// - Parameters:
  ///   - predictions: `[n]`, in the units of the targets.
  ///   - targets: `[n]`.
  /// - Returns: at most 1; NaN if predictions or targets are all alike.
  /// - Precondition: there are as many predictions as targets.
  /// - Complexity: O(n).
  public static func klingGuptaEfficiency(_ predictions: [Float], _ targets: [Float]) -> Double {
    let pairs = Pairs(predictions, targets)
    let (s, o) = (pairs.mean { prediction, _ in prediction }, pairs.mean { _, target in target })
    let deviationS = pairs.mean { prediction, _ in (prediction - s) * (prediction - s) }.squareRoot()
    let deviationO = pairs.mean { _, target in (target - o) * (target - o) }.squareRoot()
    let r = pairs.mean { ($0 - s) * ($1 - o) } / (deviationS * deviationO)
    let (α, β) = (deviationS / deviationO, s / o)
    return 1 - ((r - 1) * (r - 1) + (α - 1) * (α - 1) + (β - 1) * (β - 1)).squareRoot()
  }

  /// Predictions beside targets, without those whose target is missing.
  private struct Pairs {
    private let predictions: [Float]
    private let targets: [Float]

    init(_ predictions: [Float], _ targets: [Float]) {
      require(
        predictions.count == targets.count,
        "\(quantity(predictions.count, "prediction")) for \(quantity(targets.count, "target"))")
      self.predictions = predictions
      self.targets = targets
    }

    func mean(_ value: (_ prediction: Double, _ target: Double) -> Double) -> Double {
      var (sum, count) = (0.0, 0)
      for (prediction, target) in zip(predictions, targets) where !target.isNaN {
        sum += value(Double(prediction), Double(target))
        count += 1
      }
      return sum / Double(count)
    }
  }
}
