import RecurrentSupport

/// Rows of values over time as strengths of color, such as the state of each unit of a network after each step.
///
/// Zero has the color of the page; positive values are blue, negative ones orange. The values are in the attribute
/// `data-values`, row by row.
public struct HeatMap: Picture {
  /// The values that full color stands for.
  public typealias Range = HeatRange

  /// What the picture shows.
  public let title: String
  private let x: String
  private let y: String
  private let rows: [[Float]]
  private let rowLabels: [String]?
  private let range: Range
  private let remark: String?

  /// A map of some rows.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - x: what runs from left to right, such as the step.
  ///   - y: what the rows are, such as the units.
  ///   - rows: the values, `[row][column]`.
  ///   - rowLabels: the label of each row; nil for none.
  ///   - range: the values that full color stands for.
  ///   - remark: what else the reader should know; nil for nothing.
  /// - Precondition: `rowLabels` is nil or has a label for each row.
  public init(
    title: String, x: String, y: String, rows: [[Float]], rowLabels: [String]? = nil, range: Range = .fittedSigned,
    remark: String? = nil
  ) {
    require(
      rowLabels == nil || rowLabels?.count == rows.count,
      "\(rowLabels?.count ?? 0) row labels, expected \(rows.count), one for each row")
    (self.title, self.x, self.y, self.rows) = (title, x, y, rows)
    (self.rowLabels, self.range, self.remark) = (rowLabels, range, remark)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: "\(y), from top to bottom, over \(x)")
    let top = canvas.heading(remark: remark) + 18
    canvas.text(y, x: 0, y: top - 9, style: "soft", room: canvas.width)
    let labelWidth = (rowLabels ?? []).map { textWidth(of: $0, size: Canvas.smallSize) }.max()
    let left = labelWidth.map { min(canvas.width * 0.4, $0 + 10) } ?? 0
    let columns = rows.map(\.count).max() ?? 0
    // Rows with labels are at least as high as their letters; others share the height of a screen.
    let (count, least) = (Double(max(rows.count, 1)), rowLabels == nil ? 0 : Canvas.smallSize + 2)
    let cell = (
      width: min(24, (canvas.width - left) / Double(max(columns, 1))),
      height: min(22, max(least, min(5, 2400 / count), 320 / count))
    )
    canvas.heat(rows, in: HeatFrame(x: left, y: top, cell: cell), range: range, name: title)
    let bottom = top + Double(rows.count) * cell.height
    for (index, label) in (rowLabels ?? []).enumerated() {
      canvas.text(
        label, x: left - 8, y: top + (Double(index) + 0.5) * cell.height + 4.5, anchor: .end,
        style: "soft small count", room: left - 8)
    }
    drawColumnNumbers(columns, left: left, width: cell.width, y: bottom + 17, on: &canvas)
    let right = left + Double(columns) * cell.width
    canvas.text(
      x, x: max(right, min(canvas.width, left + textWidth(of: x))), y: bottom + 38, anchor: .end, style: "soft",
      room: canvas.width)
    if columns == 0 { canvas.text("no data", x: left, y: bottom + 17, style: "soft") }
    canvas.heatScale(y: bottom + 62, range: range, limit: range.limit(of: rows))
    canvas.height = bottom + 66
    return canvas.svg
  }

  /// The first column, and every fifth or more after it, as far as their numbers have room.
  private func drawColumnNumbers(
    _ columns: Int, left: Double, width: Double, y: Double, on canvas: inout Canvas
  ) {
    let room = textWidth(of: "\(columns)", size: Canvas.smallSize) + 8
    let every = stride(from: 5, through: max(5, columns), by: 5).first { Double($0) * width >= room } ?? max(columns, 1)
    for column in stride(from: 0, to: columns, by: every) {
      let center = left + (Double(column) + 0.5) * width
      let half = textWidth(of: "\(column)", size: Canvas.smallSize) / 2
      if center + half > canvas.width + 8 { break }
      canvas.text("\(column)", x: center, y: y, anchor: .middle, style: "soft small count")
    }
  }
}
