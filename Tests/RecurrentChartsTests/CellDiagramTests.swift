import RecurrentCharts
import TestSupport
import Testing

/// The drawing of a cell says what its equations say.
@Suite struct CellDiagramTests {
  private static let all: [CellDiagram.Cell] = [.lstm, .gru(resetAfter: true), .gru(resetAfter: false)]

  private func root(_ cell: CellDiagram.Cell) throws -> MarkupElement {
    try MarkupElement.parse(CellDiagram(title: "t", cell: cell).svg)
  }

  /// What each part is made of, in alphabetical order: the names at the other ends of the arrows that lead to it.
  private func inputs(_ root: MarkupElement) -> [String: [String]] {
    let wires = root.all(with: "data-to").compactMap { group in
      group.attributes["data-from"].flatMap { from in group.attributes["data-to"].map { (from, $0) } }
    }
    return Dictionary(wires.map { ($1, [$0]) }, uniquingKeysWith: +).mapValues { $0.sorted() }
  }

  @Test func anLSTMReadsAsItsEquations() throws {
    let root = try root(.lstm)
    #expect(
      inputs(root) == [
        "f": ["h", "x"], "i": ["h", "x"], "g": ["h", "x"], "o": ["h", "x"],
        "f ⊙ c": ["c", "f"], "i ⊙ g": ["g", "i"], "c′": ["f ⊙ c", "i ⊙ g"], "next c": ["c′"],
        "tanh c′": ["c′"], "h′": ["o", "tanh c′"], "next h": ["h′"],
      ])
    #expect(
      functions(root) == [
        "f": "σ", "i": "σ", "g": "tanh", "o": "σ", "f ⊙ c": "product", "i ⊙ g": "product", "c′": "sum",
        "tanh c′": "tanh", "h′": "product",
      ])
    for text in ["c", "h", "x", "c′", "h′", "f", "i", "g", "o", "forget", "input", "candidate", "output"] {
      #expect(root.visibleTexts.contains(text), "\(text)")
    }
  }

  @Test func aGRUReadsAsItsEquations() throws {
    let common = [
      "z": ["h", "x"], "r": ["h", "x"], "z ⊙ h": ["h", "z"], "1 - z": ["z"], "(1 - z) ⊙ n": ["1 - z", "n"],
      "h′": ["(1 - z) ⊙ n", "z ⊙ h"], "next h": ["h′"],
    ]
    let after = ["U h": ["h"], "r ⊙ U h": ["U h", "r"], "n": ["r ⊙ U h", "x"]]
    let before = ["r ⊙ h": ["h", "r"], "U (r ⊙ h)": ["r ⊙ h"], "n": ["U (r ⊙ h)", "x"]]
    #expect(try inputs(root(.gru(resetAfter: true))) == common.merging(after) { $1 })
    #expect(try inputs(root(.gru(resetAfter: false))) == common.merging(before) { $1 })
    for isAfter in [true, false] {
      let functions = try functions(root(.gru(resetAfter: isAfter)))
      #expect(functions["z"] == "σ" && functions["r"] == "σ" && functions["n"] == "tanh")
      #expect(functions["h′"] == "sum" && functions[isAfter ? "r ⊙ U h" : "r ⊙ h"] == "product")
      #expect(functions[isAfter ? "U h" : "U (r ⊙ h)"] == "weights")
    }
  }

  private func functions(_ root: MarkupElement) -> [String: String] {
    Dictionary(
      root.all(with: "data-node").map { ($0.attributes["data-node"] ?? "", $0.attributes["data-function"] ?? "") },
      uniquingKeysWith: { $0 + $1 })
  }

  @Test("an arrow ends at what it leads to and begins where it comes from", arguments: all)
  func arrowsTouch(cell: CellDiagram.Cell) throws {
    let root = try root(cell)
    var borders: [String: (x: ClosedRange<Double>, y: ClosedRange<Double>)] = [:]
    for group in root.all(with: "data-node") {
      let shape = try #require(group.all.first { $0.name == "rect" || $0.name == "circle" })
      if let radius = shape.numbers("r")?[0], let x = shape.numbers("cx")?[0], let y = shape.numbers("cy")?[0] {
        borders[group.attributes["data-node"] ?? ""] = (x - radius...x + radius, y - radius...y + radius)
      } else {
        let (x, y) = try (#require(shape.numbers("x"))[0], #require(shape.numbers("y"))[0])
        let (width, height) = try (#require(shape.numbers("width"))[0], #require(shape.numbers("height"))[0])
        borders[group.attributes["data-node"] ?? ""] = (x...x + width, y...y + height)
      }
    }
    func isOnBorder(_ point: [Double], _ name: String) -> Bool {
      guard let (x, y) = borders[name] else { return false }
      let isInside = x.contains(point[0]) && y.contains(point[1])
      return isInside && [x.lowerBound, x.upperBound].contains(point[0])
        || isInside
          && [y.lowerBound, y.upperBound].contains(point[1])
    }
    /// Points that lines from one place go through, from corner to corner.
    var lines: [String: [[[Double]]]] = [:]
    for group in root.all(with: "data-to") {
      let from = try #require(group.attributes["data-from"])
      let to = try #require(group.attributes["data-to"])
      let shaft = try #require(group.children.first?.points)
      let tip = try #require(group.children.last?.points.first)
      #expect(borders[to] == nil ? to.hasPrefix("next ") : isOnBorder(tip, to), "\(from) to \(to): \(tip)")
      let known = lines[from, default: []]
      let begins = borders[from].map { _ in isOnBorder(shaft[0], from) } ?? known.isEmpty
      #expect(begins || known.contains { isOn(shaft[0], $0) }, "\(from) to \(to): \(shaft[0])")
      for (a, b) in zip(shaft, shaft.dropFirst()) { #expect(a[0] == b[0] || a[1] == b[1], "level or upright") }
      lines[from, default: []].append(shaft)
    }
    #expect(lines.count > 6)
  }

  private func isOn(_ point: [Double], _ line: [[Double]]) -> Bool {
    zip(line, line.dropFirst()).contains { a, b in
      (min(a[0], b[0])...max(a[0], b[0])).contains(point[0]) && (min(a[1], b[1])...max(a[1], b[1])).contains(point[1])
    }
  }

  @Test("what has no line between does not overlap", arguments: all)
  func partsAreApart(cell: CellDiagram.Cell) throws {
    let nodes = try root(cell).all(with: "data-node")
    let extents = try nodes.map { group in
      try #require(group.all.first { $0.name == "rect" || $0.name == "circle" }?.extent(Placement()))
    }
    for (index, a) in extents.enumerated() {
      for b in extents.dropFirst(index + 1) { #expect(!a.x.overlaps(b.x) || !a.y.overlaps(b.y)) }
    }
  }
}

extension MarkupElement {
  /// The corners of a path of straight lines.
  fileprivate var points: [[Double]] {
    (attributes["d"] ?? "").replacing("M", with: "").replacing("z", with: "").split(separator: "L").map {
      $0.split(separator: " ").compactMap { Double($0) }
    }
  }
}
