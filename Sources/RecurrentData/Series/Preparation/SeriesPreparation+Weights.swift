import Recurrent

extension SeriesPreparation {
  /// Keeps the weights of series that hardly change from growing without bound.
  private static let spreadOffset = 0.1

  /// The weights that make the squared error of each series count in proportion to its own spread: the loss NSE.
  ///
  /// ```
  /// w = 1 / (s + 0.1)²          s the standard deviation of the series' targets, normalized
  /// ```
  ///
  /// A river with little water then counts as much as a large one. Of several targets, s is the root of their mean
  /// variance. A series without targets has the weight 0. Series of one name, such as the pieces of a longer one, have one
  /// weight.
  ///
  /// Source: Kratzert et al. 2019, "Towards learning universal, regional, and local hydrological behaviors via machine
  /// learning applied to large-sample datasets", equation 8, there in the units of the data.
  ///
  /// - Parameter data: series with the targets that this was learned from.
  /// - Returns: `[sequences]`.
  /// - Complexity: O(targets).
  public func spreadWeights(of data: SeriesData) -> [Float] {
    var moments: [String: [RunningMoments]] = [:]
    for series in data.sequences {
      for (index, value) in series.targets.enumerated() {
        let target = index % targets.count
        moments[series.id, default: Array(repeating: RunningMoments(), count: targets.count)][target].take(
          targets[target].normalized(value))
      }
    }
    return data.sequences.map { series in
      let known = (moments[series.id] ?? []).filter { $0.count > 0 }
      if known.isEmpty { return 0 }
      let spread = (known.reduce(0) { $0 + $1.variance } / Double(known.count)).squareRoot()
      return Float(1 / ((spread + Self.spreadOffset) * (spread + Self.spreadOffset)))
    }
  }
}
