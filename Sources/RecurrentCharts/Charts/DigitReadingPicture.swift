import RecurrentSupport

/// How a network reads one image, row by row: the image, the class probabilities after each row, and panels of gates and
/// states.
///
/// Time runs downwards: each row of a panel stands beside the row of the image that was read last. Panels stand side by
/// side; those that do not fit start a new line below.
public struct DigitReadingPicture: Picture {
  /// Values of some units after each step, such as a gate.
  public struct Panel: Sendable {
    /// What the values are, as in `layer 1: forget gate`.
    public let name: String
    /// One row of units for each step, `[time][unit]`.
    public let rows: [[Float]]
    /// The values that full color stands for.
    public let range: HeatMap.Range

    /// A panel.
    ///
    /// - Parameters:
    ///   - name: what the values are.
    ///   - rows: one row of units for each step, `[time][unit]`.
    ///   - range: the values that full color stands for.
    public init(_ name: String, rows: [[Float]], range: HeatMap.Range) {
      (self.name, self.rows, self.range) = (name, rows, range)
    }
  }

  /// What the picture shows.
  public let title: String
  private let image: [[Float]]
  private let asRead: [[Float]]?
  private let panels: [Panel]
  private let panelsPerRow: Int
  private let probabilities: [[Float]]
  private let step: String
  private let truth: Int?
  private let remark: String?

  private static let imageSide = 196.0
  private static let panelHeight = 112.0
  private static let gap = 18.0
  private static let predictionWidth = 78.0
  private static let predictionDistance = 16.0

