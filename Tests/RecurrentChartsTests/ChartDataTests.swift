import RecurrentCharts
import TestSupport
import Testing

@Suite struct ConfusionMatrixChartTests {
  private static let counts = [[90, 0, 10], [1, 45, 4], [0, 0, 0]]
  private let chart = ConfusionMatrixChart(title: "Digits", labels: ["a", "b", "c"], counts: counts)

  @Test func countsAreGivenBack() throws {
    let root = try MarkupElement.parse(chart.svg)
    let matrix = try #require(root.all(with: "data-counts").first)
    #expect(matrix.rows("data-counts") == Self.counts.map { $0.map(Float.init) })
    #expect(matrix.attributes["data-labels"] == "a;b;c")
    var found = Self.counts.map { $0.map { _ in 0 } }
    for cell in root.all(with: "data-count") {
      let place = ["data-truth", "data-prediction", "data-count"].compactMap { cell.attributes[$0].flatMap { Int($0) } }
      found[place[0]][place[1]] = place[2]
      #expect(cell.attributes["class"] == (place[0] == place[1] ? "positive" : "negative"))
    }
    #expect(found == Self.counts)
  }

  @Test func recallPrecisionAndCountsStandBesideTheCells() throws {
    let texts = try MarkupElement.parse(chart.svg).visibleTexts
    for text in ["90", "10", "1", "45", "4"] { #expect(texts.contains(text), "\(text)") }
    // 90 of 100, 45 of 50, none of none; 90 of 91, 45 of 45, none of 14.
    #expect(texts.filter { $0.contains(".") || $0 == "–" }.sorted() == ["0.0", "100.0", "90.0", "90.0", "98.9", "–"])
    let tips = try MarkupElement.parse(chart.svg).all(named: "title").map(\.text)
    #expect(tips.contains("a taken for c: 10") && tips.contains("b: 45 correct"))
  }

  @Test func cellsStandInOrderAndStrengthsDoToo() throws {
    let root = try MarkupElement.parse(chart.svg)
    func cell(_ truth: Int, _ prediction: Int) throws -> MarkupElement {
      try #require(
        root.all(with: "data-count").first {
          $0.attributes["data-truth"] == "\(truth)" && $0.attributes["data-prediction"] == "\(prediction)"
        })
    }
    #expect(try #require(try cell(0, 0).numbers("x"))[0] < #require(try cell(0, 2).numbers("x"))[0])
    #expect(try cell(0, 0).numbers("y") == cell(0, 2).numbers("y"))
    #expect(try #require(try cell(0, 0).numbers("y"))[0] < #require(try cell(1, 1).numbers("y"))[0])
    let (rare, common) = (try cell(1, 0).numbers("fill-opacity"), try cell(0, 2).numbers("fill-opacity"))
    #expect(try #require(rare)[0] > 0.05 && #require(rare)[0] < #require(common)[0], "what is rare is seen, too")
  }

  @Test("the picture says what is counted: not all sequences are images", arguments: ["images", "series", nil])
  func counted(_ name: String?) throws {
    let (labels, counts) = (["a", "b", "c"], Self.counts)
    let chart =
      name.map { ConfusionMatrixChart(title: "t", labels: labels, counts: counts, counted: $0) }
      ?? ConfusionMatrixChart(title: "t", labels: labels, counts: counts)
    let description = try MarkupElement.parse(chart.svg).all(named: "desc").first?.text
    #expect(description?.contains("number of \(name ?? "sequences") of each true class") == true)
  }

  @Test func hundredsOfClassesRemainASmallFile() {
    let counts = (0..<250).map { truth in (0..<250).map { $0 == truth ? 100 : 0 } }
    let size = ConfusionMatrixChart(title: "Many", labels: counts.indices.map { "\($0)" }, counts: counts).svg.utf8
      .count
    #expect(size < 250_000, "\(size)")
  }
}

