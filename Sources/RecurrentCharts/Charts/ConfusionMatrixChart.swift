/// How often each class was taken for each: rows are what was true, columns what was answered.
///
/// A cell's strength is its share of its row; right answers are blue, wrong ones orange and drawn stronger than their
/// share, so that rare confusions can be seen. Recall stands at the end of each row, precision below each column. Counts
/// are in the attributes `data-count`.
public struct ConfusionMatrixChart: Picture {
  /// What the picture shows.
  public let title: String
  private let labels: [String]
  private let counts: [[Int]]

  private static let largestCell = 52.0

  /// A picture of a confusion matrix.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - labels: the names of the classes.
  ///   - counts: `[truth][answer]`.
  /// - Precondition: counts are square and have as many rows as there are labels.
  public init(title: String, labels: [String], counts: [[Int]]) {
    precondition(
      counts.count == labels.count && counts.allSatisfy { $0.count == labels.count },
      "a confusion matrix has a row and a column for each of \(labels.count) classes")
    (self.title, self.labels, self.counts) = (title, labels, counts)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: "how often each class, a row, was answered with each, a column")
    let top = canvas.heading() + 44
    let left = max(46, (labels.map { width(of: $0) }.max() ?? 0) + 34)
    let cell = min(Self.largestCell, (canvas.width - left - 72) / Double(max(labels.count, 1)))
    let size = (width: cell, height: min(cell, 34))
    let side = (x: Double(labels.count) * size.width, y: Double(labels.count) * size.height)
    canvas.text("answered", x: left + side.x / 2, y: top - 30, anchor: .middle, style: "soft")
    canvas.text("true", x: 0, y: top + side.y / 2, style: "soft")
    canvas.text("recall", x: left + side.x + 8, y: top - 10, style: "soft small")
    canvas.text("precision", x: left - 8, y: top + side.y + 18, anchor: .end, style: "soft small")
    for (index, label) in labels.enumerated() {
      let (x, y) = (left + (Double(index) + 0.5) * size.width, top + (Double(index) + 0.5) * size.height)
      canvas.text(label, x: x, y: top - 10, anchor: .middle, style: "strong")
      canvas.text(label, x: left - 8, y: y + 4, anchor: .end, style: "strong")
      let (row, column) = (counts[index].reduce(0, +), counts.reduce(0) { $0 + $1[index] })
      canvas.text(Self.share(counts[index][index], row), x: left + side.x + 8, y: y + 4, style: "count soft")
      canvas.text(
        Self.share(counts[index][index], column), x: x, y: top + side.y + 18, anchor: .middle, style: "small soft")
    }
    for truth in labels.indices {
      let total = Double(max(counts[truth].reduce(0, +), 1))
      for answer in labels.indices {
        draw(
          truth, answer, total: total, x: left + Double(answer) * size.width, y: top + Double(truth) * size.height,
          size, on: &canvas)
      }
    }
    if labels.isEmpty { canvas.text("no data", x: left, y: top, style: "soft") }
    canvas.height = top + side.y + 28
    return canvas.svg
  }

  private func draw(
    _ truth: Int, _ answer: Int, total: Double, x: Double, y: Double, _ size: (width: Double, height: Double),
    on canvas: inout Canvas
  ) {
    let (count, isRight) = (counts[truth][answer], truth == answer)
    let share = Double(count) / total
    canvas.add(
      "rect",
      [
        "class": isRight ? "positive" : "negative",
        "fill-opacity": short(isRight ? 0.6 * share : min(1, 3 * share.squareRoot()) * 0.85),
        "x": short(x + 1), "y": short(y + 1), "width": short(size.width - 2), "height": short(size.height - 2),
        "data-truth": "\(truth)", "data-answer": "\(answer)", "data-count": "\(count)",
      ], tip: isRight ? "\(labels[truth]): \(count) right" : "\(labels[truth]) taken for \(labels[answer]): \(count)")
    if count > 0 && size.width >= 24 {
      canvas.text(
        "\(count)", x: x + size.width / 2, y: y + size.height / 2 + 4, anchor: .middle,
        style: isRight ? "count strong" : "count")
    }
  }

  private static func share(_ part: Int, _ whole: Int) -> String {
    whole == 0 ? "–" : percent(Double(part) / Double(whole))
  }
}
