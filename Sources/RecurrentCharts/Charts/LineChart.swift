import RecurrentSupport

/// Curves over a common axis, each with its name at its end.
///
/// ```swift
/// let chart = LineChart(title: "Loss", x: "step", y: "nats", lines: [.init("training", points)])
/// try chart.write(to: "loss.svg")
/// ```
///
/// Points that an axis cannot show, such as NaN, or zero on a logarithmic axis, interrupt their line; a line of few
/// points has a dot at each. The points of a line are in the attributes `data-x` and `data-y` of its group, the ranges
/// of its spread in `data-low` and `data-high`.
public struct LineChart: Picture {
  /// One curve.
  public struct Line: Sendable {
    /// The name, drawn at the end of the line.
    public let name: String
    /// Its points, in the order in which they are joined.
    public let points: [(x: Double, y: Double)]
    /// A band around the curve, such as the spread over seeds: one range of y for each point; nil for none.
    public let spread: [ClosedRange<Double>]?

    /// A curve.
    ///
    /// - Parameters:
    ///   - name: the name, drawn at the end of the line.
    ///   - points: in the order in which they are joined.
    ///   - spread: one range of y for each point, drawn as a band; nil for none.
    /// - Precondition: `spread` is nil or has a range for each point.
    public init(_ name: String, _ points: [(x: Double, y: Double)], spread: [ClosedRange<Double>]? = nil) {
      require(
        spread == nil || spread?.count == points.count,
        "spread has \(spread?.count ?? 0) ranges, expected \(points.count), one for each point")
      (self.name, self.points, self.spread) = (name, points, spread)
    }
  }

  /// What the picture shows.
  public let title: String
  private let x: String
  private let y: String
  private let lines: [Line]
  private let remark: String?
  private let xAxis: Axis
  private let yAxis: Axis

  private static let plotHeight = 250.0
  private static let nameDistance = 18.0
  private static let widestName = 170.0
  /// Lines of up to this many points have dots, too.
  private static let mostDots = 16

  /// A chart of some curves.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - x: what runs along the horizontal axis, with its unit.
  ///   - y: what runs along the vertical axis, with its unit.
  ///   - lines: the curves; colors repeat after six.
  ///   - xScale: how values lie along the horizontal axis.
  ///   - yScale: how values lie along the vertical axis.
  ///   - remark: what else the reader should know; nil for nothing.
  /// - Complexity: O(points), for the axes.
  public init(
    title: String, x: String, y: String, lines: [Line], xScale: Scale = .linear, yScale: Scale = .linear,
    remark: String? = nil
  ) {
    (self.title, self.x, self.y, self.lines, self.remark) = (title, x, y, lines, remark)
    xAxis = Axis(xScale, lines.flatMap { $0.points.map(\.x) }, tickCount: 6)
    yAxis = Axis(
      yScale, lines.flatMap { $0.points.map(\.y) + ($0.spread ?? []).flatMap { [$0.lowerBound, $0.upperBound] } })
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(
      title: title, description: "\(y) over \(x): " + lines.map(\.name).joined(separator: ", "))
    let top = canvas.heading(remark: remark) + 28
    let left = (yAxis.labels.map { textWidth(of: $0, size: Canvas.smallSize) }.max() ?? 0) + 10
    let names = lines.map { textWidth(of: $0.name) }.max() ?? 0
    // The width of the names, or of the half of the last tick's label that lies beyond the axis.
    let beyond = max(
      min(Self.widestName, names) + 10, textWidth(of: xAxis.labels.last ?? "", size: Canvas.smallSize) / 2)
    let plot = Plot(
      left: left, right: canvas.width - beyond, top: top, bottom: top + Self.plotHeight, x: xAxis, y: yAxis)
    canvas.text(y, x: 0, y: top - 18, style: "soft", room: canvas.width)
    plot.drawAxes(on: &canvas, x: x)
    for (index, line) in lines.enumerated() { draw(line, style: "s\(index % Theme.lineCount)", plot, on: &canvas) }
    name(plot, on: &canvas)
    if !lines.contains(where: { $0.points.contains { plot.place($0) != nil } }) {
      canvas.text("no data", x: (left + plot.right) / 2, y: top + Self.plotHeight / 2, anchor: .middle, style: "soft")
    }
    canvas.height = plot.bottom + 42
    return canvas.svg
  }

