import RecurrentSupport

/// One bar for each label, such as the probability of each class.
///
/// A bar's value is in its tooltip and in its attribute `data-value`; negative and non-finite values have no bar.
public struct BarChart: Picture {
  /// What the picture shows.
  public let title: String
  private let y: String
  private let labels: [String]
  private let values: [Double]
  private let marked: Int?
  private let remark: String?

  private static let rowHeight = 26.0

  /// A chart of bars.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - y: what the bars measure, with its unit.
  ///   - labels: the label of each bar.
  ///   - values: their lengths.
  ///   - marked: the bar that is outlined, such as the true class; nil for none.
  ///   - remark: what else the reader should know; nil for nothing.
  /// - Precondition: there are as many labels as values, and `marked` is nil or one of their indices.
  public init(
    title: String, y: String, labels: [String], values: [Double], marked: Int? = nil, remark: String? = nil
  ) {
    require(labels.count == values.count, "\(labels.count) labels, expected \(values.count), one for each bar")
    require(
      marked.map(values.indices.contains) ?? true,
      "marked is \(marked ?? 0), expected the index of one of \(values.count) bars")
    (self.title, self.y, self.labels, self.values) = (title, y, labels, values)
    (self.marked, self.remark) = (marked, remark)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: "\(y) of \(labels.joined(separator: ", "))")
    let top = canvas.heading(remark: remark) + 12
    canvas.text(y, x: 0, y: top - 4, style: "soft", room: canvas.width)
    // Measured as strong text, which is wider, since that of a marked bar is.
    let size = Theme.textSize(ofStyle: "strong")
    let left = min(canvas.width * 0.4, (labels.map { textWidth(of: $0, size: size) }.max() ?? 0) + 12)
    let figures = values.map { label($0, decimals: 3) }
    let full = canvas.width - left - (figures.map { textWidth(of: $0, size: size) }.max() ?? 0) - 10
    let largest = values.filter(\.isFinite).max() ?? 0
    for (index, value) in values.enumerated() {
      let y = top + Double(index) * Self.rowHeight + 4
      let (length, height) = (value.isFinite && value > 0 ? value / largest * full : 0, Self.rowHeight - 8)
      canvas.text(
        labels[index], x: left - 10, y: y + 14, anchor: .end, style: index == marked ? "strong" : "", room: left - 10)
      canvas.add(
        "rect",
        [
          "class": "positive", "fill-opacity": "0.75", "x": short(left), "y": short(y), "width": short(length),
          "height": short(height), "data-label": labels[index], "data-value": "\(value)",
        ], tip: "\(labels[index]): \(value)")
      if index == marked {
        canvas.rectangle(x: left, y: y, width: max(length, 2), height: height, style: "outline")
      }
      canvas.text(figures[index], x: left + length + 8, y: y + 14, style: index == marked ? "count strong" : "count")
    }
    if values.isEmpty { canvas.text("no data", x: left, y: top + 18, style: "soft") }
    canvas.height = top + Double(max(values.count, 1)) * Self.rowHeight + 4
    return canvas.svg
  }
}
