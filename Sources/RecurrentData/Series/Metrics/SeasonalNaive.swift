import RecurrentSupport

/// The forecast that repeats the last season: what any other has to be better than.
///
/// ```
/// ŷ[n + k] = y[n + k - m ⌈k / m⌉]          m steps of a season; with m = 1 the last value
/// ```
public struct SeasonalNaive: Sendable, Equatable {
  /// m, the number of steps of a season: 12 for months, 24 for hours, 1 if there is none.
  public let season: Int

  /// A forecast by season.
  ///
  /// - Parameter season: the number of steps of a season, at least 1.
  /// - Precondition: it is at least 1.
  /// - Complexity: O(1).
  public init(season: Int) {
    require(season > 0, "a season has at least one step; found \(season)")
    self.season = season
  }

  /// The next values of a series of one channel.
  ///
  /// A value that is missing is taken from the season before; NaN if all of them are missing.
  ///
  /// - Parameters:
  ///   - history: `[n]`, the values so far.
  ///   - horizon: how many to predict.
  /// - Returns: `[horizon]`.
  /// - Precondition: `horizon` is not negative.
  /// - Complexity: O(horizon), and O(n) if values are missing.
  public func forecast(after history: [Float], horizon: Int) -> [Float] {
    require(horizon >= 0, "a horizon is not negative; found \(horizon)")
    return (0..<horizon).map { k in
      var position = history.count + k % season - season
      while position >= 0 && history[position].isNaN { position -= season }
      return position >= 0 ? history[position] : .nan
    }
  }

  /// The mean absolute error of this forecast one season ahead within a series: the scale of MASE.
  ///
  /// ```
  /// q = 1/(n - m) Σ |y[t] - y[t - m]|          t = m + 1 … n
  /// ```
  ///
  /// - Parameter series: `[n]`, the training values; pairs with a missing value are left out.
  /// - Returns: the scale; NaN if there is no pair.
  /// - Complexity: O(n).
  public func scale(of series: [Float]) -> Double {
    let earlier = Array(series.dropLast(season))
    let later = Array(series.dropFirst(season))
    // A missing earlier value leaves its pair out as a missing later one does.
    return SeriesMetrics.meanAbsoluteError(earlier, zip(earlier, later).map { $0.isNaN ? .nan : $1 })
  }

  /// The mean absolute scaled error of a forecast: below 1 if it is better than this one was in training.
  ///
  /// ```
  /// MASE = 1/h Σ |s - o| / q
  /// ```
  ///
  /// Source: Hyndman & Koehler 2006, "Another look at measures of forecast accuracy"; with a season, as in the M4
  /// competition.
  ///
  /// - Parameters:
  ///   - predictions: `[h]`, in the units of the targets.
  ///   - targets: `[h]`; those that are missing are left out.
  ///   - training: `[n]`, the values of the same series that were learned from.
  /// - Returns: the error; NaN or infinite if the training values repeat themselves exactly, NaN without any target.
  /// - Precondition: there are as many predictions as targets.
  /// - Complexity: O(h + n).
  public func meanAbsoluteScaledError(_ predictions: [Float], _ targets: [Float], training: [Float]) -> Double {
    SeriesMetrics.meanAbsoluteError(predictions, targets) / scale(of: training)
  }
}

extension SeasonalNaive {
  /// The longest season that is looked for.
  private static let longestSeason = 400

  /// The season with which this forecast errs least on known values, apart from a constant.
  ///
  /// ```
  /// m = argmin 1/h Σ d[m ⌈k / m⌉]          d[l] = standard deviation of y[t] - y[t - l],  k = 1 … h
  /// ```
  ///
  /// The deviation rather than the error, since a trend makes every difference larger, and those of long seasons most.
  ///
  /// Seasons of up to 400 steps are tried, if the values span three of them. Of seasons that are equally good, the
  /// shortest is taken.
  ///
  /// - Parameters:
  ///   - series: the values of each series, `[series][steps]`, such as those of training; at most 20 of them are looked at, and
  ///     the last 20,000 values of each.
  ///   - horizon: h, how far the forecast is to reach.
  /// - Precondition: the horizon is at least 1.
  /// - Complexity: O(values · longest season).
  public init(fittedTo series: [[Float]], horizon: Int) {
    require(horizon > 0, "a horizon has at least one step; found \(horizon)")
    let series = series.prefix(20).map { Array($0.suffix(20_000)) }
    let longest = max(1, min(Self.longestSeason, (series.map(\.count).min() ?? 0) / 3))
    var differences = [Double](repeating: 0, count: longest + horizon)
    for values in series {
      // Each series counts alike, whatever its units.
      let unit = Self.deviation(of: values.map(Double.init))
      if !(unit > 0) { continue }
      for lag in differences.indices.dropFirst() {
        let deviation = Self.deviation(of: zip(values.dropFirst(lag), values).map { Double($0) - Double($1) })
        if deviation.isFinite { differences[lag] += deviation / unit }
      }
    }
    func error(_ season: Int) -> Double {
      (1...horizon).reduce(0) { $0 + differences[season * $1.groups(of: season)] }
    }
    // Multiples of a season are as good but for rounding.
    let tolerance = 1e-3 * Double(horizon * series.count)
    var best = (season: 1, error: error(1))
    for season in 1...longest where error(season) < best.error - tolerance { best = (season, error(season)) }
    self.init(season: best.season)
  }

  /// The standard deviation of all values that are known; NaN if there are none.
  private static func deviation(of values: [Double]) -> Double {
    let known = values.filter(\.isFinite)
    let mean = known.reduce(0, +) / Double(known.count)
    return (known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)).squareRoot()
  }
}
