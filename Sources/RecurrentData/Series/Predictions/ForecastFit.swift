import Recurrent
import RecurrentSupport

/// Forecasts beside the seasonal naive ones and the true values, in the units of the data.
public struct ForecastFit: Sendable, Equatable {
  /// One forecast.
  public struct Window: Sendable, Equatable {
    /// The position of the series in the data.
    public let series: Int
    /// The first step that is predicted, counted from 1.
    public let firstStep: Int
    /// What the network predicts of each target, `[targets][horizon]`.
    public let predictions: [[Float]]
    /// What the seasonal naive forecast predicts, `[targets][horizon]`.
    public let naive: [[Float]]
    /// What is true, `[targets][horizon]`; NaN if it is missing.
    public let truths: [[Float]]
  }

  /// How good the forecasts of a target are.
  public struct Measures: Sendable, Equatable {
    /// The root of the mean squared error, in the units of the target.
    public let rootMeanSquaredError: Double
    /// The mean absolute error, in the units of the target.
    public let meanAbsoluteError: Double
    /// The mean absolute scaled error, see ``SeasonalNaive/meanAbsoluteScaledError(_:_:training:)``, as a mean over series.
    public let meanAbsoluteScaledError: Double
  }

  /// The names of the targets.
  public let names: [String]
  /// The forecasts, those of one series after the other, each in the order of time.
  public let windows: [Window]
  /// The steps of a season of the naive forecast.
  public let season: Int
  /// The scale of each series' errors, `[targets][series]`.
  let scales: [[Double]]

  /// How good the network's forecasts of a target are.
  ///
  /// - Parameter target: a position in ``names``.
  /// - Precondition: there is such a target.
  /// - Complexity: O(values).
  public func measures(of target: Int) -> Measures { measures(of: target, \.predictions) }

  /// How good the seasonal naive forecasts of a target are.
  ///
  /// - Parameter target: a position in ``names``.
  /// - Precondition: there is such a target.
  /// - Complexity: O(values).
  public func naiveMeasures(of target: Int) -> Measures { measures(of: target, \.naive) }

  private func measures(of target: Int, _ values: (Window) -> [[Float]]) -> Measures {
    require(names.indices.contains(target), "target \(target) of \(names.count)")
    let (predictions, truths) = (windows.flatMap { values($0)[target] }, windows.flatMap { $0.truths[target] })
    let scaled = Dictionary(grouping: windows, by: \.series).sorted { $0.key < $1.key }.map { series, windows in
      SeriesMetrics.meanAbsoluteError(windows.flatMap { values($0)[target] }, windows.flatMap { $0.truths[target] })
        / scales[target][series]
    }.filter(\.isFinite)
    return Measures(
      rootMeanSquaredError: SeriesMetrics.rootMeanSquaredError(predictions, truths),
      meanAbsoluteError: SeriesMetrics.meanAbsoluteError(predictions, truths),
      meanAbsoluteScaledError: scaled.isEmpty ? .nan : scaled.reduce(0, +) / Double(scaled.count))
  }
}

extension SeriesPreparation {
  /// How many last seasons the naive forecast looks through for values that are not missing.
  private static let naiveSeasons = 8

  /// The forecasts of a network at each step of some series, beside the seasonal naive ones and the true values.
  ///
  /// - Parameters:
  ///   - data: series with the channels that this was learned from.
  ///   - model: the network, which does not change.
  ///   - season: the steps of a season of the naive forecast; nil for that of the task, or 1.
  ///   - training: the data that were learned from: its series of the same names give the scale of errors; of other
  ///     names, all of its series.
  /// - Throws: ``SeriesError`` if the data does not fit, a series is too short, or the task is no forecast.
  /// - Precondition: the network is one of this preparation; a season has at least one step.
  /// - Complexity: that of a forward pass over each window.
  public func forecastFit(
    of data: SeriesData, by model: SequenceModel, season: Int? = nil, training: SeriesData
  ) throws(SeriesError) -> ForecastFit {
    guard case .forecasting(let forecast) = task else {
      throw SeriesError(
        .columns, source: data.source, found: "a model that does not forecast", expected: "one that does")
    }
    let naive = SeasonalNaive(season: season ?? forecast.season ?? 1)
    let order = try order(of: data)
    let windows = try windows(of: data, order, forecast, reaching: forecast.horizon)
    let predictions = restored(outputs(of: windows, by: model))
    let (count, horizon) = (targets.count, forecast.horizon)
    let positions = predictedChannels.map { order.channels[$0] }
    let known = data.sequences.map { series in positions.map { data.values(ofChannel: $0, in: series) } }
    let fits = windows.starts.indices.map { window in
      let (series, start) = (windows.series[window], windows.starts[window])
      let first = window * horizon * count
      return ForecastFit.Window(
        series: series, firstStep: start + 1,
        predictions: (0..<count).map { target in (0..<horizon).map { predictions[first + $0 * count + target] } },
        naive: (0..<count).map { target in
          let earliest = max(0, start - Self.naiveSeasons.saturatingProduct(naive.season))
          return naive.forecast(after: Array(known[series][target][earliest..<start]), horizon: horizon)
        }, truths: (0..<count).map { Array(known[series][$0][start..<start + horizon]) })
    }
    return ForecastFit(
      names: targets.map(\.name), windows: fits, season: naive.season,
      scales: try scales(of: data, training: training, naive))
  }

  /// The scale of errors of each series, `[targets][series]`.
  private func scales(
    of data: SeriesData, training: SeriesData, _ naive: SeasonalNaive
  ) throws(SeriesError) -> [[Double]] {
    let order = try order(of: training)
    return predictedChannels.map { channel in
      let all = training.sequences.map { series in
        (series.id, naive.scale(of: training.values(ofChannel: order.channels[channel], in: series)))
      }
      let finite = all.map(\.1).filter { $0.isFinite && $0 > 0 }
      let mean = finite.isEmpty ? .nan : finite.reduce(0, +) / Double(finite.count)
      let byName = Dictionary(all) { first, _ in first }
      return data.sequences.map { byName[$0.id] ?? mean }
    }
  }
}
