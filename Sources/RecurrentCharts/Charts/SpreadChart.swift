/// One dot for each run, in groups, with the mean and the standard deviation of each group: the spread over seeds.
///
/// Values are in the attributes `data-value` of the dots.
public struct SpreadChart: Picture {
  /// Runs that differ only in their seed.
  public struct Group: Sendable {
    /// What the runs have in common.
    public let name: String
    /// The result of each run.
    public let values: [Double]
    private let text: String?

    /// A group of runs.
    ///
    /// - Parameters:
    ///   - name: what they have in common.
    ///   - values: the result of each run.
    ///   - label: the text beside them; nil for mean ± standard deviation.
    public init(_ name: String, _ values: [Double], label: String? = nil) {
      (self.name, self.values, text) = (name, values, label)
    }

    /// Mean and standard deviation of the values that can be drawn; the latter is that of a sample, over n - 1, and nil
    /// for a single value.
    var summary: (mean: Double, deviation: Double?)? {
      let shown = values.filter { $0.magnitude <= Axis.limit }
      if shown.isEmpty { return nil }
      let mean = shown.reduce(0) { $0 + $1 / Double(shown.count) }
      let squares = shown.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, shown.count > 1 ? (squares / Double(shown.count - 1)).squareRoot() : nil)
    }

    /// The mean, with the deviation if there is one.
    var label: String {
      if let text { return text }
      guard let summary else { return "–" }
      // Two decimals of a percentage say as much as four of a fraction.
      let decimals = summary.mean.magnitude < 10 ? 4 : 2
      let mean = fixed(summary.mean, decimals: decimals)
      return summary.deviation.map { "\(mean) ± \(fixed($0, decimals: decimals))" } ?? mean
    }
  }

  /// What the picture shows.
  public let title: String
  private let x: String
  private let groups: [Group]
  private let remark: String?

  private static let rowHeight = 34.0

  /// A chart of groups of runs.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - x: what was measured, with its unit.
  ///   - groups: from top to bottom.
  ///   - remark: what else the reader should know; nil for nothing.
  public init(title: String, x: String, groups: [Group], remark: String? = nil) {
    (self.title, self.x, self.groups, self.remark) = (title, x, groups, remark)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: "\(x) of " + groups.map(\.name).joined(separator: ", "))
    let top = canvas.heading(remark: remark) + 2
    let labels = groups.map(\.label)
    let labelWidth = labels.map { textWidth(of: $0, size: Canvas.smallSize) }.max() ?? 0
    let left = min(canvas.width * 0.36, (groups.map { textWidth(of: $0.name) }.max() ?? 0) + 18)
    let axis = Axis(.linear, groups.flatMap(\.values))
    let plot = Plot(
      left: left, right: canvas.width - max(labelWidth + 16, 30), top: top,
      bottom: top + Double(max(groups.count, 1)) * Self.rowHeight, x: axis, y: Axis(.linear, [0, 1]))
    for tick in axis.ticks {
      let x = plot.left + axis.place(of: tick) * (plot.right - plot.left)
      canvas.line(x, top, x, plot.bottom, style: "grid")
    }
    for (index, group) in groups.enumerated() {
      let y = top + (Double(index) + 0.5) * Self.rowHeight
      let name = wrapped(group.name, to: left - 18, lines: 2)
      for (line, text) in name.enumerated() {
        canvas.text(text, x: 0, y: y + 5 + 16 * (Double(line) - Double(name.count - 1) / 2))
      }
      canvas.text(labels[index], x: canvas.width, y: y + 4.5, anchor: .end, style: "small count")
      draw(group, style: "s\(index % Theme.lineCount)", y: y, plot, on: &canvas)
    }
    plot.drawHorizontalAxis(on: &canvas, x: x)
    if groups.isEmpty { canvas.text("no data", x: plot.left, y: top + 22, style: "soft") }
    canvas.height = plot.bottom + 42
    return canvas.svg
  }

  private func draw(_ group: Group, style: String, y: Double, _ plot: Plot, on canvas: inout Canvas) {
    func position(_ value: Double) -> Double {
      plot.left + plot.x.place(of: min(max(value, plot.x.low), plot.x.high)) * (plot.right - plot.left)
    }
    if let (mean, deviation) = group.summary {
      if let deviation { canvas.line(position(mean - deviation), y, position(mean + deviation), y, style: "arrow") }
      canvas.line(position(mean), y - 10, position(mean), y + 10, style: "arrow")
    }
    for value in group.values {
      // A value that cannot be drawn is still in the data.
      guard plot.x.canShow(value) else {
        canvas.beginGroup(["data-group": group.name, "data-value": "\(value)"])
        canvas.endGroup()
        continue
      }
      canvas.add(
        "circle",
        [
          "class": "dot \(style)", "fill-opacity": "0.7", "cx": short(position(value)), "cy": short(y), "r": "5",
          "data-group": group.name, "data-value": "\(value)",
        ], tip: "\(group.name): \(value)")
    }
  }
}