  /// A picture of one reading.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - pixels: the image, from 0 to 1, row by row.
  ///   - width: how many pixels a row has.
  ///   - panels: gates and states, from the lowest layer up.
  ///   - probabilities: the probability of each class after each step, `[time][class]`.
  ///   - truth: the true class; nil if it is not known.
  ///   - remark: what else the reader should know; nil for nothing.
  ///   - pixelsAsRead: the pixels in the order in which they are read, if that is not row by row; drawn beside the panels,
  ///     so that each row of a panel stands beside the pixels that were read last; nil if the image is read row by row.
  ///   - step: what is read in a step, as in `row`.
  ///   - panelsPerRow: how many panels stand side by side.
  /// - Precondition: `pixels` are whole rows, `pixelsAsRead` has as many pixels, and `panelsPerRow` is positive.
  public init(
    title: String, pixels: [Float], width: Int, panels: [Panel], probabilities: [[Float]], truth: Int?,
    remark: String? = nil, pixelsAsRead: [Float]? = nil, step: String = "row", panelsPerRow: Int = 4
  ) {
    require(
      width > 0 && pixels.count.isMultiple(of: width),
      "an image has \(pixels.count) pixels, expected whole rows of width \(width)")
    require(
      pixelsAsRead == nil || pixelsAsRead?.count == pixels.count,
      "pixelsAsRead has \(pixelsAsRead?.count ?? 0) pixels, expected \(pixels.count), as many as the image")
    require(panelsPerRow > 0, "panelsPerRow is \(panelsPerRow), expected at least 1")
    (self.title, image, asRead) = (title, pixels.inRows(of: width), pixelsAsRead?.inRows(of: width))
    (self.panels, self.panelsPerRow, self.probabilities) = (panels, panelsPerRow, probabilities)
    (self.step, self.truth, self.remark) = (step, truth, remark)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: description)
    var y = drawProbabilities(top: canvas.heading(remark: remark) + 20, on: &canvas)
    for row in panels.inRows(of: panelsPerRow) { y = draw(row, top: y + 14, on: &canvas) }
    canvas.height = drawKey(top: y + 22, on: &canvas) + 4
    return canvas.svg
  }

  private var description: String {
    let last = probabilities.last.flatMap(Self.strongest)
    let probability = "an image, the probability after each \(step)\(last.map { ", at the end in \($0)" } ?? "")"
    return panels.isEmpty ? probability : "\(probability) and " + panels.map(\.name).joined(separator: ", ")
  }

  // The size of a pixel of an image that fits a square.
  private func pixel(in side: Double) -> Double { side / Double(max(image.count, image.first?.count ?? 1, 1)) }

  /// The image, a column for each class, and the prediction after each row with its probability; returns their lower end.
  private func drawProbabilities(top: Double, on canvas: inout Canvas) -> Double {
    let pixel = pixel(in: Self.imageSide)
    canvas.text("the image", x: 0, y: top - 9, style: "soft small")
    canvas.heat(image, in: HeatFrame(x: 0, y: top, cell: (pixel, pixel)), range: .unit, positive: "ink", name: "image")
    let height = Double(image.count) * pixel
    let classes = probabilities.map(\.count).max() ?? 0
    let left = Self.imageSide + Self.gap
    let room = canvas.width - left - Self.gap - Self.predictionWidth
    let cell = (
      width: min(24, room / Double(max(classes, 1))), height: height / Double(max(probabilities.count, 1))
    )
    canvas.text("probability after each \(step)", x: left, y: top - 9, style: "soft small", room: room)
    canvas.heat(probabilities, in: HeatFrame(x: left, y: top, cell: cell), range: .unit, name: "probability")
    let every = max(1, Int((16 / cell.width).rounded(.up)))
    for label in stride(from: 0, to: classes, by: every) {
      canvas.text(
        "\(label)", x: left + (Double(label) + 0.5) * cell.width, y: top + height + 18, anchor: .middle,
        style: label == truth ? "strong" : "soft", tip: label == truth ? "the true class" : nil)
    }
    if let truth, (0..<classes).contains(truth), !probabilities.isEmpty {
      canvas.rectangle(
        x: left + Double(truth) * cell.width, y: top, width: cell.width, height: height, style: "outline")
    }
    let right = left + Double(classes) * cell.width + Self.gap
    canvas.text("prediction", x: right, y: top - 9, style: "soft small")
    // As many lines of text as have room, counted from the last step.
    let distance = max(1, Int((Self.predictionDistance / max(cell.height, 0.001)).rounded(.up)))
    for (step, probability) in probabilities.enumerated()
    where (probabilities.count - 1 - step).isMultiple(of: distance) {
      guard let best = Self.strongest(probability) else { continue }
      canvas.text(
        "\(best)  \(fixed(Double(probability[best]), decimals: 2))", x: right,
        y: top + (Double(step) + 0.5) * cell.height + 4.5,
        style: best == truth ? "small count strong" : "soft small count")
    }
    return top + height + 24
  }

  /// The image, and panels of which each row stands beside what was read last; returns their lower end.
  private func draw(_ row: [Panel], top start: Double, on canvas: inout Canvas) -> Double {
    let left = Self.panelHeight + Self.gap
    let gap = min(Self.gap, (canvas.width - left) / Double(panelsPerRow) / 4)
    let room = (canvas.width - left - Double(panelsPerRow - 1) * gap) / Double(panelsPerRow)
    let names = row.map { wrapped($0.name, to: room + gap - 4, lines: 2, size: Canvas.smallSize) }
    let top = start + Double(names.map(\.count).max() ?? 1) * 16 + 6
    let pixel = pixel(in: Self.panelHeight)
    canvas.text(asRead == nil ? "the image" : "as it is read", x: 0, y: top - 8, style: "soft small")
    canvas.heat(
      asRead ?? image, in: HeatFrame(x: 0, y: top, cell: (pixel, pixel)), range: .unit, positive: "ink", name: nil)
    let height = Double(image.count) * pixel
    for (index, panel) in row.enumerated() {
      let x = left + Double(index) * (room + gap)
      let units = panel.rows.map(\.count).max() ?? 0
      let cell = (min(room / Double(max(units, 1)), 12), height / Double(max(panel.rows.count, 1)))
      for (line, text) in names[index].reversed().enumerated() {
        canvas.text(text, x: x, y: top - 8 - 16 * Double(line), style: "small")
      }
      canvas.heat(panel.rows, in: HeatFrame(x: x, y: top, cell: cell), range: panel.range, name: panel.name)
      let limit = label(Double(panel.range.limit(of: panel.rows)), decimals: 2)
      let values = panel.range.hasNegatives ? "±\(limit)" : "0 … \(limit)"
      canvas.text(
        "\(units) unit\(units == 1 ? "" : "s"), \(values)", x: x, y: top + height + 16, style: "soft small",
        room: room + gap - 4)
    }
    return top + height + 18
  }

  /// What the colors mean, for probabilities and for panels; returns the lower end.
  private func drawKey(top: Double, on canvas: inout Canvas) -> Double {
    let hasNegatives = panels.contains { $0.range.hasNegatives }
    let end = canvas.heatScale(y: top, range: hasNegatives ? .signed : .unit, limit: 1)
    let words =
      "full color: 1" + (panels.isEmpty ? "" : " for probabilities, the limit below each panel for its values")
      + (hasNegatives ? "; negative values have the other color" : "")
    for (line, text) in wrapped(words, to: canvas.width - end - 14, lines: 2, size: Canvas.smallSize).enumerated() {
      canvas.text(text, x: end + 14, y: top + 16 * Double(line), style: "soft small")
    }
    return top + 18
  }

  private static func strongest(_ probability: [Float]) -> Int? {
    probability.indices.filter { probability[$0].isFinite }.max { probability[$0] < probability[$1] }
  }
}
