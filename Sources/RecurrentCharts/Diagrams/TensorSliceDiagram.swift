/// How the outputs of a batch, `[batch, time, feature]`, become one row for each sequence: that of its last step.
///
/// Steps past a sequence's length are empty; the last step before them is the one that counts.
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
  private static let cell = (width: 24.0, height: 11.0)

  /// A diagram of a tensor.
  ///
  /// - Parameters:
  ///   - title: what the picture shows.
  ///   - batch: how many sequences there are; five at most are drawn.
  ///   - steps: how many steps; fourteen at most are drawn.
  ///   - features: how many features a step has; four at most are drawn.
  ///   - lengths: the true length of each sequence; nil where all are full.
  /// - Precondition: sizes are positive; there is one length for each sequence, from 0 to `steps`.
  public init(title: String, batch: Int, steps: Int, features: Int, lengths: [Int]? = nil) {
    precondition(batch > 0 && steps > 0 && features > 0, "sizes are positive")
    precondition(
      lengths.map { $0.count == batch && $0.allSatisfy((0...steps).contains) } ?? true,
      "one length from 0 to \(steps) for each of \(batch) sequences")
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
        "of a tensor of \(batch) sequences, \(steps) steps and \(features) features the last step of each is taken")
    let top = canvas.heading() + 30
    let left = 96.0
    let sheet = Double(drawn.features) * Self.cell.height
    let distance = sheet + 20
    let rowsLeft = canvas.width - 110
    canvas.text("[\(batch), \(steps), \(features)]", x: left, y: top - 12, style: "strong")
    canvas.text("[\(batch), \(features)]", x: rowsLeft, y: top - 12, style: "strong")
    for sequence in 0..<drawn.sequences {
      draw(sequence, x: left, y: top + Double(sequence) * distance, rowsLeft: rowsLeft, on: &canvas)
    }
    let bottom = top + Double(drawn.sequences) * distance
    if batch > drawn.sequences { canvas.text("⋮", x: 40, y: bottom + 6, style: "strong") }
    canvas.text("time, \(steps) steps", x: left, y: bottom + 12, style: "soft")
    canvas.text("\(features) features, from top to bottom", x: left, y: bottom + 30, style: "soft")
    canvas.height = bottom + 40
    return canvas.svg
  }

  private func draw(_ sequence: Int, x: Double, y: Double, rowsLeft: Double, on canvas: inout Canvas) {
    let length = lengths?[sequence] ?? steps
    let sheet = Double(drawn.features) * Self.cell.height
    canvas.text("sequence \(sequence)", x: 0, y: y + sheet / 2 - 2, style: "")
    if lengths != nil { canvas.text("length \(length)", x: 0, y: y + sheet / 2 + 14, style: "soft small") }
    canvas.beginGroup(["data-sequence": "\(sequence)", "data-length": "\(length)"])
    for step in 0..<drawn.steps {
      for feature in 0..<drawn.features {
        canvas.rectangle(
          x: x + Double(step) * Self.cell.width + 1, y: y + Double(feature) * Self.cell.height + 1,
          width: Self.cell.width - 2, height: Self.cell.height - 2,
          style: step >= shown(length) ? "frame" : step == shown(length) - 1 ? "negative" : "positive",
          opacity: step >= shown(length) ? nil : step == shown(length) - 1 ? 0.85 : 0.3)
      }
    }
    canvas.endGroup()
    if steps > drawn.steps {
      canvas.text("…", x: x + Double(drawn.steps) * Self.cell.width + 4, y: y + sheet / 2 + 4, style: "soft")
    }
    let (row, middle) = (Double(drawn.features) * Self.cell.width * 0.9, y + sheet / 2)
    if shown(length) > 0 {
      // Over the steps that follow, then down to the row.
      let end = x + (Double(shown(length)) - 0.5) * Self.cell.width
      canvas.arrow((end, y), (end, y - 7), (rowsLeft - 30, y - 7), (rowsLeft - 30, middle), (rowsLeft - 6, middle))
    } else {
      canvas.text("no step: zeros", x: rowsLeft - 12, y: middle + 4, anchor: .end, style: "soft small")
    }
    for feature in 0..<drawn.features {
      canvas.rectangle(
        x: rowsLeft + Double(feature) * row / Double(drawn.features) + 1, y: middle - Self.cell.height / 2,
        width: row / Double(drawn.features) - 2, height: Self.cell.height,
        style: shown(length) > 0 ? "negative" : "frame", opacity: shown(length) > 0 ? 0.85 : nil)
    }
  }

  // Where a length lies among the steps that are drawn: the end at the end.
  private func shown(_ length: Int) -> Int {
    steps <= drawn.steps ? length : (length * drawn.steps + steps - 1) / steps
  }
}
