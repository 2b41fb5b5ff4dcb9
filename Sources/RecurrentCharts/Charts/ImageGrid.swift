import RecurrentSupport

/// Images side by side, each with a caption, such as misclassified digits.
///
/// Pixels are drawn as ink on the page, legible on light and dark pages. Their values are in the attribute `data-values`.
public struct ImageGrid: Picture {
  /// An image and its caption.
  public struct Item: Sendable {
    /// The pixels from 0 to 1, row by row.
    public let pixels: [Float]
    /// How many pixels a row has.
    public let width: Int
    /// The text below it; a line of text for each line.
    public let caption: String

    /// An image.
    ///
    /// - Parameters:
    ///   - pixels: from 0, the page, to 1, ink, row by row.
    ///   - width: how many pixels a row has.
    ///   - caption: the text below it.
    /// - Precondition: there are whole rows of pixels.
    public init(pixels: [Float], width: Int, caption: String) {
      require(
        width > 0 && pixels.count.isMultiple(of: width),
        "an image has \(pixels.count) pixels, expected whole rows of width \(width)")
      (self.pixels, self.width, self.caption) = (pixels, width, caption)
    }

    /// The pixels, row by row.
    var rows: [[Float]] { pixels.inRows(of: width) }
  }

  /// What the picture shows.
  public let title: String
  private let items: [Item]
  private let columns: Int
  private let remark: String?

  private static let largestGap = 16.0
  private static let lineHeight = 18.0

  /// A grid of images.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - items: the images, from left to right and from top to bottom.
  ///   - columns: how many stand side by side.
  ///   - remark: what else the reader should know; nil for nothing.
  /// - Precondition: `columns` is positive.
  public init(title: String, items: [Item], columns: Int = 6, remark: String? = nil) {
    require(columns > 0, "columns is \(columns), expected at least 1")
    (self.title, self.items, self.columns, self.remark) = (title, items, columns, remark)
  }

  /// The whole SVG document.
  public var svg: String {
    let captions = items.map(\.caption).filter { !$0.isEmpty }
    var canvas = Canvas(
      title: title, description: "\(items.count) images" + captions.map { "; \($0)" }.joined())
    let top = canvas.heading(remark: remark)
    let gap = min(Self.largestGap, canvas.width / Double(columns) / 4)
    let side = (canvas.width - Double(columns - 1) * gap) / Double(columns)
    let lines = items.map { $0.caption.split(separator: "\n").count }.max() ?? 0
    let rowHeight = side + Double(lines) * Self.lineHeight + gap
    for (index, item) in items.enumerated() {
      let x = Double(index % columns) * (side + gap)
      let y = top + Double(index / columns) * rowHeight
      let cell = side / Double(max(item.width, item.rows.count))
      canvas.heat(
        item.rows, in: HeatFrame(x: x, y: y, cell: (cell, cell)), range: .unit, positive: "ink", name: item.caption)
      for (line, text) in item.caption.split(separator: "\n").enumerated() {
        canvas.text(
          String(text), x: x, y: y + side + Self.lineHeight * Double(line + 1), style: line == 0 ? "" : "soft small",
          room: side + gap / 2)
      }
    }
    if items.isEmpty { canvas.text("none", x: 0, y: top + 18, style: "soft") }
    let rows = (items.count + columns - 1) / columns
    canvas.height = top + (items.isEmpty ? 24 : Double(rows) * rowHeight - gap + 6)
    return canvas.svg
  }
}

extension Array {
  /// The elements in rows of equal length, the last possibly shorter.
  func inRows(of count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
