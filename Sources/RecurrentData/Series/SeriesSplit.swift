import Recurrent
import RecurrentSupport

/// Series to learn from, and series to choose by.
public struct SeriesSplit: Sendable, Equatable {
  /// What is learned from.
  public let training: SeriesData
  /// What is measured on while learning.
  public let validation: SeriesData
  /// How the series were split, in one line, to be printed.
  public let description: String
}

extension SeriesData {
  /// Keeps some whole series for validation, chosen by chance; of a single one with targets at steps, its end.
  ///
  /// Series of classes are chosen class by class, so that both parts have the same shares; each class keeps at least one
  /// series to learn from. Both parts keep the order of the data.
  ///
  /// - Parameters:
  ///   - validationFraction: how much is kept for validation; at least one series.
  ///   - seed: the same seed chooses the same series.
  /// - Returns: both parts, and how they were chosen.
  /// - Throws: ``SeriesError`` if there are too few series for two parts.
  /// - Precondition: the fraction lies between 0 and 1.
  /// - Complexity: O(sequences · log sequences).
  public func split(validationFraction: Double = 0.2, seed: UInt64) throws(SeriesError) -> SeriesSplit {
    require(validationFraction > 0 && validationFraction < 1, "a fraction lies between 0 and 1")
    if sequences.count == 1 && targetKind.isEveryStep { return try splitByTime(validationFraction) }
    let groups = Dictionary(grouping: sequences.indices) { targetKind == .label ? sequences[$0].labels[0] : 0 }
      .sorted { $0.key < $1.key }.map(\.value)
    let spare = groups.reduce(0) { $0 + $1.count - 1 }
    guard spare > 0 else {
      throw SeriesError(
        .size, source: source,
        found: quantity(sequences.count, "sequence") + (targetKind == .label ? ", one of each class" : ""),
        expected: "more, so that some are left for validation")
    }
    let wanted = min(spare, max(1, Int((Double(sequences.count) * validationFraction).rounded())))
    var generator = SplitMix64(seed: seed)
    let chosen = Set(
      zip(groups, Self.quotas(of: groups.map(\.count), sum: wanted)).flatMap { group, quota in
        generator.permutation(of: group.count).prefix(quota).map { group[Int($0)] }
      })
    let way = targetKind == .label ? "chosen class by class with seed \(seed)" : "chosen by chance with seed \(seed)"
    return SeriesSplit(
      training: holding(sequences.indices.filter { !chosen.contains($0) }.map { sequences[$0] }),
      validation: holding(sequences.indices.filter { chosen.contains($0) }.map { sequences[$0] }),
      description: "\(chosen.count) of \(sequences.count) sequences are for validation, \(way)")
  }

  /// Keeps the end of each series for validation, which is read without the steps before.
  private func splitByTime(_ fraction: Double) throws(SeriesError) -> SeriesSplit {
    let cuts = sequences.map { series in
      let steps = stepCount(of: series)
      return steps - max(1, Int((Double(steps) * fraction).rounded()))
    }
    if let short = zip(sequences, cuts).first(where: { $1 < 1 })?.0 {
      throw SeriesError(
        .size, source: source, line: short.line, found: "\(quantity(stepCount(of: short), "step")) in one sequence",
        expected: "more, so that some are left for validation")
    }
    let ends = zip(sequences, cuts).map { part(of: $0, $1..<stepCount(of: $0)) }
    let total = sequences.reduce(0) { $0 + stepCount(of: $1) }
    return SeriesSplit(
      training: holding(zip(sequences, cuts).map { part(of: $0, 0..<$1) }), validation: holding(ends),
      description: "by time: the last \(total - cuts.reduce(0, +)) of \(total) steps are for validation")
  }

  /// The same steps in pieces, so that there are more sequences to learn from, and each fits into memory.
  ///
  /// Pieces keep the name of their series; each is read from the network's initial state.
  ///
  /// - Parameter steps: the most steps of a piece.
  /// - Returns: the pieces of each series one after the other.
  /// - Precondition: each step has targets; a piece has at least one step.
  /// - Complexity: O(values).
  public func pieces(of steps: Int) -> SeriesData {
    require(targetKind.isEveryStep && steps > 0, "pieces of \(steps) steps of series with \(targetKind)")
    return holding(
      sequences.flatMap { series in
        let count = stepCount(of: series)
        return stride(from: 0, to: count, by: steps).map { part(of: series, $0..<min($0 + steps, count)) }
      })
  }

  /// How many of each group, in proportion: whole parts first, then one each to the largest fractions; a group keeps one.
  ///
  /// - Precondition: the sum is at most what groups can spare.
  private static func quotas(of counts: [Int], sum: Int) -> [Int] {
    let total = counts.reduce(0, +)
    var quotas = counts.map { min($0 - 1, $0 * sum / total) }
    let byFraction = counts.indices.sorted { (counts[$0] * sum % total, $1) > (counts[$1] * sum % total, $0) }
    while quotas.reduce(0, +) < sum {
      for group in byFraction where quotas[group] < counts[group] - 1 && quotas.reduce(0, +) < sum {
        quotas[group] += 1
      }
    }
    return quotas
  }

  /// Keeps the end of each series for validation, as a forecast needs it.
  ///
  /// ```
  /// training     x[1 … c]
  /// validation   x[c - history + 1 … n]          targets lie after c only
  /// ```
  ///
  /// The steps before the cut are read in validation, and predicted in training only.
  ///
  /// - Parameters:
  ///   - validationFraction: how much of each series is kept for validation; at least one window of the forecast.
  ///   - forecast: what is to be forecast.
  /// - Returns: both parts, and where they were cut.
  /// - Throws: ``SeriesError`` if a series is too short for a window in both parts.
  /// - Precondition: the fraction lies between 0 and 1.
  /// - Complexity: O(values).
  public func split(validationFraction: Double = 0.2, by forecast: SeriesForecast) throws(SeriesError) -> SeriesSplit {
    require(validationFraction > 0 && validationFraction < 1, "a fraction lies between 0 and 1")
    var (training, validation): ([Series], [Series]) = ([], [])
    var heldOut = 0
    for series in sequences {
      let steps = stepCount(of: series)
      let kept = max(forecast.horizon, Int((Double(steps) * validationFraction).rounded()))
      let cut = steps - kept
      guard cut - forecast.history >= forecast.horizon else {
        throw SeriesError(
          .size, source: source, line: series.line, found: "\(quantity(steps, "step")) in sequence \(series.id.quoted)",
          expected: "\(forecast.history) + \(forecast.horizon) steps to learn from, and \(kept) for validation")
      }
      training.append(part(of: series, 0..<cut))
      validation.append(part(of: series, cut - forecast.history..<steps))
      heldOut += kept
    }
    let total = sequences.reduce(0) { $0 + stepCount(of: $1) }
    return SeriesSplit(
      training: holding(training), validation: holding(validation),
      description: "by time: the last \(heldOut) of \(total) steps are for validation")
  }

  /// Some steps of a series.
  private func part(of series: Series, _ steps: Range<Int>) -> Series {
    var part = series
    part.inputs = Array(series.inputs[steps.lowerBound * channels.count..<steps.upperBound * channels.count])
    if targetKind == .stepLabels { part.labels = Array(series.labels[steps]) }
    if targetKind == .stepValues {
      let size = targetNames.count
      part.targets = Array(series.targets[steps.lowerBound * size..<steps.upperBound * size])
    }
    return part
  }
}
