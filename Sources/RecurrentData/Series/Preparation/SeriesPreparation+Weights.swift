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
  /// variance. A series without targets has the weight 0.
  ///
  /// Source: Kratzert et al. 2019, "Towards learning universal, regional, and local hydrological behaviors via machine
  /// learning applied to large-sample datasets", equation 8, there in the units of the data.
  ///
  /// - Parameter data: series with the targets that this was learned from.
  /// - Returns: `[sequences]`.
  /// - Complexity: O(targets).
  public func spreadWeights(of data: SeriesData) -> [Float] {
    data.sequences.map { series in
      var moments = Array(repeating: RunningMoments(), count: targets.count)
      for (index, value) in series.targets.enumerated() {
        moments[index % targets.count].take(targets[index % targets.count].normalized(value))
      }
      let known = moments.filter { $0.count > 0 }
      if known.isEmpty { return 0 }
      let spread = (known.reduce(0) { $0 + $1.variance } / Double(known.count)).squareRoot()
      return Float(1 / ((spread + Self.spreadOffset) * (spread + Self.spreadOffset)))
    }
  }
}
