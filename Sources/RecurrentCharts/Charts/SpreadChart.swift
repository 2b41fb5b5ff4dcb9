/// One dot for each run, in groups, with the mean of each group and its deviation: what a seed decides, and what not.
///
/// Values are in the attributes `data-value` of the dots.
public struct SpreadChart: Picture {
  /// Runs that differ in their seed alone.
  public struct Group: Sendable {
    /// What the runs have in common.
    public let name: String
    /// What each of them reached.
    public let values: [Double]

    /// A group of runs.
    ///
    /// - Parameters:
    ///   - name: what they have in common.
    ///   - values: what each of them reached.
    public init(_ name: String, _ values: [Double]) { (self.name, self.values) = (name, values) }

    /// Mean and standard deviation of the values that are numbers, the latter of a sample: over n - 1.
    var summary: (mean: Double, deviation: Double)? {
      let shown = values.filter(\.isFinite)
      if shown.isEmpty { return nil }
      let mean = shown.reduce(0, +) / Double(shown.count)
      let squares = shown.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, shown.count > 1 ? (squares / Double(shown.count - 1)).squareRoot() : 0)
    }
  }

  /// What the picture shows.
  public let title: String
  private let x: String
  private let groups: [Group]

  private static let rowHeight = 34.0

  /// A chart of groups of runs.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - x: what was measured, with its unit.
  ///   - groups: from top to bottom.
  public init(title: String, x: String, groups: [Group]) { (self.title, self.x, self.groups) = (title, x, groups) }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: "\(x) of " + groups.map(\.name).joined(separator: ", "))
    let top = canvas.heading() + 4
    let left = min(260, (groups.map { width(of: $0.name) }.max() ?? 0) + 14)
    let labels = groups.map {
      $0.summary.map { "\(short($0.mean, decimals: 4)) ± \(short($0.deviation, decimals: 4))" } ?? "–"
    }
    let right = canvas.width - (labels.map { width(of: $0) }.max() ?? 0) - 14
    let axis = Axis(.linear, groups.flatMap(\.values))
    let bottom = top + Double(groups.count) * Self.rowHeight
    let plot = Plot(left: left, right: right, top: top, bottom: bottom, x: axis, y: Axis(.linear, [0, 1]))
    func place(_ value: Double) -> Double { left + axis.place(of: value) * (right - left) }
    for tick in axis.ticks { canvas.line(place(tick), top, place(tick), bottom, style: "grid") }
    for (index, group) in groups.enumerated() {
      let y = top + (Double(index) + 0.5) * Self.rowHeight
      canvas.text(group.name, x: left - 10, y: y + 4, anchor: .end)
      canvas.text(labels[index], x: right + 10, y: y + 4, style: "count")
      if let (mean, deviation) = group.summary {
        canvas.line(
          place(max(mean - deviation, axis.low)), y, place(min(mean + deviation, axis.high)), y, style: "arrow")
        canvas.line(place(mean), y - 9, place(mean), y + 9, style: "arrow")
      }
      for value in group.values where value.isFinite {
        canvas.add(
          "circle",
          [
            "class": "dot s\(index % Theme.lineCount)", "fill-opacity": "0.7", "cx": short(place(value)),
            "cy": short(y), "r": "5", "data-group": group.name, "data-value": "\(value)",
          ], tip: "\(group.name): \(value)")
      }
    }
    for tick in axis.ticks {
      canvas.text(axis.label(tick), x: place(tick), y: bottom + 18, anchor: .middle, style: "soft count")
    }
    canvas.line(left, plot.bottom, right, plot.bottom, style: "axis")
    canvas.text(x, x: right, y: bottom + 36, anchor: .end, style: "soft")
    if groups.isEmpty { canvas.text("no data", x: left, y: top + 15, style: "soft") }
    canvas.height = bottom + 44
    return canvas.svg
  }
}
