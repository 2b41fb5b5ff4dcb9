import Foundation
import RecurrentCharts
import TestSupport
import Testing

@testable import RecurrentCharts

/// What every picture is, whatever it is told.
@Suite struct PictureTests {
  @Test("a picture is XML that says what it shows", arguments: Sample.all)
  func parses(sample: Sample) throws {
    let picture = sample.picture
    let root = try MarkupElement.parse(picture.svg)
    #expect(root.name == "svg" && root.attributes["role"] == "img")
    let box = try #require(root.numbers("viewBox"))
    #expect(root.numbers("width") == [box[2]] && root.numbers("height") == [box[3]], "a size of its own")
    #expect(root.attributes["class"] == nil, "whoever forces light or dark adds one")
    #expect(picture.svg.hasPrefix("<svg "))
    let said = root.children.prefix(3)
    #expect(said.map(\.name) == ["title", "desc", "style"])
    #expect(said.first?.text == printable(picture.title))
    #expect(said.dropFirst().first?.text.isEmpty == false)
    #expect(picture.svg == picture.svg, "the same at every time")
  }

  @Test("everything lies on the page", arguments: Sample.all)
  func insideThePage(sample: Sample) throws {
    let root = try MarkupElement.parse(sample.picture.svg)
    let box = try #require(root.numbers("viewBox"))
    // Hundredths are rounded.
    let page = Extent(x: box[0] - 0.01...box[0] + box[2] + 0.01, y: box[1] - 0.01...box[1] + box[3] + 0.01)
    var count = 0
    func look(at element: MarkupElement, _ placement: Placement) throws {
      var placement = placement
      if let transform = element.attributes["transform"] { placement = try #require(Placement(transform)) }
      if ["rect", "line", "circle", "path", "text"].contains(element.name) {
        count += 1
        let extent = element.extent(placement)
        #expect(extent?.isInside(page) == true, "\(element.name) \(element.attributes) \(element.text)")
      }
      for child in element.children { try look(at: child, placement) }
    }
    try look(at: root, Placement())
    #expect(count > 1, "there is something to see")
  }

  @Test("every style that is used is there", arguments: Sample.all)
  func styles(sample: Sample) throws {
    let root = try MarkupElement.parse(sample.picture.svg)
    let sheet = try #require(root.all(named: "style").first?.text)
    let known = Set(sheet.matches(of: /\.([a-z]+[0-9]?)/).map { String($0.1) })
    // These are there to be found, not to be seen.
    let plain: Set = ["remark"]
    let used = Set(root.all.compactMap { $0.attributes["class"] }.flatMap { $0.split(separator: " ").map(String.init) })
    #expect(used.subtracting(plain).isSubset(of: known), "\(used.subtracting(known))")
  }

  @Test func textsAreEscaped() throws {
    #expect(escaped("a<b> & \"c\" 'd'") == "a&lt;b&gt; &amp; &quot;c&quot; 'd'")
    #expect(escaped("]]>") == "]]&gt;")
    #expect(escaped("one\ttwo\nthree\r\n\u{0}\u{1}\u{B}\u{1F}\u{FFFE}\u{FFFF}") == "one two three ")
    #expect(escaped("ß 数字 🙂") == "ß 数字 🙂")
    let root = try MarkupElement.parse(
      LineChart(title: "t", x: "x", y: "y", lines: [.init(Sample.awkward, [(1, 2)])]).svg)
    #expect(root.all(with: "data-name").map { $0.attributes["data-name"] } == [printable(Sample.awkward)])
  }

  @Test func remarksAreShownWhole() throws {
    let remark = "Images: built-in digits (drawn by the program, seed 3), not MNIST; a remark of more than a line."
    let pictures: [any Picture] = [
      LineChart(title: "t", x: "x", y: "y", lines: [], remark: remark),
      BarChart(title: "t", y: "y", labels: [], values: [], remark: remark),
      HeatMap(title: "t", x: "x", y: "y", rows: [], remark: remark),
      ConfusionMatrixChart(title: "t", labels: [], counts: [], remark: remark),
      ImageGrid(title: "t", items: [], remark: remark),
      DigitReadingPicture(title: "t", pixels: [], width: 1, panels: [], probabilities: [], truth: nil, remark: remark),
      SpreadChart(title: "t", x: "x", groups: [], remark: remark),
    ]
    for picture in pictures {
      let texts = try MarkupElement.parse(picture.svg).all(named: "text")
      let lines = texts.filter { $0.attributes["class"]?.contains("remark") == true }.map(\.text)
      #expect(lines.count > 1 && lines.joined(separator: " ") == remark, "\(type(of: picture))")
    }
  }

  // What XML can say of a text.
  private func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.compactMap { $0 == "\t" || $0 == "\n" ? " " : $0.value < 0x20 ? nil : $0 }))
  }
}

@Suite struct PictureFileTests {
  private let picture = BarChart(title: "Bars", y: "value", labels: ["a"], values: [1])

  @Test func writesAndReplaces() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(Array("something else, and longer than nothing".utf8), to: "bars.svg")
    try picture.write(to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == picture.svg)
    #expect(try folder.contents() == ["bars.svg"], "nothing lies beside it")
  }

  @Test(arguments: [
    ("nowhere/bars.svg", "No such file or directory", "a folder is missing"),
    ("folder", "Is a directory", "a folder has the name"),
  ])
  func faultsAreOneLine(_ name: String, _ reason: String, _ why: String) throws {
    let folder = try TemporaryDirectory()
    try folder.write([1], to: "folder/file")
    let path = folder.path(name)
    let error = try #require(throws: PictureError.self) { try picture.write(to: path) }
    #expect(error == PictureError(path: path, reason: reason))
    #expect(error.description == "\(path): cannot be written (\(reason)), expected a writable folder")
    #expect(try folder.contents() == ["folder"], "nothing is left behind")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("folder")) == ["file"])
  }
}
