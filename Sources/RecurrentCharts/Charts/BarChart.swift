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

  private static let rowHeight = 22.0

  /// A chart of bars.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - y: what the bars measure, with its unit.
  ///   - labels: what stands before each bar.
  ///   - values: their lengths.
  ///   - marked: the bar that is outlined, such as the true class; nil for none.
  /// - Precondition: there are as many labels as values, and a marked bar is one of them.
  public init(title: String, y: String, labels: [String], values: [Double], marked: Int? = nil) {
    precondition(labels.count == values.count, "one label for each of \(values.count) bars; found \(labels.count)")
    precondition(marked.map(values.indices.contains) ?? true, "a marked bar is one of the bars")
    (self.title, self.y, self.labels, self.values, self.marked) = (title, y, labels, values, marked)
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(title: title, description: "\(y) of \(labels.joined(separator: ", "))")
    let top = canvas.heading() + 14
    canvas.text(y, x: 0, y: top - 10, style: "soft")
    let left = (labels.map { width(of: $0) }.max() ?? 0) + 10
    let full = canvas.width - left - 64
    let largest = values.filter(\.isFinite).max() ?? 0
    for (index, value) in values.enumerated() {
      let y = top + Double(index) * Self.rowHeight
      let length = value.isFinite && value > 0 ? value / largest * full : 0
      canvas.text(labels[index], x: left - 8, y: y + 15, anchor: .end, style: index == marked ? "strong" : "")
      canvas.add(
        "rect",
        [
          "class": "positive", "fill-opacity": "0.75", "x": short(left), "y": short(y + 3), "width": short(length),
          "height": short(Self.rowHeight - 6), "data-value": "\(value)",
        ], tip: "\(labels[index]): \(value)")
      if index == marked {
        canvas.rectangle(x: left, y: y + 3, width: max(length, 2), height: Self.rowHeight - 6, style: "outline")
      }
      canvas.text(short(value, decimals: 3), x: left + length + 6, y: y + 15, style: "count")
    }
    if values.isEmpty { canvas.text("no data", x: left, y: top + 15, style: "soft") }
    canvas.height = top + Double(max(values.count, 1)) * Self.rowHeight + 8
    return canvas.svg
  }
}