@Suite struct BarChartTests {
  @Test func valuesAreGivenBackAndLengthsAreInProportion() throws {
    let values = [0.5, 2, 0, -1, .nan, .infinity, 2 / 3]
    let labels = values.indices.map { "bar \($0)" }
    let root = try MarkupElement.parse(BarChart(title: "t", y: "y", labels: labels, values: values, marked: 1).svg)
    let bars = root.all(with: "data-value")
    #expect(bars.map { $0.attributes["data-label"] } == labels)
    for (bar, value) in zip(bars, values) {
      let found = try #require(bar.numbers("data-value")?[0])
      #expect(found == value || found.isNaN && value.isNaN)
    }
    let lengths = bars.compactMap { $0.numbers("width")?[0] }
    #expect(lengths[1] > 300)
    let parts: [Double] = [0.25, 1, 0, 0, 0, 0, 1 / 3]
    for (length, part) in zip(lengths, parts) { #expect(abs(length - part * lengths[1]) < 0.02) }
    #expect(
      root.visibleTexts.suffix(14).enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
        == ["0.5", "2", "0", "−1", "–", "∞", "0.667"])
    let outline = root.all(named: "rect").filter { $0.attributes["class"] == "outline" }
    #expect(outline.count == 1 && outline[0].numbers("y") == bars[1].numbers("y"))
  }
}

@Suite struct SpreadChartTests {
  @Test func valuesAreGivenBackAndSummedUp() throws {
    let groups = [
      SpreadChart.Group("lstm", [98.1, 97.5, 98.4]), .init("gru", [99.25]), .init("elman", [.nan, 90, .infinity, 91]),
      .init("none", []),
    ]
    let root = try MarkupElement.parse(SpreadChart(title: "t", x: "%", groups: groups).svg)
    for group in groups {
      let found = root.all(with: "data-value").filter { $0.attributes["data-group"] == group.name }
      let values = found.compactMap { $0.numbers("data-value")?[0] }
      #expect(values.count == group.values.count)
      for (a, b) in zip(values, group.values) { #expect(a == b || a.isNaN && b.isNaN) }
    }
    // The deviation of a sample: √(((0.1)² + (0.5)² + (0.4)²) / 2), and √0.5.
    for text in ["98.00 ± 0.46", "99.25", "90.50 ± 0.71", "–"] { #expect(root.visibleTexts.contains(text), "\(text)") }
    #expect(root.all(named: "circle").count == 6, "what has no place has no dot")
    let fractions = SpreadChart(title: "t", x: "x", groups: [.init("a", [0.981, 0.975])])
    #expect(try MarkupElement.parse(fractions.svg).visibleTexts.contains("0.9780 ± 0.0042"))
  }

  @Test func dotsLieAsTheirValuesDo() throws {
    let root = try MarkupElement.parse(
      SpreadChart(title: "t", x: "x", groups: [.init("a", [0, 10]), .init("b", [5])]).svg)
    let places = root.all(named: "circle").compactMap { $0.numbers("cx")?[0] }
    #expect(places.count == 3 && abs(places[2] - (places[0] + places[1]) / 2) < 0.02 && places[0] < places[1])
    let heights = root.all(named: "circle").compactMap { $0.numbers("cy")?[0] }
    #expect(heights[0] == heights[1] && heights[1] < heights[2])
  }
}

@Suite struct DigitReadingPictureTests {
  private let pixels = (0..<784).map { Float($0 % 5) / 4 }
  private let probabilities: [[Float]] = (0..<28).map { row in (0..<10).map { $0 == row % 10 ? 0.55 : 0.05 } }

  private func picture(asRead: [Float]? = nil, truth: Int? = 7, step: String = "row") -> DigitReadingPicture {
    let panels = ["layer 1: forget gate", "layer 1: cell state"].enumerated().map { index, name in
      DigitReadingPicture.Panel(
        name, rows: (0..<28).map { row in (0..<20).map { Float(row * $0 + index) / 600 - 0.3 } },
        range: index == 0 ? .unit : .fittedSigned)
    }
    return DigitReadingPicture(
      title: "t", pixels: pixels, width: 28, panels: panels, probabilities: probabilities, truth: truth,
      pixelsAsRead: asRead,
      step: step)
  }

  @Test func imageBeliefsAndPanelsAreGivenBack() throws {
    let root = try MarkupElement.parse(picture().svg)
    let grids = root.all(with: "data-values")
    #expect(
      grids.map { $0.attributes["data-name"] } == [
        "image", "probability", "layer 1: forget gate", "layer 1: cell state",
      ])
    #expect(grids[0].rows("data-values")?.flatMap(\.self) == pixels && grids[1].rows("data-values") == probabilities)
    #expect(grids[2].rows("data-values")?[27][19] == Float(27 * 19) / 600 - 0.3)
    // The last probability is in 7, which is true: rows end on it.
    let texts = root.visibleTexts
    #expect(texts.filter { $0.hasSuffix("  0.55") }.last == "7  0.55")
    #expect(texts.contains("probability after each row") && texts.contains("20 units, 0 … 1"))
    let outline = root.all(named: "rect").filter { $0.attributes["class"] == "outline" }
    #expect(outline.count == 1)
    #expect(try MarkupElement.parse(picture(truth: nil).svg).all.allSatisfy { $0.attributes["class"] != "outline" })
  }

  @Test func imageAndBeliefsHaveRowsOfOneHeight() throws {
    let root = try MarkupElement.parse(picture().svg)
    let places = root.all(named: "g").compactMap { $0.attributes["transform"].flatMap(Placement.init) }
    #expect(places.count == 5, "the image is repeated beside the panels")
    for group in [places[0...1], places[2...4]] {
      #expect(Set(group.map(\.offset.y)).count == 1 && Set(group.map(\.scale.y)).count == 1)
    }
  }

  @Test func anotherOrderIsShownBesideThePanels() throws {
    let root = try MarkupElement.parse(picture(asRead: Array(pixels.reversed()), step: "28 pixels").svg)
    #expect(
      root.visibleTexts.contains("as it is read") && root.visibleTexts.contains("probability after each 28 pixels"))
    let grids = root.all(named: "g").filter { $0.attributes["class"] == "heat" }
    #expect(grids[0].attributes["data-name"] == "image" && grids[2].attributes["data-name"] == nil)
    func paths(_ element: MarkupElement) -> [String] { element.all(named: "path").compactMap { $0.attributes["d"] } }
    #expect(paths(grids[0]) != paths(grids[2]))
    let plain = try MarkupElement.parse(picture().svg).all(named: "g").filter { $0.attributes["class"] == "heat" }
    #expect(paths(plain[0]) == paths(plain[2]))
  }
}

