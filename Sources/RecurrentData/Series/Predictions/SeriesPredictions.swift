import Recurrent
import RecurrentSupport

/// What a network predicts of time series, in the units of the data: a row for each series, or for each step.
public struct SeriesPredictions: Sendable, Equatable {
  /// What a row belongs to.
  public struct Place: Sendable, Equatable {
    /// The name of the series.
    public let id: String
    /// The step, counted from 1; nil if the row is of the whole series.
    public let step: Int?

    /// What a row belongs to.
    ///
    /// - Parameters:
    ///   - id: the name of the series.
    ///   - step: the step, counted from 1; nil if the row is of the whole series.
    /// - Complexity: O(1).
    public init(id: String, step: Int?) {
      self.id = id
      self.step = step
    }
  }

  /// What the values are.
  public enum Kind: Sendable, CaseIterable {
    /// The probability of each class.
    case probabilities
    /// The values of each target.
    case values
    /// How unexpected the values of a step are, and what was expected.
    case scores
  }

  /// What the values are.
  public let kind: Kind
  /// The names of the columns: classes or targets.
  public let names: [String]
  /// What each row belongs to.
  public let places: [Place]
  /// The values, `[places, names]`; NaN if there is none.
  public let values: [Float]

  /// The values of a row.
  ///
  /// - Parameter index: of one of ``places``.
  /// - Precondition: there is such a row.
  public subscript(_ index: Int) -> ArraySlice<Float> {
    require(places.indices.contains(index), "row \(index) of \(places.count)")
    return values[index * names.count..<(index + 1) * names.count]
  }

  /// The position of the largest value of a row, such as the most probable class; nil if a value is NaN.
  ///
  /// - Parameter index: of one of ``places``.
  /// - Precondition: there is such a row.
  /// - Complexity: O(names).
  public func largest(of index: Int) -> Int? {
    let row = self[index]
    if row.contains(where: \.isNaN) { return nil }
    return row.indices.max { (row[$0], $1) < (row[$1], $0) }.map { $0 - row.startIndex }
  }
}

extension SeriesPreparation {
  /// What a network predicts: probabilities, or values in the units of the data.
  ///
  /// The targets of the data, if there are any, are not looked at. A forecast goes on after the end of each series.
  ///
  /// - Parameters:
  ///   - data: series with the channels that this was learned from.
  ///   - model: the network, which does not change.
  /// - Returns: a row for each series, for each of its steps, or for each next step of a forecast.
  /// - Throws: ``SeriesError`` if the data does not fit.
  /// - Precondition: the network is one of this preparation, see ``configuration(layers:)``.
  /// - Complexity: that of one forward pass over the series.
  public func predictions(of data: SeriesData, by model: SequenceModel) throws(SeriesError) -> SeriesPredictions {
    let batch = try inputs(of: data).wholeBatch
    var values = require {
      try task.predictsClasses ? model.probabilities(for: batch) : model.outputs(for: batch).outputs
    }
    .values
    var places: [SeriesPredictions.Place] = []
    switch task {
    case .classification, .regression: places = data.sequences.map { .init(id: $0.id, step: nil) }
    case .stepClassification, .stepRegression:
      let rowSize = batch.stepCount * model.outputSize
      var present: [Float] = []
      for (index, series) in data.sequences.enumerated() {
        let stepCount = data.stepCount(of: series)
        present += values[index * rowSize..<index * rowSize + stepCount * model.outputSize]
        places += (1...stepCount).map { .init(id: series.id, step: $0) }
      }
      values = present
    case .forecasting(let forecast):
      let order = try order(of: data)
      var baselines: [Float] = []
      for series in data.sequences {
        let stepCount = data.stepCount(of: series)
        baselines += baseline(of: series, order, steps: max(0, stepCount - forecast.history)..<stepCount, forecast)
        places += (1...forecast.horizon).map { .init(id: series.id, step: stepCount + $0) }
      }
      values = zip(values, baselines).map(+)
    }
    return SeriesPredictions(
      kind: task.predictsClasses ? .probabilities : .values,
      names: task.predictsClasses ? classes : targets.map(\.name),
      places: places, values: task.predictsClasses ? values : restored(values))
  }

  /// How unexpected each step of some series is: the error of its forecast from the steps before.
  ///
  /// ```
  /// score[t] = √(1/n Σ ((x[t] - x̂[t]) / deviation)²)          n predicted channels, deviations of training
  /// ```
  ///
  /// The first steps, which a forecast only reads, have no score, nor have steps whose values are all missing.
  ///
  /// - Parameters:
  ///   - data: series with the channels that this was learned from.
  ///   - model: the network, which does not change.
  /// - Returns: for each step the score, and the value that was expected of each channel.
  /// - Throws: ``SeriesError`` if the data does not fit, or the task is no forecast.
  /// - Precondition: the network is one of this preparation.
  /// - Complexity: that of a forward pass over a window for each step.
  public func anomalies(in data: SeriesData, by model: SequenceModel) throws(SeriesError) -> SeriesPredictions {
    guard case .forecasting(let forecast) = task else {
      throw SeriesError(
        .columns, source: data.source, found: "a model that does not forecast",
        expected: "one that does: the error of a forecast says how unexpected a step is")
    }
    let windows = try windows(of: data, try order(of: data), forecast.everyStep, reaching: 1)
    let expected = outputs(of: windows, by: model)
    let truths = windows.dataset.targets.numbers ?? []
    let (count, size) = (targets.count, forecast.horizon * targets.count)
    var places: [SeriesPredictions.Place] = []
    // The row of each series' first step.
    var firsts: [Int] = []
    for series in data.sequences {
      firsts.append(places.count)
      places += (1...data.stepCount(of: series)).map { .init(id: series.id, step: $0) }
    }
    var values = [Float](repeating: .nan, count: places.count * (1 + count))
    for (window, (series, start)) in zip(windows.series, windows.starts).enumerated() {
      // Targets are relative to the baseline, as outputs are.
      let errors = (0..<count).map { channel in
        truths[window * size + channel] + windows.baselines[window * size + channel] - expected[window * size + channel]
      }.filter { !$0.isNaN }
      let square = errors.reduce(0) { $0 + $1 * $1 }
      let score = errors.isEmpty ? .nan : (square / Float(errors.count)).squareRoot()
      let row = [score] + restored(Array(expected[window * size..<window * size + count]))
      let first = (firsts[series] + start) * (1 + count)
      values.replaceSubrange(first..<first + row.count, with: row)
    }
    return SeriesPredictions(
      kind: .scores, names: ["score"] + targets.map { "expected \($0.name)" }, places: places,
      values: values
    )
  }

  /// What a network predicts in each window, normalized, `[windows, horizon, targets]`.
  func outputs(of windows: Windows, by model: SequenceModel) -> [Float] {
    let outputs = require { try model.outputs(for: windows.dataset.wholeBatch) }.outputs
    return zip(outputs.values, windows.baselines).map(+)
  }
}

extension SeriesForecast {
  /// The same forecast from each step.
  var everyStep: SeriesForecast {
    SeriesForecast(history: history, horizon: horizon, channels: channels, stride: 1, season: season)
  }
}
