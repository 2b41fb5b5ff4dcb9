import Recurrent
import RecurrentSupport

extension SeriesPreparation {
  /// Data to learn from or to measure on.
  ///
  /// Of steps, a missing target is left out on its own; so is a missing value of a whole series. Of a forecast, there is
  /// a sequence for each window, in the order of time.
  ///
  /// - Parameters:
  ///   - data: series with the channels and targets that this was learned from.
  ///   - weighsBySpread: whether values at steps have ``spreadWeights(of:)``, for the loss NSE.
  /// - Returns: inputs and targets, normalized.
  /// - Throws: ``SeriesError`` if the data does not fit, a whole series lacks its class, or a class is unknown in training.
  /// - Complexity: O(sequences · longest), which is copied; of a forecast O(windows · history).
  public func dataset(of data: SeriesData, weighsBySpread: Bool = false) throws(SeriesError) -> SequenceDataset {
    let order = try order(of: data)
    if case .forecasting(let forecast) = task {
      return try windows(of: data, order, forecast, reaching: forecast.horizon).dataset
    }
    try checkTargets(of: data)
    let padded = try padded(data, order)
    var targets = task.predictsClasses ? try classTargets(of: data, padded) : valueTargets(of: data, padded)
    if weighsBySpread && task == .stepRegression { targets = targets.weighted(by: spreadWeights(of: data)) }
    return require { try padded.dataset(targets) }
  }

  /// Refuses data whose targets are others than those of training.
  func checkTargets(of data: SeriesData) throws(SeriesError) {
    guard SeriesTask(data.targetKind) == task, data.targetNames == targets.map(\.name) else {
      throw SeriesError(
        .columns, source: data.source, found: data.description,
        expected: "targets as in the training data: \((targets.map(\.name) + classes).quotedList)")
    }
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
}