@Suite struct DiagramTests {
  @Test(arguments: [(2, 1), (4, 3), (6, 2)])
  func everyStepHasEveryLayer(_ steps: Int, _ layers: Int) throws {
    let root = try MarkupElement.parse(UnrolledNetworkDiagram(title: "t", steps: steps, layers: layers).svg)
    let boxes = root.all(with: "data-step")
    #expect(boxes.count == steps * layers && root.all(with: "data-layer").count == (steps + 1) * layers)
    let names = (1..<steps).map { "\($0)" } + ["T"]
    for layer in 1...layers {
      let row = boxes.filter { $0.attributes["data-layer"] == "\(layer)" }
      #expect(row.compactMap { $0.attributes["data-step"] } == names)
      let heights = Set(row.flatMap { $0.all(named: "rect") }.compactMap { $0.numbers("y")?[0] })
      #expect(heights.count == 1)
    }
  }

  @Test func outputsAreThoseThatAreAskedFor() throws {
    func outputs(_ hasLastOutput: Bool) throws -> Int {
      let diagram = UnrolledNetworkDiagram(title: "t", steps: 4, hasLastOutput: hasLastOutput)
      return try MarkupElement.parse(diagram.svg).visibleTexts.count { $0 == "o" }
    }
    // One of them belongs to the folded network.
    #expect(try outputs(true) == 2 && outputs(false) == 5)
  }

  @Test func slicesTakeTheLastStepOfEachSequence() throws {
    let diagram = TensorSliceDiagram(title: "t", batch: 4, steps: 6, features: 3, lengths: [6, 2, 0, 4])
    let root = try MarkupElement.parse(diagram.svg)
    let sequences = root.all(with: "data-sequence")
    #expect(sequences.map { $0.attributes["data-length"] } == ["6", "2", "0", "4"])
    for (sequence, length) in zip(sequences, [6, 2, 0, 4]) {
      let cells = sequence.all(named: "rect")
      let columns = Set(cells.compactMap { $0.numbers("x")?[0] }).sorted()
      #expect(cells.count == 18 && columns.count == 6)
      for (step, x) in columns.enumerated() {
        let styles = Set(cells.filter { $0.numbers("x")?[0] == x }.compactMap { $0.attributes["class"] })
        #expect(styles == [step >= length ? "frame" : step == length - 1 ? "negative" : "positive"])
      }
    }
    #expect(root.visibleTexts.contains("[4, 6, 3]") && root.visibleTexts.contains("[4, 3]"))
    #expect(root.visibleTexts.contains("no step: zeros"))
    let large = try MarkupElement.parse(TensorSliceDiagram(title: "t", batch: 100, steps: 28, features: 20).svg)
    #expect(large.all(with: "data-sequence").count == 5 && large.all(with: "data-sequence")[0].children.count == 14 * 4)
    #expect(large.visibleTexts.contains("[100, 28, 20]") && large.visibleTexts.contains("⋮"))
  }
}
