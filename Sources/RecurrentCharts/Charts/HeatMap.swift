/// Many rows of values over time, as strengths of colour: what each unit of a network does while it reads.
///
/// Zero is the page itself; positive values are blue, negative ones orange. The values are in the attribute
/// `data-values`, row by row.
public struct HeatMap: Picture {
  /// Which values a colour's full strength stands for.
  public typealias Range = HeatRange

  /// What the picture shows.
  public let title: String
  private let x: String
  private let y: String
  private let rows: [[Float]]
  private let rowLabels: [String]?
  private let range: Range

  /// A map of some rows.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - x: what runs from left to right, such as the step.
  ///   - y: what the rows are, such as the units.
  ///   - rows: the values, `[row][column]`.
  ///   - rowLabels: what stands before each row; nil for none.
  ///   - range: which values full strength stands for.
  /// - Precondition: there are as many labels as rows, where there are any.
  public init(
    title: String, x: String, y: String, rows: [[Float]], rowLabels: [String]? = nil, range: Range = .fittedSigned
  ) {
    precondition(rowLabels == nil || rowLabels?.count == rows.count, "one label for each row")
    (self.title, self.x, self.y, self.rows, self.rowLabels, self.range) = (title, x, y, rows, rowLabels, range)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: "\(y), from top to bottom, over \(x)")
    let top = canvas.heading() + 14
    canvas.text(y, x: 0, y: top - 10, style: "soft")
    let left = rowLabels.map { ($0.map { width(of: $0, size: 12) }.max() ?? 0) + 10 } ?? 0
    let columns = rows.map(\.count).max() ?? 0
    let cell = (
      width: min(24, (canvas.width - left) / Double(max(columns, 1))),
      height: min(20, max(rowLabels == nil ? 4 : 14, 320 / Double(max(rows.count, 1))))
    )
    canvas.heat(rows, in: HeatFrame(x: left, y: top, cell: cell), range: range, name: title)
    let bottom = top + Double(rows.count) * cell.height
    for (index, label) in (rowLabels ?? []).enumerated() {
      canvas.text(
        label, x: left - 8, y: top + (Double(index) + 0.5) * cell.height + 4, anchor: .end, style: "count soft")
    }
    // The first column, the last, and every fifth or more between them.
    let every = max(5, (columns / 10 + 4) / 5 * 5)
    for column in stride(from: 0, to: columns, by: every) {
      canvas.text(
        "\(column)", x: left + (Double(column) + 0.5) * cell.width, y: bottom + 16, anchor: .middle,
        style: "count soft")
    }
    let right = left + Double(columns) * cell.width
    canvas.text(x, x: max(right, left + width(of: x)), y: bottom + 34, anchor: .end, style: "soft")
    if columns == 0 { canvas.text("no data", x: left, y: top + 15, style: "soft") }
    let limit = Double(range.limit(of: rows))
    canvas.text(
      "full colour: \(range.hasNegatives ? "±" : "")\(short(limit, decimals: 3))", x: 0, y: bottom + 34,
      style: "soft small")
    canvas.height = bottom + 42
    return canvas.svg
  }
}

extension HeatRange {
  /// Whether negative values belong to it.
  var hasNegatives: Bool {
    switch self {
    case .unit, .fitted: false
    case .signed, .fittedSigned: true
    }
  }
}
