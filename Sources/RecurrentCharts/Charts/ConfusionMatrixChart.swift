import RecurrentSupport

/// A confusion matrix, true class against prediction: rows are true classes, columns predicted ones.
///
/// The color of a cell is the stronger the larger its fraction of the row; correct predictions are blue, wrong ones orange
/// and drawn stronger than their fraction, so that rare confusions can be seen. Recall stands at the end of each row, precision below each column. All
/// counts are in the attribute `data-counts` of the matrix, row by row, and that of each pair in its `data-count`.
public struct ConfusionMatrixChart: Picture {
  /// What the picture shows.
  public let title: String
  private let labels: [String]
  private let counts: [[Int]]
  private let counted: String
  private let remark: String?

  /// The size of cells if there is room for all of them.
  private static let cellSize = (width: 48.0, height: 34.0)
  private static let marginWidth = 62.0

  /// A picture of a confusion matrix.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - labels: the names of the classes.
  ///   - counts: `[truth][prediction]`.
  ///   - counted: the name of what is counted, in the plural, such as images.
  ///   - remark: what else the reader should know; nil for nothing.
  /// - Precondition: `counts` has a row and a column for each label.
  public init(
    title: String, labels: [String], counts: [[Int]], counted: String = "sequences", remark: String? = nil
  ) {
    require(
      counts.count == labels.count && counts.allSatisfy { $0.count == labels.count },
      "counts of a confusion matrix need a row and a column for each of \(labels.count) classes")
    (self.title, self.labels, self.counts) = (title, labels, counts)
    (self.counted, self.remark) = (counted, remark)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(
      title: title,
      description: "confusion matrix: number of \(counted) of each true class, a row, by predicted class, a column")
    let top = canvas.heading(remark: remark) + 42
    let widest = labels.map { textWidth(of: $0, size: Theme.textSize(ofStyle: "strong")) }.max() ?? 0
    let left = min(160, max(46, widest + 12)) + 40
    let width = min(
      max(Self.cellSize.width, widest + 8), (canvas.width - left - Self.marginWidth) / Double(max(labels.count, 1)))
    let field = Field(left: left, top: top, cell: (width, min(width, Self.cellSize.height)), count: labels.count)
    drawMargins(field, on: &canvas)
    canvas.beginGroup([
      "data-labels": labels.joined(separator: ";"),
      "data-counts": counts.map { $0.map { "\($0)" }.joined(separator: " ") }.joined(separator: ";"),
    ])
    for (truth, row) in counts.enumerated() {
      let total = row.reduce(0, Self.sum)
      for (prediction, count) in row.enumerated() {
        draw(count, truth, prediction, share: total > 0 ? Double(count) / Double(total) : 0, field, on: &canvas)
      }
    }
    canvas.endGroup()
    canvas.rectangle(
      x: field.left, y: field.top, width: field.right - field.left, height: field.bottom - field.top, style: "frame")
    if labels.isEmpty { canvas.text("no data", x: left, y: top + 4, style: "soft") }
    canvas.height = field.bottom + 26
    return canvas.svg
  }

  /// Where cells lie.
  private struct Field {
    let left: Double
    let top: Double
    let cell: (width: Double, height: Double)
    let count: Int

    var right: Double { left + Double(count) * cell.width }
    var bottom: Double { top + Double(count) * cell.height }
    /// The gap between cells; it shrinks with them, so that small cells do not vanish.
    var gap: Double { min(1, cell.height / 8) }

    func x(_ prediction: Int) -> Double { left + Double(prediction) * cell.width }
    func y(_ truth: Int) -> Double { top + Double(truth) * cell.height }
  }

  /// Labels, recall and precision, for as many classes as have room.
  private func drawMargins(_ field: Field, on canvas: inout Canvas) {
    canvas.text("predicted", x: (field.left + field.right) / 2, y: field.top - 30, anchor: .middle, style: "soft")
    canvas.text("true", x: 0, y: (field.top + field.bottom) / 2 + 5, style: "soft")
    canvas.text("recall, %", x: field.right + 8, y: field.top - 9, style: "soft small")
    canvas.text("precision, %", x: field.left - 8, y: field.bottom + 19, anchor: .end, style: "soft small")
    let widest = min(24, labels.map { textWidth(of: $0) }.max() ?? 0) + 8
    let rowDistance = max(1, Int((18 / field.cell.height).rounded(.up)))
    let columnDistance = max(1, Int((widest / field.cell.width).rounded(.up)))
    let predicted = labels.indices.map { column in counts.reduce(0) { Self.sum($0, $1[column]) } }
    for index in labels.indices {
      let (right, label) = (counts[index][index], labels[index])
      let (x, y) = (field.x(index) + field.cell.width / 2, field.y(index) + field.cell.height / 2 + 5)
      if index.isMultiple(of: rowDistance) {
        canvas.text(label, x: field.left - 8, y: y, anchor: .end, style: "strong", room: field.left - 48)
        canvas.text(
          Self.share(right, counts[index].reduce(0, Self.sum)), x: field.right + 8, y: y, style: "soft small count")
      }
      if index.isMultiple(of: columnDistance) {
        let room = field.cell.width * Double(columnDistance) - 4
        canvas.text(label, x: x, y: field.top - 9, anchor: .middle, style: "strong", room: room)
      }
      if field.cell.width >= 38 {
        canvas.text(
          Self.share(right, predicted[index]), x: x, y: field.bottom + 19, anchor: .middle, style: "soft small count")
      }
    }
  }

  private func draw(
    _ count: Int, _ truth: Int, _ prediction: Int, share: Double, _ field: Field, on canvas: inout Canvas
  ) {
    if count <= 0 { return }
    let isRight = truth == prediction
    // The square root makes rare confusions visible; the limit keeps the text on top legible.
    let strength = Theme.strongestBehindText * (isRight ? share : min(1, 3 * share.squareRoot()))
    canvas.add(
      "rect",
      [
        "class": isRight ? "positive" : "negative", "fill-opacity": short(strength),
        "x": short(field.x(prediction) + field.gap), "y": short(field.y(truth) + field.gap),
        "width": short(field.cell.width - 2 * field.gap), "height": short(field.cell.height - 2 * field.gap),
        "data-truth": "\(truth)", "data-prediction": "\(prediction)", "data-count": "\(count)",
      ],
      tip: isRight ? "\(labels[truth]): \(count) correct" : "\(labels[truth]) taken for \(labels[prediction]): \(count)"
    )
    let text = label(Double(count), decimals: 0)
    if textWidth(of: text, size: Canvas.smallSize) <= field.cell.width && field.cell.height >= 16 {
      canvas.text(
        text, x: field.x(prediction) + field.cell.width / 2, y: field.y(truth) + field.cell.height / 2 + 5,
        anchor: .middle, style: isRight ? "small count strong" : "small count")
    }
  }

  private static func share(_ part: Int, _ whole: Int) -> String {
    whole == 0 ? "–" : percent(Double(part) / Double(whole))
  }

  // Saturates instead of trapping: any counts can be drawn.
  private static func sum(_ first: Int, _ second: Int) -> Int {
    let (sum, isTooLarge) = first.addingReportingOverflow(second)
    return isTooLarge ? .max : sum
  }
}
