import RecurrentCharts
import TestSupport
import Testing

/// Grids of strengths: what is drawn is what is in the data, and that is what was given.
@Suite struct HeatMapTests {
  private let rows: [[Float]] = [[0, 0.5, 0.5, -0.25], [1, 1, -1], [], [0.03, .nan, 1 / 3, -0.4, .infinity]]

  private func heat(_ picture: some Picture, _ name: String? = nil) throws -> MarkupElement {
    try #require(
      try MarkupElement.parse(picture.svg).all(with: "data-values").first {
        name == nil || $0.attributes["data-name"] == name
      })
  }

  private func same(_ a: [[Float]]?, _ b: [[Float]]) -> Bool {
    a.map { $0.map { $0.map(\.bitPattern) } == b.map { $0.map(\.bitPattern) } } ?? false
  }

  @Test func valuesAreGivenBack() throws {
    // The sign of what is no number is not kept, so those are compared apart.
    let numbers: [[Float]] = [Sample.everyFloat.filter { !$0.isNaN }, [], [0.1, 1 / 3]]
    #expect(same(try heat(HeatMap(title: "t", x: "x", y: "y", rows: numbers)).rows("data-values"), numbers))
    let found = try #require(try heat(HeatMap(title: "t", x: "x", y: "y", rows: [[.nan]])).rows("data-values"))
    #expect(found.count == 1 && found[0].count == 1 && found[0][0].isNaN)
    let element = try heat(HeatMap(title: "Gate", x: "x", y: "y", rows: rows))
    #expect(element.attributes["data-rows"] == "4" && element.attributes["data-columns"] == "5")
    #expect(element.attributes["data-name"] == "Gate")
  }

  @Test(
    arguments: [
      (HeatMap.Range.unit, 1), (.signed, 1), (.fitted, 1), (.fittedSigned, 1), (.fittedSigned, 0.01), (.fitted, 250),
    ] as [(HeatMap.Range, Float)])
  func strengthsAreThoseOfTheValues(_ range: HeatMap.Range, _ factor: Float) throws {
    let scaled = rows.map { $0.map { $0 * factor } }
    let element = try heat(HeatMap(title: "t", x: "x", y: "y", rows: scaled, range: range))
    let limit = try #require(element.attributes["data-limit"].flatMap(Float.init))
    #expect(limit == factor)
    // Paint each cell as the paths say.
    var painted = scaled.map { $0.map { _ in 0.0 } }
    for path in element.all(named: "path") {
      let sign = path.attributes["class"] == "negative" ? -1.0 : 1
      let opacity = try #require(path.numbers("fill-opacity")?[0])
      for match in try #require(path.attributes["d"]).matches(of: /M(\d+) (\d+)h(\d+)v1h-(\d+)z/) {
        let (x, y, width) = (try #require(Int(match.1)), try #require(Int(match.2)), try #require(Int(match.3)))
        #expect(match.3 == match.4)
        for column in x..<x + width {
          #expect(painted[y][column] == 0, "painted once")
          painted[y][column] = sign * opacity
        }
      }
    }
    for (row, line) in scaled.enumerated() {
      for (column, value) in line.enumerated() {
        let expected = value.isFinite ? Double(min(max(value / limit, -1), 1)) : 0
        #expect(abs(painted[row][column] - expected) <= 0.5 / 32 + 0.005, "row \(row), column \(column)")
      }
    }
  }

  @Test func theScaleNamesTheLimit() throws {
    func texts(_ range: HeatMap.Range, _ value: Float) throws -> [String] {
      try MarkupElement.parse(HeatMap(title: "t", x: "x", y: "y", rows: [[value]], range: range).svg).visibleTexts
    }
    #expect(try texts(.unit, 0.5).suffix(2) == ["0", "1"])
    #expect(try texts(.signed, 0.5).suffix(2) == ["−1", "1"])
    #expect(try texts(.fitted, 0.5).suffix(2) == ["0", "0.5"])
    #expect(try texts(.fittedSigned, -2.25).suffix(2) == ["−2.25", "2.25"])
    #expect(try texts(.fittedSigned, 1e-6).suffix(2) == ["−10⁻⁶", "10⁻⁶"])
    #expect(try texts(.fittedSigned, 0).suffix(2) == ["−1", "1"], "zeros alone have no limit of their own")
    #expect(try MarkupElement.parse(HeatMap(title: "t", x: "x", y: "y", rows: []).svg).visibleTexts.contains("no data"))
  }

  @Test func rowsHaveTheirLabels() throws {
    let root = try MarkupElement.parse(
      HeatMap(title: "t", x: "step", y: "gate", rows: [[1], [2], [3]], rowLabels: ["input", "forget", "output"]).svg)
    let places = ["input", "forget", "output"].compactMap { label in
      root.all(named: "text").first { $0.text == label }?.numbers("y")?[0]
    }
    #expect(
      places.count == 3 && places == places.sorted() && zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 14 })
  }

  @Test func columnsAreCountedFromZero() throws {
    func numbers(_ columns: Int) throws -> [Int] {
      let map = HeatMap(
        title: "t", x: "step", y: "units", rows: [Array(repeating: 0.1, count: columns)], range: .unit)
      // Without the two of the scale.
      return try MarkupElement.parse(map.svg).visibleTexts.dropLast(2).compactMap { Int($0) }
    }
    #expect(try numbers(1) == [0])
    #expect(try numbers(28) == [0, 5, 10, 15, 20, 25])
    #expect(try numbers(784).prefix(2) == [0, 50])
  }

  @Test func imagesAreInkOnThePage() throws {
    let pixels: [Float] = [0, 0.25, 1, 0.5, 0, 0]
    let grid = ImageGrid(
      title: "t", items: [.init(pixels: pixels, width: 3, caption: "4, read as 9\nprobability 0.9")], columns: 4)
    let element = try heat(grid)
    #expect(same(element.rows("data-values"), [[0, 0.25, 1], [0.5, 0, 0]]))
    #expect(element.attributes["data-name"] == "4, read as 9 probability 0.9")
    #expect(element.all(named: "path").allSatisfy { $0.attributes["class"] == "ink" })
    let root = try MarkupElement.parse(grid.svg)
    #expect(root.visibleTexts == ["t", "4, read as 9", "probability 0.9"])
    #expect(try MarkupElement.parse(ImageGrid(title: "t", items: []).svg).visibleTexts == ["t", "none"])
  }

  @Test func imagesStandInRows() throws {
    let items = (0..<7).map { ImageGrid.Item(pixels: [1], width: 1, caption: "\($0)") }
    let root = try MarkupElement.parse(ImageGrid(title: "t", items: items, columns: 3).svg)
    let frames = root.all(named: "rect").filter { $0.attributes["class"] == "frame" }
    let (x, y) = (frames.compactMap { $0.numbers("x")?[0] }, frames.compactMap { $0.numbers("y")?[0] })
    #expect(Set(x).count == 3 && Set(y).count == 3 && x[0] == x[3] && x[3] == x[6] && y[0] == y[2] && y[2] < y[3])
  }
}
