import RecurrentCharts
import Testing

/// A picture, and why it is looked at.
struct Sample: Sendable, CustomTestStringConvertible {
  let reason: String
  let picture: any Picture
  var testDescription: String { reason }

  init(_ reason: String, _ picture: any Picture) { (self.reason, self.picture) = (reason, picture) }
}

extension Sample {
  static let all = curves + bars + maps + matrices + images + readings + spreads + diagrams

  /// What XML has a meaning for, and what it cannot say.
  static let awkward = "a<b> & \"c\" 'd' ]]> \u{1}\u{B}\t\nß 数字 e\u{301} 🙂"
  static let long = String(repeating: "a word and another ", count: 40)
  static let unbroken = String(repeating: "W", count: 300)
  static let everyFloat: [Float] = [
    0, -0.0, 0.1, -1.5, .pi, .leastNormalMagnitude, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.infinity,
    .infinity, .nan,
  ]
  static let everyDouble: [Double] = [
    0, -0.0, 0.1, -1.5, .pi, .leastNormalMagnitude, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude,
    -.infinity, .infinity, .nan, 1e199, 1e-199,
  ]

  private static func line(_ name: String, _ values: [Double]) -> LineChart.Line {
    LineChart.Line(name, values.enumerated().map { (Double($0), $1) })
  }

  static let curves: [Sample] = [Scale.linear, .logarithmic].flatMap { scale -> [Sample] in
    func chart(
      _ lines: [LineChart.Line], title: String = "Loss", remark: String? = nil
    ) -> LineChart {
      LineChart(title: title, x: "step", y: "nats", lines: lines, xScale: scale, yScale: scale, remark: remark)
    }
    let many = (0..<200).map { index in line("line \(index)", [1, 2 + Double(index)]) }
    let band = LineChart.Line("band", [(1, 2), (2, 3), (.nan, 1), (4, 5)], spread: [1...3, 2...4, 0...1, -1...6])
    return [
      Sample("curves, \(scale)", chart([line("training", [3, 1, 0.4, 0.1]), line("validation", [2, 0.5])])),
      Sample("no lines, \(scale)", chart([])),
      Sample("a line without points, \(scale)", chart([line("none", [])])),
      Sample("one point, \(scale)", chart([LineChart.Line("one", [(3, 4)])])),
      Sample("a constant, \(scale)", chart([line("constant", [5, 5, 5])])),
      Sample("zeros, \(scale)", chart([line("zeros", [0, 0, 0])])),
      Sample("nothing that has a place, \(scale)", chart([line("nothing", [.nan, .infinity, -.infinity])])),
      Sample("every kind of number, \(scale)", chart([line("numbers", everyDouble)])),
      Sample("negative values, \(scale)", chart([line("below", [-3, -2, 5])])),
      Sample("nearly equal values, \(scale)", chart([line("equal", [1e15, 1e15 + 0.25, 1e15 + 2])])),
      Sample("hundreds of lines, \(scale)", chart(many)),
      Sample("a band, \(scale)", chart([band])),
      Sample("awkward texts, \(scale)", chart([line(awkward, [1, 2])], title: awkward, remark: awkward)),
      Sample("long texts, \(scale)", chart([line(long, [1, 2])], title: long, remark: long)),
      Sample("a word without an end, \(scale)", chart([line(unbroken, [1])], title: unbroken, remark: unbroken)),
    ]
  }

  static let bars = [
    Sample(
      "bars", BarChart(title: "Belief", y: "probability", labels: ["0", "1", "2"], values: [0.1, 0.7, 0.2], marked: 1)),
    Sample("no bars", BarChart(title: "Belief", y: "probability", labels: [], values: [])),
    Sample(
      "every kind of number",
      BarChart(
        title: "Numbers", y: "value", labels: everyDouble.map { "\($0)" }, values: everyDouble, marked: 11,
        remark: "some have no bar")),
    Sample("zeros alone", BarChart(title: "Zeros", y: "value", labels: ["a", "b"], values: [0, 0])),
    Sample(
      "hundreds of bars",
      BarChart(
        title: "Many", y: "value", labels: (0..<300).map { "bar \($0)" }, values: (0..<300).map { Double($0) })),
    Sample(
      "awkward texts",
      BarChart(title: awkward, y: awkward, labels: [awkward, long, unbroken], values: [1, 2, 3], remark: awkward)),
  ]

