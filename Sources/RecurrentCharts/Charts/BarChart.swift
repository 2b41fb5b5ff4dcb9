import RecurrentSupport

/// One bar for each label: what a network believes, or how classes differ.
///
/// A bar's tooltip has its value, and so has its attribute `data-value`; values that are negative or no numbers have no
/// bar.
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
  ///   - labels: what stands before each bar.
  ///   - values: their lengths.
  ///   - marked: the bar that is outlined, such as the true class; nil for none.
  ///   - remark: what else the reader should know; nil for nothing.
  /// - Precondition: there are as many labels as values, and a marked bar is one of them.
  public init(
    title: String, y: String, labels: [String], values: [Double], marked: Int? = nil, remark: String? = nil
  ) {
    require(labels.count == values.count, "one label for each of \(values.count) bars; found \(labels.count)")
    require(marked.map(values.indices.contains) ?? true, "a marked bar is one of the bars")
    (self.title, self.y, self.labels, self.values) = (title, y, labels, values)
    (self.marked, self.remark) = (marked, remark)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: "\(y) of \(labels.joined(separator: ", "))")
    let top = canvas.heading(remark: remark) + 12
    canvas.text(y, x: 0, y: top - 4, style: "soft", room: canvas.width)
    // As if all were strong, as that of a marked bar is.
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
