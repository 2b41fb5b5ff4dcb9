import RecurrentSupport

/// How many sequences, or steps, each class has.
public struct ClassBalance: Sendable, Equatable {
  /// The names of the classes.
  public let names: [String]
  /// How many there are of each.
  public let counts: [Int]

  /// The fraction of the largest class: the accuracy of always predicting it; 0 if there are no labels.
  ///
  /// - Complexity: O(classes).
  public var largestFraction: Double {
    let total = counts.reduce(0, +)
    return total == 0 ? 0 : Double(counts.max() ?? 0) / Double(total)
  }
}

extension ClassBalance: CustomStringConvertible {
  /// Every class with its count: `rest: 30, walk: 12`.
  public var description: String {
    zip(names, counts).map { "\($0.shown(limit: 60)): \($1)" }.joined(separator: ", ")
  }
}

extension SeriesData {
  /// How many sequences, or steps, each class has; those without a label are left out.
  ///
  /// - Complexity: O(labels).
  public var classBalance: ClassBalance {
    var counts = [Int](repeating: 0, count: labelNames.count)
    for series in sequences { for label in series.labels where label >= 0 { counts[Int(label)] += 1 } }
    return ClassBalance(names: labelNames, counts: counts)
  }

  /// How many values of each channel are missing, `[channels]`.
  ///
  /// - Complexity: O(values).
  public var missingCounts: [Int] {
    var counts = [Int](repeating: 0, count: channels.count)
    for series in sequences {
      for (index, value) in series.inputs.enumerated() where value.isNaN { counts[index % channels.count] += 1 }
    }
    return counts
  }

  /// How many targets there are, those that are missing left out.
  ///
  /// - Complexity: O(targets).
  public var targetCount: Int {
    sequences.reduce(0) { $0 + $1.labels.count { $0 >= 0 } + $1.targets.count { !$0.isNaN } }
  }

  /// The fewest and the most steps of a series.
  ///
  /// - Complexity: O(sequences).
  public var stepCounts: ClosedRange<Int> {
    let counts = sequences.map(stepCount)
    return (counts.min() ?? 0)...(counts.max() ?? 0)
  }

  /// The names and lines of some sequences, for messages.
  func names(of positions: some Collection<Int>) -> String {
    positions.lazy.map { position in
      let series = sequences[position]
      return series.line.map { "\(series.id) (line \($0))" } ?? series.id
    }.quotedList
  }
}

extension SeriesData: CustomStringConvertible {
  /// The sizes in one line: `270 sequences of 7 to 26 steps, 12 channels, 9 classes`.
  public var description: String {
    let range = stepCounts
    let steps =
      range.lowerBound == range.upperBound
      ? quantity(range.lowerBound, "step") : "\(range.lowerBound) to \(range.upperBound) steps"
    var parts = ["\(quantity(sequences.count, "sequence")) of \(steps)", quantity(channels.count, "channel")]
    if !staticNames.isEmpty { parts.append(quantity(staticNames.count, "static input")) }
    switch targetKind {
    case .none: break
    case .label, .stepLabels: parts.append("\(labelNames.count) class\(labelNames.count == 1 ? "" : "es")")
    case .values, .stepValues: parts.append(quantity(targetNames.count, "target value"))
    }
    if targetKind.isEveryStep { parts[parts.count - 1] += " at every step" }
    return parts.joined(separator: ", ")
  }
}