  private static func wave(_ rows: Int, _ columns: Int) -> [[Float]] {
    (0..<rows).map { row in (0..<columns).map { column in Float((row * 7 + column * 3) % 21 - 10) / 10 } }
  }

  static let maps: [Sample] = [HeatMap.Range.unit, .signed, .fitted, .fittedSigned].flatMap { range -> [Sample] in
    func map(_ rows: [[Float]], labels: [String]? = nil, text: String = "Gate") -> HeatMap {
      HeatMap(title: text, x: text, y: text, rows: rows, rowLabels: labels, range: range, remark: text)
    }
    return [
      Sample("a map, \(range)", map(wave(5, 7))),
      Sample("no rows, \(range)", map([])),
      Sample("empty rows, \(range)", map([[], []])),
      Sample("one value, \(range)", map([[0.25]])),
      Sample("rows of different lengths, \(range)", map([[1, -1], [], [0.5, 0.5, 0.5, 0.5]])),
      Sample("every kind of number, \(range)", map([everyFloat, everyFloat.reversed()])),
      Sample("hundreds of labels, \(range)", map(wave(300, 3), labels: (0..<300).map { "unit \($0)" })),
      Sample("thousands of columns, \(range)", map(wave(3, 3000), labels: ["a", "b", "c"])),
      Sample("thousands of rows, \(range)", map(wave(3000, 2))),
      Sample("awkward texts, \(range)", map(wave(3, 4), labels: [awkward, long, unbroken], text: awkward)),
    ]
  }

  private static func matrix(_ classes: Int) -> [[Int]] {
    (0..<classes).map { truth in (0..<classes).map { $0 == truth ? 90 + truth : (truth * $0) % 11 == 3 ? 2 : 0 } }
  }

  static let matrices = [
    Sample("ten classes", ConfusionMatrixChart(title: "Digits", labels: digits(10), counts: matrix(10), remark: "r")),
    Sample("no classes", ConfusionMatrixChart(title: "None", labels: [], counts: [])),
    Sample("one class", ConfusionMatrixChart(title: "One", labels: ["a"], counts: [[3]])),
    Sample("nothing counted", ConfusionMatrixChart(title: "Zeros", labels: ["a", "b"], counts: [[0, 0], [0, 0]])),
    Sample("30 classes", ConfusionMatrixChart(title: "Thirty", labels: digits(30), counts: matrix(30))),
    Sample("hundreds of classes", ConfusionMatrixChart(title: "Many", labels: digits(250), counts: matrix(250))),
    Sample(
      "counts beyond any sum",
      ConfusionMatrixChart(title: "Huge", labels: ["a", "b"], counts: [[.max, .max], [.max, 1]])),
    Sample(
      "awkward texts",
      ConfusionMatrixChart(title: awkward, labels: [awkward, long, unbroken], counts: matrix(3), remark: long)),
  ]

  private static func digits(_ count: Int) -> [String] { (0..<count).map { "\($0)" } }

  private static func image(_ caption: String, _ pixels: [Float] = wave(4, 3).flatMap(\.self)) -> ImageGrid.Item {
    ImageGrid.Item(pixels: pixels, width: 3, caption: caption)
  }

  static let images = [
    Sample(
      "images", ImageGrid(title: "Mistakes", items: (0..<8).map { image("4, read as 9\nimage \($0)") }, remark: "r")),
    Sample("no images", ImageGrid(title: "None", items: [])),
    Sample("no caption", ImageGrid(title: "One", items: [image("")], columns: 1)),
    Sample("no pixels", ImageGrid(title: "Empty", items: [image("empty", [])])),
    Sample("every kind of number", ImageGrid(title: "Numbers", items: [image("numbers", everyFloat + [1])])),
    Sample(
      "hundreds of columns", ImageGrid(title: "Wide", items: (0..<300).map { image("\($0)") }, columns: 300)),
    Sample("awkward texts", ImageGrid(title: awkward, items: [image(awkward), image(long), image(unbroken)])),
  ]

  private static func reading(
    title: String = "Image 3", pixels: [Float] = wave(28, 28).flatMap(\.self),
    panels: [DigitReadingPicture.Panel] = [], probabilities: [[Float]] = [], truth: Int? = nil, remark: String? = nil,
    asRead: [Float]? = nil, columns: Int = 4
  ) -> DigitReadingPicture {
    DigitReadingPicture(
      title: title, pixels: pixels, width: 28, panels: panels, probabilities: probabilities, truth: truth,
      remark: remark,
      pixelsAsRead: asRead, panelsPerRow: columns)
  }

