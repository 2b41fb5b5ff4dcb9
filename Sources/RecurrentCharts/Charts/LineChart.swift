/// Curves over a common axis, each named at its end.
///
/// ```swift
/// let chart = LineChart(title: "Loss", x: "step", y: "nats", lines: [.init("training", points)])
/// try chart.write(to: "loss.svg")
/// ```
///
/// Points that have no place on an axis, such as NaN, or zero on a logarithmic one, interrupt their line. The points of a
/// line are in its attributes `data-x` and `data-y`.
public struct LineChart: Picture {
  /// One curve.
  public struct Line: Sendable {
    /// What stands at its end.
    public let name: String
    /// Its points, in the order in which they are joined.
    public let points: [(x: Double, y: Double)]
    /// A band around the curve, such as the spread over seeds: one range of y for each point; nil for none.
    public let spread: [ClosedRange<Double>]?

    /// A curve.
    ///
    /// - Parameters:
    ///   - name: what stands at its end.
    ///   - points: in the order in which they are joined.
    ///   - spread: one range of y for each point, drawn as a band; nil for none.
    /// - Precondition: a spread has as many ranges as there are points.
    public init(_ name: String, _ points: [(x: Double, y: Double)], spread: [ClosedRange<Double>]? = nil) {
      precondition(spread == nil || spread?.count == points.count, "one range of a spread for each point")
      (self.name, self.points, self.spread) = (name, points, spread)
    }
  }

  /// What the picture shows.
  public let title: String
  private let x: String
  private let y: String
  private let lines: [Line]
  private let xAxis: Axis
  private let yAxis: Axis

  private static let plotHeight = 260.0
  private static let labelDistance = 16.0

  /// A chart of some curves.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - x: what runs along the horizontal axis, with its unit.
  ///   - y: what runs along the vertical axis, with its unit.
  ///   - lines: the curves; beyond six, colours repeat.
  ///   - xScale: how values lie along the horizontal axis.
  ///   - yScale: how values lie along the vertical axis.
  /// - Complexity: O(points), for the axes.
  public init(
    title: String, x: String, y: String, lines: [Line], xScale: Scale = .linear, yScale: Scale = .linear
  ) {
    (self.title, self.x, self.y, self.lines) = (title, x, y, lines)
    xAxis = Axis(xScale, lines.flatMap { $0.points.map(\.x) }, tickCount: 7)
    yAxis = Axis(
      yScale, lines.flatMap { $0.points.map(\.y) + ($0.spread ?? []).flatMap { [$0.lowerBound, $0.upperBound] } })
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(
      title: title, description: "\(y) over \(x): " + lines.map(\.name).joined(separator: ", "))
    let top = canvas.heading() + 14
    let left = (yAxis.ticks.map { width(of: yAxis.label($0)) }.max() ?? 0) + 10
    let right = canvas.width - min(190, (lines.map { width(of: $0.name) }.max() ?? 0) + 12)
    let plot = Plot(left: left, right: right, top: top, bottom: top + Self.plotHeight, x: xAxis, y: yAxis)
    canvas.text(y, x: 0, y: top - 10, style: "soft")
    plot.drawAxes(on: &canvas, x: x)
    for (index, line) in lines.enumerated() { draw(line, style: "s\(index % Theme.lineCount)", plot, on: &canvas) }
    label(plot, on: &canvas)
    if !lines.contains(where: { $0.points.contains { plot.place($0) != nil } }) {
      canvas.text("no data", x: (left + right) / 2, y: top + Self.plotHeight / 2, anchor: .middle, style: "soft")
    }
    canvas.height = plot.bottom + 42
    return canvas.svg
  }

  private func draw(_ line: Line, style: String, _ plot: Plot, on canvas: inout Canvas) {
    if let spread = line.spread {
      let shown = zip(line.points, spread).compactMap { point, range -> ((Double, Double), (Double, Double))? in
        guard let low = plot.place((point.x, range.lowerBound)), let high = plot.place((point.x, range.upperBound))
        else { return nil }
        return (low, high)
      }
      let around = shown.map(\.1) + shown.reversed().map(\.0)
      if !around.isEmpty {
        canvas.add(
          "path",
          [
            "class": "band \(style)",
            "d": "M" + around.map { "\(short($0.0)) \(short($0.1))" }.joined(separator: "L") + "z",
          ])
      }
    }
    var (path, isInterrupted) = ("", true)
    for point in line.points {
      guard let (x, y) = plot.place(point) else {
        isInterrupted = true
        continue
      }
      path += "\(isInterrupted ? "M" : "L")\(short(x)) \(short(y))"
      isInterrupted = false
    }
    canvas.add(
      "path",
      [
        "class": "curve \(style)", "data-name": line.name, "data-x": list(line.points.map(\.x)),
        "data-y": list(line.points.map(\.y)), "d": path.isEmpty ? "M0 0" : path,
      ], tip: line.name)
  }

  /// Names at the ends of lines, far enough apart to be read.
  private func label(_ plot: Plot, on canvas: inout Canvas) {
    let ends = lines.enumerated().compactMap { index, line in
      line.points.last { plot.place($0) != nil }.flatMap { plot.place($0) }.map { (index, $0.1) }
    }.sorted { $0.1 < $1.1 }
    var places = ends.map(\.1)
    for index in places.indices.dropFirst() {
      places[index] = max(places[index], places[index - 1] + Self.labelDistance)
    }
    // What was pushed beyond the lower end goes back up, and its neighbours with it.
    if let last = places.indices.last { places[last] = min(places[last], plot.bottom) }
    for index in places.indices.dropLast().reversed() {
      places[index] = min(places[index], places[index + 1] - Self.labelDistance)
    }
    for ((index, _), place) in zip(ends, places) {
      canvas.text(lines[index].name, x: plot.right + 8, y: place + 4, style: "s\(index % Theme.lineCount)")
    }
  }
}

/// The field of a chart between its axes.
struct Plot {
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double
  let x: Axis
  let y: Axis

  /// Where a point lies on the page; nil where it has no place.
  func place(_ point: (x: Double, y: Double)) -> (Double, Double)? {
    guard x.canShow(point.x), y.canShow(point.y) else { return nil }
    return (left + x.place(of: point.x) * (right - left), bottom - y.place(of: point.y) * (bottom - top))
  }

  /// Draws ticks, grid and the name of the horizontal axis.
  func drawAxes(on canvas: inout Canvas, x name: String) {
    for tick in y.ticks {
      let place = bottom - y.place(of: tick) * (bottom - top)
      canvas.line(left, place, right, place, style: "grid")
      canvas.text(y.label(tick), x: left - 6, y: place + 4, anchor: .end, style: "soft count")
    }
    for tick in x.ticks {
      let place = left + x.place(of: tick) * (right - left)
      canvas.line(place, bottom, place, bottom + 4, style: "axis")
      canvas.text(x.label(tick), x: place, y: bottom + 18, anchor: .middle, style: "soft count")
    }
    canvas.line(left, bottom, right, bottom, style: "axis")
    canvas.text(name, x: right, y: bottom + 36, anchor: .end, style: "soft")
  }
}
