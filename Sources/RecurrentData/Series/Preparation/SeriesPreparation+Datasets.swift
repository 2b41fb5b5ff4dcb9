import Recurrent
import RecurrentSupport

extension SeriesPreparation {
  /// Data to learn from or to measure on.
  ///
  /// Of steps, a missing target is left out on its own; so is a missing value of a whole series. Of a forecast, there is
  /// a sequence for each window, in the order of time.
  ///
  /// - Parameter data: series with the channels and targets that this was learned from.
  /// - Returns: inputs and targets, normalized.
  /// - Throws: ``SeriesError`` if the data does not fit, a whole series lacks its class, or a class is unknown in training.
  /// - Complexity: O(sequences · longest), which is copied; of a forecast O(windows · history).
  public func dataset(of data: SeriesData) throws(SeriesError) -> SequenceDataset {
    let order = try order(of: data)
    if case .forecasting(let forecast) = task { return try windows(of: data, order, forecast) }
    guard SeriesTask(data.targetKind) == task, data.targetNames == targets.map(\.name) else {
      throw SeriesError(
        .columns, source: data.source, found: data.description,
        expected: "targets as in the training data: \((targets.map(\.name) + classes).quotedList)")
    }
    let padded = try padded(data, order)
    let targets = task.predictsClasses ? try classTargets(of: data, padded) : valueTargets(of: data, padded)
    return require { try padded.dataset(targets) }
  }

  private func classTargets(of data: SeriesData, _ padded: Padded) throws(SeriesError) -> SequenceTargets {
    let indices = data.labelNames.map { name in classes.firstIndex(of: name).map { Int32($0) } }
    let unknown = data.sequences.indices.filter { position in
      data.sequences[position].labels.contains { $0 >= 0 && indices[Int($0)] == nil }
    }
    if let first = unknown.first {
      let names = zip(data.labelNames, indices).filter { $1 == nil }.map { $0.0 }
      throw SeriesError(
        .label, source: data.source, line: data.sequences[first].line,
        found: "classes that the training data lacks, \(names.quotedList), in \(data.names(of: unknown))",
        expected: "one of \(classes.quotedList)")
    }
    let isEveryStep = task.isEveryStep
    if !isEveryStep {
      let lacking = data.sequences.indices.filter { data.sequences[$0].labels[0] < 0 }
      if let first = lacking.first {
        throw SeriesError(
          .label, source: data.source, line: data.sequences[first].line,
          found: "no class for \(quantity(lacking.count, "sequence")): \(data.names(of: lacking))",
          expected: "a class for each sequence")
      }
    }
    var labels: [Int32] = []
    for series in data.sequences {
      labels += series.labels.map { $0 < 0 ? -1 : indices[Int($0)] ?? -1 }
      if isEveryStep { labels += repeatElement(-1, count: padded.stepCount - series.labels.count) }
    }
    return .classes(labels, count: classes.count, everyStep: isEveryStep)
  }

  private func valueTargets(of data: SeriesData, _ padded: Padded) -> SequenceTargets {
    let isEveryStep = task.isEveryStep
    var values: [Float] = []
    for series in data.sequences {
      values += series.targets.enumerated().map { targets[$0 % targets.count].normalized($1) }
      if isEveryStep { values += repeatElement(.nan, count: padded.stepCount * targets.count - series.targets.count) }
    }
    return .values(values, size: targets.count, everyStep: isEveryStep)
  }

  /// The windows of a forecast, those of one series after the other, each in the order of time.
  private func windows(
    of data: SeriesData, _ order: Order, _ forecast: SeriesForecast
  ) throws(SeriesError) -> SequenceDataset {
    let (history, horizon) = (forecast.history, forecast.horizon)
    let needed = history.addingReportingOverflow(horizon)
    let short = data.sequences.indices.filter {
      needed.overflow || data.stepCount(of: data.sequences[$0]) < needed.partialValue
    }
    if let first = short.first {
      throw SeriesError(
        .size, source: data.source, line: data.sequences[first].line,
        found: "\(quantity(data.stepCount(of: data.sequences[first]), "step")) in \(data.names(of: short))",
        expected: "at least \(history) + \(horizon), which a forecast reads and predicts")
    }
    let counts = data.sequences.map { (data.stepCount(of: $0) - history - horizon) / forecast.stride + 1 }
    let count = counts.reduce(0, +)
    try Self.checkSize(of: data, count, history, inputSize)
    try Self.checkSize(of: data, count, horizon, targets.count)
    let predicted = targets.compactMap { target in channels.firstIndex { $0.name == target.name } }
    var (inputs, values): ([Float], [Float]) = ([], [])
    inputs.reserveCapacity(count * history * inputSize)
    values.reserveCapacity(count * horizon * targets.count)
    var filling = SeriesFilling(channels: channels.map(\.name))
    for (series, windowCount) in zip(data.sequences, counts) {
      let rows = rows(of: series, order, &filling)
      for window in 0..<windowCount {
        let start = window * forecast.stride
        inputs += rows[start * inputSize..<(start + history) * inputSize]
        for step in start + history..<start + history + horizon {
          for channel in predicted {
            values.append(channels[channel].normalized(series.inputs[step * channels.count + order.channels[channel]]))
          }
        }
      }
    }
    return require {
      try SequenceDataset(
        .floats(inputs, features: inputSize), targets: .values(values, size: horizon * targets.count),
        stepCount: history, count: count)
    }
  }
}
