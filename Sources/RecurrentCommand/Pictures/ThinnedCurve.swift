import RecurrentCharts

/// The points of a curve, never more of them than a picture can show: where there would be more, neighbours become one
/// point, their mean, with the range that they had.
///
/// A run of many thousand steps would otherwise make pictures of megabytes. Nothing is left out: every value is in a mean,
/// and the extremes are in the ranges.
struct ThinnedCurve {
  /// How many points there are at most.
  static let limit = 500

  /// Some values that follow each other.
  private struct Group {
    var x: Double
    var y: Double
    var range: ClosedRange<Double>
    var count = 1

    mutating func join(_ other: Group) {
      let whole = Double(count + other.count)
      x = (x * Double(count) + other.x * Double(other.count)) / whole
      y = (y * Double(count) + other.y * Double(other.count)) / whole
      range = min(range.lowerBound, other.range.lowerBound)...max(range.upperBound, other.range.upperBound)
      count += other.count
    }
  }

  private var groups: [Group] = []
  /// How many values make a point; the last one may have fewer.
  private(set) var valuesPerPoint = 1

  /// Adds a value; one that is no number has no place among others.
  mutating func add(_ x: Double, _ y: Double) {
    guard y.isFinite else { return }
    let value = Group(x: x, y: y, range: y...y)
    if let last = groups.indices.last, groups[last].count < valuesPerPoint {
      groups[last].join(value)
      return
    }
    if groups.count == Self.limit { halve() }
    groups.append(value)
  }

  private mutating func halve() {
    groups = stride(from: 0, to: groups.count, by: 2).map { index in
      var group = groups[index]
      if index + 1 < groups.count { group.join(groups[index + 1]) }
      return group
    }
    valuesPerPoint *= 2
  }

  /// Whether there is nothing to see.
  var isEmpty: Bool { groups.isEmpty }

  /// The curve; with a band of ranges where a point is a mean.
  func line(_ name: String) -> LineChart.Line {
    LineChart.Line(
      name, groups.map { ($0.x, $0.y) }, spread: valuesPerPoint > 1 ? groups.map(\.range) : nil)
  }
}
