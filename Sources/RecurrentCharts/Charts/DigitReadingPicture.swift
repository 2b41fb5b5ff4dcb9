/// How a network reads one image, row by row: the image, what it believes after each row, and what goes on inside.
///
/// Time runs downwards: each row of a panel stands beside the row of the image that was read last. Panels stand side by
/// side, as many as fit, and below them the next.
public struct DigitReadingPicture: Picture {
  /// Values of some units after each row, such as a gate.
  public struct Panel: Sendable {
    /// What the values are, as in `layer 1: forget gate`.
    public let name: String
    /// One row of units for each step, `[time][unit]`.
    public let rows: [[Float]]
    /// Which values a colour's full strength stands for.
    public let range: HeatMap.Range

    /// A panel.
    ///
    /// - Parameters:
    ///   - name: what the values are.
    ///   - rows: one row of units for each step, `[time][unit]`.
    ///   - range: which values a colour's full strength stands for.
    public init(_ name: String, rows: [[Float]], range: HeatMap.Range) {
      (self.name, self.rows, self.range) = (name, rows, range)
    }
  }

  /// What the picture shows.
  public let title: String
  private let image: [[Float]]
  private let panels: [Panel]
  private let beliefs: [[Float]]
  private let truth: Int?
  private let remark: String?

  private static let imageSide = 252.0
  private static let panelHeight = 168.0
  private static let panelsPerRow = 4
  private static let gap = 18.0

  /// A picture of one reading.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - pixels: the image, from 0 to 1, row by row.
  ///   - width: how many pixels a row has.
  ///   - panels: what goes on inside, from the lowest layer up.
  ///   - beliefs: the probability of each class after each step, `[time][class]`.
  ///   - truth: the true class; nil where nobody knows.
  ///   - remark: what else the reader should know; nil for nothing.
  /// - Precondition: there are whole rows of pixels.
  public init(
    title: String, pixels: [Float], width: Int, panels: [Panel], beliefs: [[Float]], truth: Int?, remark: String? = nil
  ) {
    precondition(width > 0 && pixels.count.isMultiple(of: width), "an image has whole rows of \(width) pixels")
    (self.title, image, self.panels) = (title, pixels.inRows(of: width), panels)
    (self.beliefs, self.truth, self.remark) = (beliefs, truth, remark)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: description)
    var y = canvas.heading()
    if let remark {
      canvas.text(remark, x: 0, y: y, style: "soft")
      y += 22
    }
    y = drawBeliefs(top: y + 16, on: &canvas)
    for row in panels.inRows(of: Self.panelsPerRow) { y = draw(row, top: y + 30, on: &canvas) }
    canvas.height = y + 24
    return canvas.svg
  }

  private var description: String {
    let last = beliefs.last.flatMap(Self.strongest)
    return "an image, the belief after each of its rows\(last.map { ", at the end in \($0)" } ?? "") and "
      + panels.map(\.name).joined(separator: ", ")
  }

  /// The image, a column for each class, and the strongest belief after each row in digits; returns where they end.
  private func drawBeliefs(top: Double, on canvas: inout Canvas) -> Double {
    let pixel = Self.imageSide / Double(max(image.count, image.first?.count ?? 1, 1))
    canvas.text("the image", x: 0, y: top - 8, style: "soft")
    canvas.heat(image, in: HeatFrame(x: 0, y: top, cell: (pixel, pixel)), range: .unit, positive: "ink", name: "image")
    let height = Double(image.count) * pixel
    let classes = beliefs.map(\.count).max() ?? 0
    let (left, cell) = (
      Self.imageSide + 2 * Self.gap, (width: 24.0, height: height / Double(max(beliefs.count, 1)))
    )
    canvas.text("belief after each row", x: left, y: top - 8, style: "soft")
    canvas.heat(
      beliefs, in: HeatFrame(x: left, y: top, cell: cell), range: .unit, name: "belief")
    for label in 0..<classes {
      canvas.text(
        "\(label)", x: left + (Double(label) + 0.5) * cell.width, y: top + height + 16, anchor: .middle,
        style: label == truth ? "strong" : "soft",
        tip: label == truth ? "the true class" : nil)
    }
    if let truth, truth < classes {
      canvas.rectangle(
        x: left + Double(truth) * cell.width, y: top, width: cell.width, height: height, style: "outline")
    }
    let right = left + Double(classes) * cell.width + Self.gap
    canvas.text("strongest", x: right, y: top - 8, style: "soft")
    // As many lines of text as can be read.
    let every = max(1, Int((14 / max(cell.height, 0.001)).rounded(.up)))
    for (step, belief) in beliefs.enumerated() where (beliefs.count - 1 - step).isMultiple(of: every) {
      guard let best = Self.strongest(belief) else { continue }
      canvas.text(
        "\(best)  \(fixed(Double(belief[best]), decimals: 2))", x: right,
        y: top + (Double(step) + 0.5) * cell.height + 4, style: best == truth ? "count strong" : "count soft")
    }
    return top + height + 24
  }

  private func draw(_ row: [Panel], top: Double, on canvas: inout Canvas) -> Double {
    let side = Self.panelHeight
    let pixel = side / Double(max(image.count, image.first?.count ?? 1, 1))
    canvas.heat(image, in: HeatFrame(x: 0, y: top, cell: (pixel, pixel)), range: .unit, positive: "ink", name: "image")
    let left = side + Self.gap
    let room = (canvas.width - left - Double(Self.panelsPerRow - 1) * Self.gap) / Double(Self.panelsPerRow)
    let height = Double(image.count) * pixel
    for (index, panel) in row.enumerated() {
      let x = left + Double(index) * (room + Self.gap)
      let units = panel.rows.map(\.count).max() ?? 0
      canvas.text(panel.name, x: x, y: top - 8, style: "small")
      canvas.heat(
        panel.rows,
        in: HeatFrame(
          x: x, y: top,
          cell: (min(room / Double(max(units, 1)), 12), height / Double(max(panel.rows.count, 1)))),
        range: panel.range, name: panel.name)
      let limit = short(Double(panel.range.limit(of: panel.rows)), decimals: 2)
      canvas.text(
        "\(units) units, full at \(panel.range.hasNegatives ? "±" : "")\(limit)", x: x, y: top + height + 14,
        style: "soft small")
    }
    return top + height + 16
  }

  private static func strongest(_ belief: [Float]) -> Int? {
    belief.indices.filter { belief[$0].isFinite }.max { belief[$0] < belief[$1] }
  }
}
