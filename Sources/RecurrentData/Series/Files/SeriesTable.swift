import RecurrentSupport

/// A table of cells: its separator, its header, and the records after it.
struct SeriesTable {
  let path: String
  let separator: UInt8
  /// The names of the columns: those of the header, or numbers, counted from 1.
  let names: [String]
  /// Whether the table has a row for each step, judged by its columns.
  let isLong: Bool
  let notices: [String]
  private let records: RecordReader
  /// The first record, if it is no header.
  private let first: Record?

  /// Opens a table and looks at its first line.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - separator: what stands between cells; nil for the one of comma, semicolon and tab that comes most often.
  ///   - hasHeader: whether the first line is a header; nil if that is to be seen from it.
  ///   - columns: the roles of columns.
  init(
    path: String, separator: UInt8? = nil, hasHeader: Bool? = nil, columns: SeriesColumns
  ) throws(SeriesError) {
    self.path = path
    records = try RecordReader(path: path, joinsQuotedLines: true)
    guard let first = try records.next() else {
      throw SeriesError(.empty, source: path, found: "blank lines only", expected: "a table of time series")
    }
    self.separator = separator ?? Self.separator(of: first)
    let cells = try first.cells(separatedBy: self.separator)
    let texts = cells.map { first.text($0) }
    let roles = ColumnRoles.named(in: columns)
    let isHeader =
      hasHeader ?? columns.hasHeader
      ?? (texts.contains { roles.contains($0) || ColumnRoles.isKnown($0) }
        || !cells.contains { CellText.number(first.trimmed($0.range)) != nil })
    // A column that pandas wrote for its index has no name.
    names = isHeader ? texts.enumerated().map { $1.isEmpty ? "\($0 + 1)" : $1 } : texts.indices.map { "\($0 + 1)" }
    self.first = isHeader ? nil : first
    let found = ColumnRoles.find(in: names, columns)
    isLong = isHeader && (found.time != nil || found.id != nil || found.hasStepTargets)
    var notices: [String] = []
    if separator == nil && self.separator != UInt8(ascii: ",") {
      notices.append("cells are separated by \(self.separator == UInt8(ascii: ";") ? "semicolons" : "tabs")")
    }
    if hasHeader == nil && columns.hasHeader == nil {
      notices.append(
        isHeader ? "the first line is read as a header" : "the first line is read as data, not as a header")
    }
    self.notices = notices
    var seen: Set<String> = []
    if let name = names.first(where: { !seen.insert($0).inserted }) {
      throw first.error(.header, found: "two columns called \(name.quoted)", expected: "a name for each column")
    }
  }

  private static func separator(of record: Record) -> UInt8 {
    var (isQuoted, counts) = (false, [0, 0, 0])
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    for byte in record.bytes {
      if byte == Record.quote { isQuoted.toggle() }
      if !isQuoted, let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    return candidates[counts.indices.max { (counts[$0], $1) < (counts[$1], $0) } ?? 0]
  }

  /// Calls `body` with each row and its cells.
  func forEachRow(_ body: (Record, [Record.Cell]) throws(SeriesError) -> Void) throws(SeriesError) {
    var record = first
    if record == nil { record = try records.next() }
    while let row = record {
      let cells = try row.cells(separatedBy: separator)
      guard cells.count == names.count else {
        throw row.error(
          .ragged, at: cells.count > names.count ? cells[names.count].range.lowerBound : row.bytes.count,
          found: quantity(cells.count, "cell"), expected: "\(names.count), as the first line has")
      }
      try body(row, cells)
      record = try records.next()
    }
  }

  /// The roles of the columns.
  ///
  /// - Throws: ``SeriesError`` if a column is not there or has two roles, or there are no inputs.
  func roles(_ columns: SeriesColumns) throws(SeriesError) -> ColumnRoles {
    try ColumnRoles(names, columns, source: path)
  }
}