  private func draw(_ line: Line, style: String, _ plot: Plot, on canvas: inout Canvas) {
    if let spread = line.spread { drawBand(line.points, spread, style: style, plot, on: &canvas) }
    let runs = runs(of: line, plot)
    let path = runs.map { "M" + $0.map { "\(short($0.0)) \(short($0.1))" }.joined(separator: "L") }.joined()
    canvas.beginGroup([
      "data-name": line.name, "data-x": list(line.points.map(\.x)), "data-y": list(line.points.map(\.y)),
    ])
    if !path.isEmpty { canvas.add("path", ["class": "curve \(style)", "d": path], tip: line.name) }
    let count = runs.reduce(0) { $0 + $1.count }
    // A single point between two gaps has no line that shows it.
    for run in runs where run.count == 1 || count <= Self.mostDots {
      for (x, y) in run {
        canvas.add("circle", ["class": "dot \(style)", "cx": short(x), "cy": short(y), "r": "3.5"], tip: line.name)
      }
    }
    canvas.endGroup()
  }

  /// Positions on the page, divided where a point cannot be shown.
  private func runs(of line: Line, _ plot: Plot) -> [[(Double, Double)]] {
    var (runs, isInterrupted) = ([[(Double, Double)]](), true)
    for point in line.points {
      guard let place = plot.place(point) else {
        isInterrupted = true
        continue
      }
      if isInterrupted { runs.append([]) }
      runs[runs.count - 1].append(place)
      isInterrupted = false
    }
    return runs
  }

  private func drawBand(
    _ points: [(x: Double, y: Double)], _ spread: [ClosedRange<Double>], style: String, _ plot: Plot,
    on canvas: inout Canvas
  ) {
    let shown = zip(points, spread).compactMap { point, range -> ((Double, Double), (Double, Double))? in
      guard let low = plot.place((point.x, range.lowerBound)), let high = plot.place((point.x, range.upperBound))
      else { return nil }
      return (low, high)
    }
    let around = shown.map(\.1) + shown.reversed().map(\.0)
    if around.isEmpty { return }
    let path = "M" + around.map { "\(short($0.0)) \(short($0.1))" }.joined(separator: "L") + "z"
    canvas.add(
      "path",
      [
        "class": "band \(style)", "data-low": list(spread.map(\.lowerBound)),
        "data-high": list(spread.map(\.upperBound)), "d": path,
      ])
  }

  /// Draws the names at the ends of lines, far enough apart to be legible; an even selection if there are too many.
  private func name(_ plot: Plot, on canvas: inout Canvas) {
    var ends = lines.enumerated().compactMap { index, line in
      line.points.last { plot.place($0) != nil }.flatMap { plot.place($0) }.map { (index, $0.1) }
    }.sorted { $0.1 < $1.1 }
    let most = Int((plot.bottom - plot.top) / Self.nameDistance)
    if ends.count > most { ends = (0..<most).map { ends[$0 * (ends.count - 1) / (most - 1)] } }
    var places = ends.map(\.1)
    for index in places.indices.dropFirst() {
      places[index] = max(places[index], places[index - 1] + Self.nameDistance)
    }
    // Names that were pushed below the lower end move back up, and their neighbors with them.
    if let last = places.indices.last { places[last] = min(places[last], plot.bottom) }
    for index in places.indices.dropLast().reversed() {
      places[index] = min(places[index], places[index + 1] - Self.nameDistance)
    }
    for ((index, _), place) in zip(ends, places) {
      canvas.text(
        lines[index].name, x: plot.right + 10, y: place + 5, style: "s\(index % Theme.lineCount)",
        room: Self.widestName)
    }
  }
}
