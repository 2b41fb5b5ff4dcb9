/// The values that full color stands for.
public enum HeatRange: Sendable {
  /// From 0 to 1, such as a gate.
  case unit
  /// From -1 to 1, such as a hidden state.
  case signed
  /// From 0 to the largest magnitude of the values.
  case fitted
  /// From minus to plus the largest magnitude of the values, such as a cell state.
  case fittedSigned

  /// The magnitude that gets the full color.
  func limit(of values: [[Float]]) -> Float {
    switch self {
    case .unit, .signed: return 1
    case .fitted, .fittedSigned:
      let largest = values.joined().lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
      return largest > 0 ? largest : 1
    }
  }

  /// Whether the range includes negative values.
  var hasNegatives: Bool {
    switch self {
    case .unit, .fitted: false
    case .signed, .fittedSigned: true
    }
  }
}

/// The position and size of a grid of cells.
struct HeatFrame {
  var x: Double
  var y: Double
  /// The width and height of one cell.
  var cell: (width: Double, height: Double)
}

extension Canvas {
  /// The number of strengths of a color.
  private static let levels = 32

  /// Adds a grid of cells, one for each value.
  ///
  /// Zero has the color of the page, positive values have one color and negative ones another, and the color is the
  /// stronger the larger the magnitude. Cells of nearly equal strength share a path, and neighbors in a row a rectangle of
  /// it, so that a large grid remains a small file. The values themselves are in the group's `data-values`, row by row;
  /// the cell of a NaN is empty.
  ///
  /// - Parameters:
  ///   - values: row by row; rows may differ in length.
  ///   - frame: the position and size.
  ///   - range: the values that full color stands for.
  ///   - positive: the style of positive cells.
  ///   - name: what the grid shows; nil if it repeats another grid, to leave out the data.
  mutating func heat(
    _ values: [[Float]], in frame: HeatFrame, range: HeatRange, positive: String = "positive", name: String?
  ) {
    let (limit, levels, columns) = (range.limit(of: values), Self.levels, values.map(\.count).max() ?? 0)
    let place =
      "translate(\(short(frame.x)) \(short(frame.y))) "
      + "scale(\(short(frame.cell.width, decimals: 5)) \(short(frame.cell.height, decimals: 5)))"
    if let name {
      beginGroup([
        "class": "heat", "transform": place, "data-name": name, "data-rows": "\(values.count)",
        "data-columns": "\(columns)", "data-limit": "\(limit)",
        "data-values": values.map { $0.map { "\($0)" }.joined(separator: " ") }.joined(separator: ";"),
      ])
    } else {
      beginGroup(["class": "heat", "transform": place])
    }
    var paths = Array(repeating: "", count: 2 * levels + 1)
    for (row, line) in values.enumerated() {
      let strengths = line.map { value in
        value.isFinite ? Int((min(max(value / limit, -1), 1) * Float(levels)).rounded()) : 0
      }
      var column = 0
      while column < strengths.count {
        let end = strengths[column...].firstIndex { $0 != strengths[column] } ?? strengths.count
        paths[strengths[column] + levels] += "M\(column) \(row)h\(end - column)v1h\(column - end)z"
        column = end
      }
    }
    for (index, path) in paths.enumerated() where index != levels && !path.isEmpty {
      let strength = index - levels
      let opacity = short(Double(strength.magnitude) / Double(levels))
      add("path", ["class": strength > 0 ? positive : "negative", "fill-opacity": opacity, "d": path])
    }
    endGroup()
    rectangle(
      x: frame.x, y: frame.y, width: Double(columns) * frame.cell.width,
      height: Double(values.count) * frame.cell.height, style: "frame")
  }

  /// Adds the key of a grid at the left: the colors from the smallest value to the largest; returns its right end.
  @discardableResult
  mutating func heatScale(y: Double, range: HeatRange, limit: Float) -> Double {
    let most = label(Double(limit), decimals: 3)
    let least = range.hasNegatives ? "−" + most : "0"
    let steps = (range.hasNegatives ? -4 : 0)...4
    var x = Canvas.smallSize + textWidth(of: least, size: Canvas.smallSize)
    text(least, x: x - 6, y: y, anchor: .end, style: "soft small count")
    beginGroup(["class": "heat"])
    for step in steps {
      rectangle(
        x: x, y: y - 11, width: 12, height: 12, style: step < 0 ? "negative" : "positive",
        opacity: Double(step.magnitude) / 4)
      x += 12
    }
    endGroup()
    rectangle(x: x - 12 * Double(steps.count), y: y - 11, width: 12 * Double(steps.count), height: 12, style: "frame")
    text(most, x: x + 6, y: y, style: "soft small count")
    return x + 6 + textWidth(of: most, size: Canvas.smallSize)
  }
}
