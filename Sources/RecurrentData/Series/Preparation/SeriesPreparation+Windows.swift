import Recurrent
import RecurrentSupport

extension SeriesPreparation {
  /// The windows of a forecast: what is read in each, what is to be predicted, and what the naive forecast says.
  struct Windows {
    let dataset: SequenceDataset
    /// The series of each window.
    let series: [Int]
    /// The step of its series that each window predicts first, counted from 0.
    let starts: [Int]
    /// What is added to the network's outputs, normalized, `[windows, horizon, targets]`.
    let baselines: [Float]
  }

  /// The windows of a forecast, those of one series after the other, each in the order of time.
  ///
  /// - Parameters:
  ///   - data: the series.
  ///   - order: where their channels lie.
  ///   - forecast: the forecast of the task.
  ///   - reach: how many steps there have to be after what a window reads; targets beyond the end are missing.
  func windows(
    of data: SeriesData, _ order: Order, _ forecast: SeriesForecast, reaching reach: Int
  ) throws(SeriesError) -> Windows {
    let (history, horizon) = (forecast.history, forecast.horizon)
    let needed = history.addingReportingOverflow(reach)
    let short = data.sequences.indices.filter {
      needed.overflow || data.stepCount(of: data.sequences[$0]) < needed.partialValue
    }
    if let first = short.first {
      throw SeriesError(
        .size, source: data.source, line: data.sequences[first].line,
        found: "\(quantity(data.stepCount(of: data.sequences[first]), "step")) in \(data.names(of: short))",
        expected: "at least \(history) + \(reach), which a forecast reads and predicts")
    }
    let counts = data.sequences.map { (data.stepCount(of: $0) - needed.partialValue) / forecast.stride + 1 }
    let count = counts.reduce(0, +)
    try Self.checkSize(of: data, count, history, inputSize)
    try Self.checkSize(of: data, count, horizon, targets.count)
    let predicted = predictedChannels
    var (inputs, values, baselines): ([Float], [Float], [Float]) = ([], [], [])
    inputs.reserveCapacity(count * history * inputSize)
    values.reserveCapacity(count * horizon * targets.count)
    baselines.reserveCapacity(count * horizon * targets.count)
    var (positions, starts): ([Int], [Int]) = ([], [])
    var filling = SeriesFilling(channels: channels.map(\.name))
    for (position, series) in data.sequences.enumerated() {
      let rows = rows(of: series, order, &filling)
      let stepCount = data.stepCount(of: series)
      for window in 0..<counts[position] {
        let start = window * forecast.stride
        inputs += rows[start * inputSize..<(start + history) * inputSize]
        let baseline = baseline(of: series, order, steps: start..<start + history, forecast)
        for step in start + history..<start + history + horizon {
          for channel in predicted {
            let isThere = step < stepCount
            let value = isThere ? series.inputs[step * channels.count + order.channels[channel]] : .nan
            values.append(channels[channel].normalized(value) - baseline[values.count % baseline.count])
          }
        }
        baselines += baseline
        positions.append(position)
        starts.append(start + history)
      }
    }
    let dataset = require {
      try SequenceDataset(
        .floats(inputs, features: inputSize), targets: .values(values, size: horizon * targets.count),
        stepCount: history, count: count)
    }
    return Windows(dataset: dataset, series: positions, starts: starts, baselines: baselines)
  }

  /// The positions of the predicted channels among those that are read.
  var predictedChannels: [Int] {
    targets.compactMap { target in channels.firstIndex { $0.name == target.name } }
  }

  /// The seasonal naive forecast after some steps of a series, normalized, `[horizon, targets]`: 0, the mean in
  /// training, without a season, and where all values before are missing.
  func baseline(
    of series: Series, _ order: Order, steps: Range<Int>, _ forecast: SeriesForecast
  ) -> [Float] {
    var result = [Float](repeating: 0, count: forecast.horizon * targets.count)
    guard let season = forecast.season else { return result }
    let naive = SeasonalNaive(season: season)
    for (index, channel) in predictedChannels.enumerated() {
      let known = steps.map {
        channels[channel].normalized(series.inputs[$0 * channels.count + order.channels[channel]])
      }
      for (step, value) in naive.forecast(after: known, horizon: forecast.horizon).enumerated() where !value.isNaN {
        result[step * targets.count + index] = value
      }
    }
    return result
  }
}
