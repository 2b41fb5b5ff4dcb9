import RecurrentCharts

/// A curve with at most ``limit`` points: if there are more values, a point is the mean of neighbours, with their range.
///
/// A run of many thousand steps would otherwise make pictures of megabytes. Every value is part of a mean, and the
/// extremes are in the ranges.
struct DownsampledCurve {
  /// The most points.
  static let limit = 500

  /// Consecutive values.
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
  /// The number of values of each point; the last point may have fewer.
  private(set) var valuesPerPoint = 1

  /// Adds a value; ignores NaN and infinity.
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

  /// Whether there are no points.
  var isEmpty: Bool { groups.isEmpty }

  /// What a reader has to know about the points of a curve; nil if they are the values themselves.
  func remark(_ name: String) -> String? {
    valuesPerPoint == 1
      ? nil : "Each point of \(name) is the mean of \(valuesPerPoint) logged values, the band their range."
  }

  /// The curve, with a band of ranges if points are means.
  func line(_ name: String) -> LineChart.Line {
    LineChart.Line(
      name, groups.map { ($0.x, $0.y) }, spread: valuesPerPoint > 1 ? groups.map(\.range) : nil)
  }
}

/// A checkpoint holds several curves, so all numbers of one are a single list, five for each point.
extension DownsampledCurve: Codable {
  private enum CodingKeys: String, CodingKey { case valuesPerPoint, points }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    valuesPerPoint = try container.decode(Int.self, forKey: .valuesPerPoint)
    let numbers = try container.decode([Double].self, forKey: .points)
    groups = stride(from: 0, to: numbers.count - 4, by: 5).compactMap { first in
      guard numbers[first + 2] <= numbers[first + 3], let count = Int(exactly: numbers[first + 4]) else { return nil }
      return Group(
        x: numbers[first], y: numbers[first + 1], range: numbers[first + 2]...numbers[first + 3], count: count)
    }
    guard valuesPerPoint > 0, groups.count * 5 == numbers.count, groups.allSatisfy({ $0.count > 0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .points, in: container, debugDescription: "expected five numbers for each point of a curve")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(valuesPerPoint, forKey: .valuesPerPoint)
    let numbers = groups.flatMap { [$0.x, $0.y, $0.range.lowerBound, $0.range.upperBound, Double($0.count)] }
    try container.encode(numbers, forKey: .points)
  }
}
