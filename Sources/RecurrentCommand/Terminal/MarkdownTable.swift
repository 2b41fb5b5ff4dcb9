import RecurrentSupport

/// A table in Markdown with aligned columns, which is as legible in a terminal.
struct MarkdownTable {
  /// A column: its head, and whether it holds numbers, which are aligned at their ends.
  struct Column {
    let title: String
    let isNumber: Bool
  }

  private let columns: [Column]
  private let rows: [[String]]

  /// A table with as many cells in each row as there are columns.
  init(_ columns: [Column], rows: [[String]]) { (self.columns, self.rows) = (columns, rows) }

  /// The text of a cell that comes from an option, a file or a path; a dash if there is none.
  static func cell(_ text: String?) -> String { text.map { $0.shown().replacing("|", with: "\\|") } ?? "–" }

  var lines: [String] {
    let lines = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let rule = zip(columns, widths).map { column, width in
      column.isNumber ? String(repeating: "-", count: width - 1) + ":" : String(repeating: "-", count: width)
    }
    let padded = lines.map { line in
      columns.indices.map {
        columns[$0].isNumber ? line[$0].leftPadded(to: widths[$0]) : line[$0].padded(to: widths[$0])
      }
    }
    return (padded.prefix(1) + [rule] + padded.dropFirst()).map { "| " + $0.joined(separator: " | ") + " |" }
  }
}