  private static func panel(_ name: String, _ rows: [[Float]]) -> DigitReadingPicture.Panel {
    DigitReadingPicture.Panel(name, rows: rows, range: .fittedSigned)
  }

  private static let probabilities = wave(28, 10).map { $0.map { ($0 + 1) / 2 } }

  static let readings = [
    Sample(
      "a reading",
      reading(
        panels: (1...7).map { panel("layer \($0): forget gate", wave(28, 20)) }, probabilities: probabilities, truth: 4,
        remark: "read row by row")),
    Sample("an image alone", reading()),
    Sample("no image", reading(pixels: [], panels: [panel("p", [])], probabilities: [[]], truth: 0)),
    Sample("a truth that is no class", reading(probabilities: probabilities, truth: 10)),
    Sample("a truth below all classes", reading(probabilities: probabilities, truth: -1)),
    Sample("probabilities that are no numbers", reading(probabilities: [[.nan, .nan], [0.5, .infinity]], truth: 1)),
    Sample("hundreds of classes and steps", reading(probabilities: wave(784, 300), truth: 299)),
    Sample(
      "another order, one panel a row",
      reading(
        panels: [panel("states", wave(28, 3)), panel("numbers", [everyFloat])], probabilities: probabilities,
        asRead: wave(28, 28).flatMap(\.self).reversed(), columns: 1)),
    Sample(
      "hundreds of panels in a row",
      reading(panels: (0..<300).map { panel("panel \($0)", wave(2, 2)) }, columns: 300)),
    Sample(
      "awkward texts",
      reading(
        title: awkward, panels: [panel(awkward, wave(2, 2)), panel(long, wave(2, 2)), panel(unbroken, wave(2, 2))],
        remark: long)),
  ]

  static let spreads = [
    Sample(
      "seeds",
      SpreadChart(
        title: "Accuracy", x: "%",
        groups: [.init("elman", [93, 94.5, 92]), .init("lstm", [98.1, 97.5]), .init("gru", [99])], remark: "r")),
    Sample("no groups", SpreadChart(title: "None", x: "%", groups: [])),
    Sample("a group without runs", SpreadChart(title: "None", x: "%", groups: [.init("none", [])])),
    Sample("equal values", SpreadChart(title: "Equal", x: "%", groups: [.init("equal", [5, 5, 5])])),
    Sample("every kind of number", SpreadChart(title: "Numbers", x: "value", groups: [.init("all", everyDouble)])),
    Sample(
      "hundreds of groups",
      SpreadChart(
        title: "Many", x: "value", groups: (0..<300).map { .init("group \($0)", [Double($0), Double($0) + 2]) })),
    Sample(
      "awkward texts",
      SpreadChart(
        title: awkward, x: long, groups: [.init(awkward, [1]), .init(long, [2]), .init(unbroken, [3, 4])],
        remark: awkward)),
  ]

  static let diagrams =
    (2...6).flatMap { steps in
      [1, 3, 12].map {
        Sample(
          "\(steps) steps, \($0) layers",
          UnrolledNetworkDiagram(title: "Unrolled", steps: steps, layers: $0, hasLastOutput: steps.isMultiple(of: 2)))
      }
    } + [
      Sample("awkward texts", UnrolledNetworkDiagram(title: awkward + long)),
      Sample("an LSTM cell", CellDiagram(title: "LSTM", cell: .lstm)),
      Sample("a GRU cell, reset after", CellDiagram(title: "GRU", cell: .gru(resetAfter: true))),
      Sample("a GRU cell, reset before", CellDiagram(title: awkward + long, cell: .gru(resetAfter: false))),
      Sample("one of each", TensorSliceDiagram(title: "Slice", batch: 1, steps: 1, features: 1)),
      Sample("more than can be drawn", TensorSliceDiagram(title: "Slice", batch: 100, steps: 28, features: 20)),
      Sample("sizes beyond any product", TensorSliceDiagram(title: awkward, batch: .max, steps: .max, features: .max)),
      Sample(
        "lengths", TensorSliceDiagram(title: "Slice", batch: 4, steps: 6, features: 3, lengths: [6, 2, 0, 4])),
      Sample(
        "lengths of long sequences",
        TensorSliceDiagram(
          title: "Slice", batch: 4, steps: .max, features: 2, lengths: [.max, 1, 0, .max / 2])),
    ]
}
