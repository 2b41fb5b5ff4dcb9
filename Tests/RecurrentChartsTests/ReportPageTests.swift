import TestSupport
import Testing

@testable import RecurrentCharts

/// Pages: what they hold can be read back, and nothing in a text or a picture becomes a part of the page.
@Suite struct ReportPageTests {
  private func page(_ blocks: [ReportPage.Block], title: String = "t") throws -> MarkupElement {
    try MarkupElement.parse(ReportPage(title: title, introduction: blocks, sections: []).html)
  }

  @Test func holdsWhatItIsGiven() throws {
    let html = ReportPage(
      title: "A title", introduction: [.paragraph("first"), .caveat("mind this")],
      sections: [
        .init("Numbers", [.table(.init(columns: ["a", "b"], rows: [["x", "1"], ["y", "2"]], hasNumbers: true))]),
        .init("Nothing", []),
        .init("Texts", [.text("one\n  two", caption: "a caption"), .command("recurrent train")]),
      ]
    ).html
    #expect(html.hasPrefix(ReportPage.beginning))
    let root = try MarkupElement.parse(html)
    #expect(root.name == "html" && root.attributes["lang"] == "en")
    #expect(root.all(named: "title").map(\.text) == ["A title"] && root.all(named: "h1").map(\.text) == ["A title"])
    #expect(root.all(named: "h2").map(\.text) == ["Numbers", "Texts"], "a section without content is left out")
    #expect(root.all(named: "p").map(\.text) == ["first", "mind this"])
    #expect(root.all(named: "p").last?.attributes["class"] == "caveat")
    #expect(
      root.all(named: "th").map(\.text) == ["a", "b", "x", "y"] && root.all(named: "td").map(\.text) == ["1", "2"])
    #expect(root.all(named: "table").first?.attributes["class"] == "numbers")
    #expect(root.all(named: "pre").first?.text == "one\n  two", "lines and blanks are kept")
    #expect(root.all(named: "figcaption").map(\.text) == ["a caption"])
    #expect(root.all(named: "code").map(\.text) == ["recurrent train"])
  }

  @Test("a browser loads nothing and runs nothing, and colors follow the reader's preference")
  func policyAndColors() throws {
    let root = try page([])
    let policy = root.all(named: "meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
    #expect(policy?.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'")
    #expect(root.all(with: "src").isEmpty && root.all(with: "href").isEmpty)
    let style = try #require(root.all(named: "style").first?.text)
    #expect(!style.contains("url(") && !style.contains("@import"))
    let (light, dark) = (Theme.variables(Theme.light), Theme.variables(Theme.dark))
    #expect(style.contains(":root{color-scheme:light dark;\(light)}"))
    #expect(style.contains("@media (prefers-color-scheme:dark){:root{\(dark)}}"))
  }

  @Test(
    "texts are text wherever they are",
    arguments: [
      ("</p><script>x</script>", "</p><script>x</script>"), ("&amp;<b>", "&amp;<b>"),
      ("a\u{1B}[2J\u{202E}b\u{0}", "a\\u{1B}[2J\\u{202E}b\\u{0}"),
    ])
  func texts(_ text: String, _ shown: String) throws {
    let blocks: [ReportPage.Block] = [
      .paragraph(text), .caveat(text), .table(.init(columns: [text, text], rows: [[text, text]])),
      .text(text, caption: text), .command(text),
    ]
    let root = try MarkupElement.parse(
      ReportPage(title: text, introduction: blocks, sections: [.init(text, [.paragraph(text)])]).html)
    let names = ["title", "h1", "h2", "p", "th", "td", "pre", "figcaption", "code"]
    let found = names.flatMap { root.all(named: $0) }.map(\.text).filter { !$0.isEmpty }
    #expect(found.count == 13 && Set(found) == [shown], "\(found)")
    #expect(root.all(named: "script").isEmpty && root.all(named: "b").isEmpty)
  }

  @Test("a picture of any kind keeps all it shows", arguments: Sample.all)
  func inlines(_ sample: Sample) throws {
    let svg = sample.picture.svg
    let inlined = try #require(InlinedPicture(svg: svg))
    let root = try page([.pictures([inlined, inlined])])
    let (found, original) = (root.all(named: "svg"), try MarkupElement.parse(svg))
    #expect(found.count == 2 && root.all(named: "style").count == 1, "the style is there once")
    let expected = original.all.filter { $0.name != "style" }
    #expect(
      found[0].all.map(\.name) == expected.map(\.name) && found[0].all.map(\.attributes) == expected.map(\.attributes))
    #expect(found[0].all.dropFirst().map(\.text) == expected.dropFirst().map(\.text))
  }

  @Test(
    "what pictures are not made of is refused",
    arguments: [
      ("<script>x()</script>", "a script"), ("<rect onload=\"x()\"/>", "a handler"),
      ("<a href=\"javascript:x()\"><rect/></a>", "a link"), ("<image href=\"http://a.b/c.png\"/>", "another file"),
      ("<rect style=\"fill:url(http://a.b)\"/>", "a style"), ("<style>p{display:none}</style>", "a second style"),
      ("<foreignObject><p>x</p></foreignObject>", "a part of a page"), ("<g>", "a tag without an end"),
      ("</g>", "an end without a beginning"), ("<svg></svg>", "a picture in a picture"),
      ("</svg><p>x</p><svg>", "an end"),
      ("&#60;script&#62;", "other entities"), ("&x;", "an unknown entity"), ("<!-- -->", "a comment"),
      ("<![CDATA[<script>]]>", "raw text"), ("<rect x=\"1\" y='2'/>", "other quotes"), ("<rect x=1/>", "no quotes"),
      ("<rect\nx=\"1\"/>", "another blank"), ("<rect x=\"<\"/>", "an angle in an attribute"), ("\u{1}", "a control"),
      ("<rect x=\"1\"", "a tag that is cut off"),
    ])
  func refuses(_ markup: String, _ reason: String) {
    let svg = LineChart(title: "t", x: "x", y: "y", lines: []).svg
    #expect(InlinedPicture(svg: svg) != nil)
    #expect(InlinedPicture(svg: svg.replacing("</svg>", with: markup + "</svg>")) == nil)
  }

  @Test(arguments: ["", "<svg></svg>", "<p>x</p>", "<style></style>", "</style><style>"])
  func otherFiles(_ text: String) {
    #expect(InlinedPicture(svg: text) == nil)
    let svg = LineChart(title: "t", x: "x", y: "y", lines: []).svg
    #expect(InlinedPicture(svg: svg + text) == nil || text.isEmpty, "nothing follows a picture")
  }
}
