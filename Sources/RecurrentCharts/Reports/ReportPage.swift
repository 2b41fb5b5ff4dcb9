import RecurrentSupport

/// A page of text, tables and pictures in one HTML file.
///
/// The page needs no other files and no scripts, and its policy lets browsers load and run none, whatever the texts and
/// pictures in it are. Its colors are those of the pictures and follow the reader's preference for light or dark. It is
/// XML as well, so that tests and other programs can parse it. All texts may come from untrusted files: they are
/// escaped, and control characters are made visible.
package struct ReportPage: Sendable {
  /// A table whose first column names its rows.
  package struct Table: Sendable {
    var columns: [String]
    var rows: [[String]]
    var hasNumbers: Bool

    /// A table.
    ///
    /// - Parameters:
    ///   - columns: the heads of all columns.
    ///   - rows: the cells of each row, as many as there are columns.
    ///   - hasNumbers: whether all columns but the first hold numbers, which are aligned at their ends.
    package init(columns: [String], rows: [[String]], hasNumbers: Bool = false) {
      (self.columns, self.rows, self.hasNumbers) = (columns, rows, hasNumbers)
    }
  }

  /// A part of a section.
  package enum Block: Sendable {
    case paragraph(String)
    /// A remark that a reader must not miss.
    case caveat(String)
    case table(Table)
    /// Pictures, side by side if there is room.
    case pictures([InlinedPicture])
    /// A text of any number of lines, with a caption.
    case text(String, caption: String)
    /// Something to type into a terminal.
    case command(String)
  }

  /// Blocks under a heading.
  package struct Section: Sendable {
    var heading: String
    var blocks: [Block]

    /// A section; it is left out of the page if it has no blocks.
    package init(_ heading: String, _ blocks: [Block]) { (self.heading, self.blocks) = (heading, blocks) }
  }

  private let title: String
  private let introduction: [Block]
  private let sections: [Section]

  /// A page.
  ///
  /// - Parameters:
  ///   - title: what the page is about.
  ///   - introduction: what comes before the first section.
  ///   - sections: the rest.
  package init(title: String, introduction: [Block], sections: [Section]) {
    (self.title, self.introduction, self.sections) = (title, introduction, sections)
  }

  /// How the file of every page begins.
  package static let beginning = """
    <!DOCTYPE html>
    <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
    <head>
    <meta charset="utf-8"/>
    <meta name="generator" content="swift-recurrent"/>

    """

  /// The whole document.
  ///
  /// - Complexity: O(size), on each access.
  package var html: String {
    let sections = sections.filter { !$0.blocks.isEmpty }.map { section in
      "<section>\n<h2>\(Self.line(section.heading))</h2>\n\(Self.markup(section.blocks))\n</section>"
    }
    return Self.beginning + """
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
      <title>\(Self.line(title))</title>
      <style>
      \(Theme.style)
      \(Self.style)
      </style>
      </head>
      <body>
      <main>
      <h1>\(Self.line(title))</h1>
      \(Self.markup(introduction))
      \(sections.joined(separator: "\n"))
      </main>
      </body>
      </html>

      """
  }
}

extension ReportPage {
  private static func markup(_ blocks: [Block]) -> String { blocks.map(markup).joined(separator: "\n") }

  private static func markup(_ block: Block) -> String {
    switch block {
    case .paragraph(let text): "<p>\(line(text))</p>"
    case .caveat(let text): "<p class=\"caveat\">\(line(text))</p>"
    case .table(let table): markup(table)
    case .pictures(let pictures):
      "<div class=\"pictures\">\n"
        + pictures.map { "<figure>\n\($0.markup)\n</figure>" }.joined(separator: "\n") + "\n</div>"
    case .text(let text, let caption):
      "<figure>\n<figcaption>\(line(caption))</figcaption>\n<pre>\(lines(text))</pre>\n</figure>"
    case .command(let text): "<pre><code>\(lines(text))</code></pre>"
    }
  }

  private static func markup(_ table: Table) -> String {
    let head = table.columns.map { "<th scope=\"col\">\(line($0))</th>" }.joined()
    let rows = table.rows.map { row in
      let cells = row.dropFirst().map { "<td>\(line($0))</td>" }.joined()
      return "<tr><th scope=\"row\">\(line(row.first ?? ""))</th>\(cells)</tr>"
    }
    // A wide table scrolls by itself, not with the page.
    return """
      <div class="scroll"><table\(table.hasNumbers ? " class=\"numbers\"" : "")>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table></div>
      """
  }

  /// A text in one line.
  private static func line(_ text: String) -> String { escaped(text.shown(limit: 1000)) }

  /// A text with its line breaks; a tab is as wide as four letters.
  private static func lines(_ text: String) -> String {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { escaped(String($0).replacing("\t", with: "    ").shown(limit: .max)) }.joined(separator: "\n")
  }

  // Selectors of elements only, since pictures have classes of their own.
  private static let style = """
    :root{color-scheme:light dark;\(Theme.variables(Theme.light))}
    @media (prefers-color-scheme:dark){:root{\(Theme.variables(Theme.dark))}}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,\
    'Noto Sans',Helvetica,Arial,sans-serif}
    main{max-width:76rem;margin:0 auto;padding:.75rem}
    h1,h2{line-height:1.2;overflow-wrap:anywhere} h1{font-size:1.6rem} h2{font-size:1.2rem;margin-top:2.5rem}
    p{max-width:46rem;overflow-wrap:anywhere} p.caveat{border-left:4px solid var(--negative);padding-left:.75rem}
    table{border-collapse:collapse;font-variant-numeric:tabular-nums}
    th,td{padding:.25rem 1rem .25rem 0;border-bottom:1px solid var(--grid);text-align:left;vertical-align:top}
    thead th{color:var(--soft);font-weight:600} tbody th{font-weight:400} td{overflow-wrap:anywhere;min-width:4rem} tr>:last-child{padding-right:0}
    table.numbers td,table.numbers th+th{text-align:right;overflow-wrap:normal}
    figure{margin:1rem 0} figcaption{color:var(--soft)} .scroll{overflow-x:auto;margin:1rem 0}
    .pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,34rem),1fr));gap:1.5rem}
    .pictures figure{margin:0} svg{display:block;width:100%;max-width:40rem;height:auto}
    pre{margin:.25rem 0;padding:.75rem;border:1px solid var(--grid);white-space:pre-wrap;overflow-wrap:anywhere;\
    font:14px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
    """
}
