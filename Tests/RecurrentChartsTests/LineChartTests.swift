import RecurrentCharts
import TestSupport
import Testing

@Suite struct LineChartTests {
  private func read(_ chart: LineChart) throws -> MarkupElement { try MarkupElement.parse(chart.svg) }

  private func chart(_ lines: LineChart.Line..., yScale: Scale = .linear) -> LineChart {
    LineChart(title: "Loss", x: "step", y: "nats", lines: lines, yScale: yScale)
  }

  private func line(_ values: [Double]) -> LineChart.Line {
    LineChart.Line("line", values.enumerated().map { (100 * Double($0), $1) })
  }

  private func same(_ a: [Double]?, _ b: [Double]) -> Bool {
    a.map { $0.count == b.count && zip($0, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN } } ?? false
  }

  @Test func pointsAreGivenBack() throws {
    let numbers = Sample.everyDouble
    let lines = [line(numbers), LineChart.Line("other", [(0.1 + 0.2, 1 / 3)]), LineChart.Line("none", [])]
    let root = try read(chart(lines[0], lines[1], lines[2]))
    let found = root.all(with: "data-x")
    #expect(found.map { $0.attributes["data-name"] } == ["line", "other", "none"])
    for (element, line) in zip(found, lines) {
      #expect(same(element.numbers("data-x"), line.points.map(\.x)))
      #expect(same(element.numbers("data-y"), line.points.map(\.y)))
    }
  }

  /// The points of the first curve as they are drawn, as parts of the field: from left to right, from below to above.
  private func drawn(_ root: MarkupElement) throws -> [[(x: Double, y: Double)]] {
    let axis = try #require(root.all(named: "line").last { $0.attributes["class"] == "axis" })
    let grid = root.all(named: "line").filter { $0.attributes["class"] == "grid" }.compactMap { $0.numbers("y1")?[0] }
    let (left, right) = (try #require(axis.numbers("x1")?[0]), try #require(axis.numbers("x2")?[0]))
    let (top, bottom) = (try #require(grid.min()), try #require(grid.max()))
    let curve = try #require(root.all(named: "path").first { $0.attributes["class"]?.contains("curve") == true })
    return try #require(curve.attributes["d"]).split(separator: "M").map { part in
      part.split(separator: "L").map { point in
        let numbers = point.split(separator: " ").compactMap { Double($0) }
        return ((numbers[0] - left) / (right - left), (bottom - numbers[1]) / (bottom - top))
      }
    }
  }

  @Test func pointsLieWhereTheAxesSay() throws {
    // Axes from 0 to 300 and from 0 to 4.
    let runs = try drawn(read(chart(line([0, 4, 1, 3]))))
    let expected: [(Double, Double)] = [(0, 0), (1.0 / 3, 1), (2.0 / 3, 0.25), (1, 0.75)]
    #expect(runs.count == 1 && runs[0].count == 4)
    for (point, place) in zip(runs[0], expected) {
      #expect(abs(point.x - place.0) < 1e-3 && abs(point.y - place.1) < 1e-3, "\(point) \(place)")
    }
    let ratios = try drawn(read(chart(line([0.01, 0.1, 1]), yScale: .logarithmic)))[0].map(\.y)
    for (found, place) in zip(ratios, [0, 0.5, 1]) { #expect(abs(found - place) < 1e-3) }
  }

  @Test(
    arguments: [
      ([1, .nan, 3, 4], Scale.linear, [1, 2], "no number"), ([1, 2, .infinity], .linear, [2], "an infinity"),
      ([1, 0, 3, -4, 5], .logarithmic, [1, 1, 1], "what has no logarithm"),
      ([1, 0, 3, -4, 5], .linear, [5], "all fine"),
    ] as [([Double], Scale, [Int], String)])
  func whatHasNoPlaceInterrupts(_ values: [Double], _ scale: Scale, _ counts: [Int], _ reason: String) throws {
    let root = try read(chart(line(values), yScale: scale))
    #expect(try drawn(root).map(\.count) == counts)
  }

  @Test func fewPointsAreDotsAndManyAreNot() throws {
    #expect(try read(chart(line([3]))).all(named: "circle").count == 1, "one point can be seen")
    #expect(try read(chart(line([3, 4, 5]))).all(named: "circle").count == 3)
    let many = (0..<40).map { Double($0) }
    #expect(try read(chart(line(many))).all(named: "circle").count == 0)
    #expect(try read(chart(line(many + [.nan, 7, .nan] + many))).all(named: "circle").count == 1, "the lonely one")
    #expect(try read(chart(line([.nan]))).visibleTexts.contains("no data"))
    #expect(try read(chart()).visibleTexts.contains("no data"))
    #expect(try !read(chart(line([3]))).visibleTexts.contains("no data"))
  }

  @Test func bandsAreGivenBackAndLieAroundTheirLine() throws {
    let band = LineChart.Line("band", [(0, 2), (1, 3)], spread: [1...2.5, 2.5...4])
    let element = try #require(try read(chart(band)).all(with: "data-low").first)
    #expect(element.numbers("data-low") == [1, 2.5] && element.numbers("data-high") == [2.5, 4])
    let points = try #require(element.attributes["d"].flatMap(MarkupElement.points))
    #expect(points.count == 4 && points[0].x == points[3].x && points[1].x == points[2].x)
    #expect(points[0].y < points[3].y && points[1].y < points[2].y, "the upper bounds, and back along the lower ones")
    #expect(try read(chart(band)).all(named: "line").count { $0.attributes["class"] == "grid" } == 4, "1, 2, 3, 4")
  }

  @Test(arguments: [2, 7, 13, 200])
  func namesDoNotOverlap(_ count: Int) throws {
    let lines = (0..<count).map { LineChart.Line("line \($0)", [(0, 1), (1, Double($0 % 3))]) }
    let root = try read(LineChart(title: "Many", x: "x", y: "y", lines: lines))
    let names = root.all(named: "text").filter { $0.text.hasPrefix("line ") }
    let places = names.compactMap { $0.numbers("y")?[0] }.sorted()
    #expect(places.count == min(count, 13), "as many as have room")
    for (a, b) in zip(places, places.dropFirst()) { #expect(b - a >= 16) }
    // Each in the color of its line.
    for name in names {
      let index = try #require(Int(name.text.dropFirst(5)))
      #expect(name.attributes["class"] == "s\(index % 6)")
    }
  }
}
