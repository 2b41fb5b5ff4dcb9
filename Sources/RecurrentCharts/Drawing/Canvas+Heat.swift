/// Which values a colour's full strength stands for.
public enum HeatRange: Sendable {
  /// From 0 to 1, such as a gate.
  case unit
  /// From -1 to 1, such as a hidden state.
  case signed
  /// From 0 to the largest value there is.
  case fitted
  /// From minus to plus the largest magnitude there is, such as a cell state.
  case fittedSigned

  /// The magnitude that gets the full colour.
  func limit(of values: [[Float]]) -> Float {
    switch self {
    case .unit, .signed: return 1
    case .fitted, .fittedSigned:
      let largest = values.joined().lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
      return largest > 0 ? largest : 1
    }
  }
}

/// The place and size of a grid of cells.
struct HeatFrame {
  var x: Double
  var y: Double
  /// The width and height of one cell.
  var cell: (width: Double, height: Double)
}

extension Canvas {
  /// Adds a grid of cells, one for each value: what is zero is the page itself, positive values have one colour and
  /// negative ones another, and the colour is the stronger the larger the value.
  ///
  /// Cells of nearly one strength are one path, so that a large grid remains a small file. The values themselves are in
  /// the group's `data-values`, row by row; what is no number is left empty.
  ///
  /// - Parameters:
  ///   - values: row by row; rows may differ in length.
  ///   - frame: where.
  ///   - range: what full strength means.
  ///   - positive: the style of positive cells.
  ///   - name: what the grid shows.
  mutating func heat(
    _ values: [[Float]], in frame: HeatFrame, range: HeatRange, positive: String = "positive", name: String
  ) {
    let (limit, levels) = (range.limit(of: values), 32)
    let columns = values.map(\.count).max() ?? 0
    beginGroup([
      "class": "heat", "data-name": name, "data-rows": "\(values.count)", "data-columns": "\(columns)",
      "data-limit": "\(limit)",
      "data-values": values.map { $0.map { short(Double($0), decimals: 4) }.joined(separator: " ") }
        .joined(separator: ";"),
    ])
    var cells = Array(repeating: "", count: 2 * levels + 1)
    for (row, line) in values.enumerated() {
      for (column, value) in line.enumerated() where value.isFinite {
        let level = Int((min(max(value / limit, -1), 1) * Float(levels)).rounded())
        let (x, y) = (frame.x + Double(column) * frame.cell.width, frame.y + Double(row) * frame.cell.height)
        cells[level + levels] +=
          "M\(short(x)) \(short(y))h\(short(frame.cell.width))v\(short(frame.cell.height))h\(short(-frame.cell.width))z"
      }
    }
    for (index, path) in cells.enumerated() where index != levels && !path.isEmpty {
      let level = index - levels
      add(
        "path",
        [
          "class": level > 0 ? positive : "negative",
          "fill-opacity": short(Double(level.magnitude) / Double(levels)), "d": path,
        ])
    }
    endGroup()
    rectangle(
      x: frame.x, y: frame.y, width: Double(columns) * frame.cell.width,
      height: Double(values.count) * frame.cell.height, style: "frame")
  }
}
