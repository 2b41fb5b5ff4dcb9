import RecurrentSupport

/// How the outputs of a batch, `[batch, time, feature]`, become one row for each sequence: that of its last step.
///
/// Steps past a sequence's length are drawn empty; the row comes from the last step before them.
public struct TensorSliceDiagram: Picture {
  /// What the picture shows.
  public let title: String
  private let batch: Int
  private let steps: Int
  private let features: Int
  private let lengths: [Int]?

  private static let mostSequences = 5
  private static let mostSteps = 14
  private static let mostFeatures = 4
  private static let cell = (width: 19.0, height: 11.0)
  private static let gap = 16.0
  private static let namesWidth = 92.0

  /// A diagram of a tensor.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - batch: how many sequences there are; five at most are drawn.
  ///   - steps: how many steps; fourteen at most are drawn.
  ///   - features: how many features a step has; four at most are drawn.
  ///   - lengths: the true length of each sequence; nil if all are full.
  /// - Precondition: sizes are positive; there is one length for each sequence, from 0 to `steps`.
  public init(title: String, batch: Int, steps: Int, features: Int, lengths: [Int]? = nil) {
    require(
      batch > 0 && steps > 0 && features > 0,
      "a tensor has the shape [\(batch), \(steps), \(features)], expected positive sizes")
    require(
      lengths.map { $0.count == batch && $0.allSatisfy((0...steps).contains) } ?? true,
      "lengths is \(lengths ?? []), expected one length from 0 to \(steps) for each of \(batch) sequences")
    (self.title, self.batch, self.steps, self.features, self.lengths) = (title, batch, steps, features, lengths)
  }

  private var drawn: (sequences: Int, steps: Int, features: Int) {
    (min(batch, Self.mostSequences), min(steps, Self.mostSteps), min(features, Self.mostFeatures))
  }

  /// The whole SVG document.
  public var svg: String {
    var canvas = Canvas(
      title: title,
      description:
        "the last step of each sequence of a tensor of \(batch) sequences, \(steps) steps and \(features) features")
    let top = canvas.heading() + 34
    let left = Self.namesWidth
    let sheet = Double(drawn.features) * Self.cell.height
    let distance = max(sheet, 36) + 18
    let rowsLeft = canvas.width - Double(drawn.features) * Self.cell.width
    canvas.text(
      "[\(batch), \(steps), \(features)]", x: left, y: top - 18, style: "strong", room: (canvas.width - left) * 0.55)
    canvas.text(
      "[\(batch), \(features)]", x: canvas.width, y: top - 18, anchor: .end, style: "strong",
      room: (canvas.width - left) * 0.4)
    for sequence in 0..<drawn.sequences {
      draw(sequence, x: left, y: top + Double(sequence) * distance, rowsLeft: rowsLeft, on: &canvas)
    }
    var y = top + Double(drawn.sequences) * distance
    if batch > drawn.sequences {
      canvas.text("⋮", x: left + 6, y: y + 2, style: "strong")
      canvas.text("⋮", x: rowsLeft + 6, y: y + 2, style: "strong")
      y += 22
    }
    canvas.text("\(steps) steps, from left to right", x: left, y: y + 4, style: "soft small", room: canvas.width - left)
    canvas.text(
      "\(features) features, from top to bottom", x: left, y: y + 22, style: "soft small", room: canvas.width - left)
    canvas.height = y + 26
    return canvas.svg
  }

  private func draw(_ sequence: Int, x: Double, y: Double, rowsLeft: Double, on canvas: inout Canvas) {
    let length = lengths?[sequence] ?? steps
    let (sheet, shown) = (Double(drawn.features) * Self.cell.height, shown(length))
    let middle = y + sheet / 2
    canvas.text(
      "sequence \(sequence)", x: 0, y: middle + (lengths == nil ? 4.5 : -3), style: "small", room: x - 4)
    if lengths != nil { canvas.text("length \(length)", x: 0, y: middle + 14, style: "soft small", room: x - 4) }
    canvas.beginGroup(["data-sequence": "\(sequence)", "data-length": "\(length)"])
    for step in 0..<drawn.steps {
      let isLast = step == shown - 1
      for feature in 0..<drawn.features {
        canvas.rectangle(
          x: x + left(of: step) + 1, y: y + Double(feature) * Self.cell.height + 1,
          width: Self.cell.width - 2, height: Self.cell.height - 2,
          style: step >= shown ? "frame" : isLast ? "negative" : "positive",
          opacity: step >= shown ? nil : isLast ? 0.85 : 0.3)
      }
    }
    canvas.endGroup()
    if steps > drawn.steps {
      canvas.text(
        "…", x: x + left(of: drawn.steps - 1) - Self.gap / 2, y: middle + 4, anchor: .middle, style: "soft")
    }
    if shown > 0 {
      // Above the steps that follow, then down to the row.
      let (end, turn) = (x + left(of: shown - 1) + Self.cell.width / 2, rowsLeft - 34)
      canvas.arrow((end, y), (end, y - 8), (turn, y - 8), (turn, middle), (rowsLeft - 4, middle))
    } else {
      canvas.text("no step: zeros", x: rowsLeft - 8, y: y - 4, anchor: .end, style: "soft small")
    }
    for feature in 0..<drawn.features {
      canvas.rectangle(
        x: rowsLeft + Double(feature) * Self.cell.width + 1, y: middle - Self.cell.height / 2 + 1,
        width: Self.cell.width - 2, height: Self.cell.height - 2,
        style: shown > 0 ? "negative" : "frame", opacity: shown > 0 ? 0.85 : nil)
    }
  }

  // The position of a step; the steps that are not drawn lie before the last one.
  private func left(of step: Int) -> Double {
    Double(step) * Self.cell.width + (steps > drawn.steps && step == drawn.steps - 1 ? Self.gap : 0)
  }

  // A length in drawn steps: the last step is drawn last.
  private func shown(_ length: Int) -> Int {
    // In full width, since the product of two large numbers may overflow.
    guard steps > drawn.steps else { return length }
    let product = length.multipliedFullWidth(by: drawn.steps)
    let (quotient, remainder) = steps.dividingFullWidth(product)
    return quotient + (remainder > 0 ? 1 : 0)
  }
}
