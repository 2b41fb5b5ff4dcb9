/// A line of a file, or several lines that quotes join, without the line end.
struct Record {
  static let quote = UInt8(ascii: "\"")
  /// The most cells of a record, so that a line of separators alone does not fill the memory.
  private static let cellLimit = 1 << 22

  let source: String
  /// The line on which it begins, counted from 1.
  let line: Int
  var bytes: [UInt8]

  /// A cell: where its text lies, quotation marks left out.
  struct Cell {
    let range: Range<Int>
    /// Whether quotation marks within it are doubled.
    var hasDoubledQuotes = false
  }

  /// The cells between separators, by RFC 4180.
  ///
  /// - Throws: ``SeriesError`` if quotation marks do not enclose a whole cell.
  func cells(separatedBy separator: UInt8) throws(SeriesError) -> [Cell] {
    var cells: [Cell] = []
    var position = 0
    while true {
      let isQuoted = position < bytes.count && bytes[position] == Self.quote
      let cell = isQuoted ? try quotedCell(from: position + 1) : plainCell(from: position, to: separator)
      cells.append(cell)
      guard cells.count <= Self.cellLimit else {
        throw error(.size, found: "more than \(Self.cellLimit) cells in a row", expected: "fewer")
      }
      position = cell.range.upperBound + (isQuoted ? 1 : 0)
      if position == bytes.count { return cells }
      guard bytes[position] == separator else {
        throw error(
          .quotes, at: position, found: "a character beside a quotation mark",
          expected: "quotation marks around the whole cell, and doubled within it")
      }
      position += 1
    }
  }

  private func plainCell(from start: Int, to separator: UInt8) -> Cell {
    let end = bytes[start...].firstIndex { $0 == separator || $0 == Self.quote } ?? bytes.count
    return Cell(range: start..<end)
  }

  private func quotedCell(from start: Int) throws(SeriesError) -> Cell {
    var (end, hasDoubledQuotes) = (start, false)
    while true {
      guard let quote = bytes[end...].firstIndex(of: Self.quote) else {
        throw error(.quotes, at: start - 1, found: "a quotation that never ends", expected: "a closing quotation mark")
      }
      guard quote + 1 < bytes.count, bytes[quote + 1] == Self.quote else {
        return Cell(range: start..<quote, hasDoubledQuotes: hasDoubledQuotes)
      }
      (end, hasDoubledQuotes) = (quote + 2, true)
    }
  }

  /// The text of a cell, without spaces around it.
  func text(_ cell: Cell) -> String {
    let text = String(decoding: trimmed(cell.range), as: UTF8.self)
    return cell.hasDoubledQuotes
      ? text.split(separator: "\"\"", omittingEmptySubsequences: false).joined(separator: "\"") : text
  }

  /// The bytes of a range, without spaces around them.
  func trimmed(_ range: Range<Int>) -> ArraySlice<UInt8> {
    var slice = bytes[range]
    func isSpace(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    while isSpace(slice.first) { slice.removeFirst() }
    while isSpace(slice.last) { slice.removeLast() }
    return slice
  }

  /// The number that a range holds; NaN if it says that the value is missing.
  ///
  /// - Throws: ``SeriesError`` if it holds anything else.
  func number(in range: Range<Int>, as name: @autoclosure () -> String) throws(SeriesError) -> Float {
    let slice = trimmed(range)
    if let number = CellText.number(slice) { return number }
    if CellText.isMissing(slice) { return .nan }
    throw error(
      .number, at: slice.startIndex, found: "\(String(decoding: slice, as: UTF8.self).quoted) as \(name())",
      expected: CellText.expectation(slice))
  }

  /// An error at an offset of the record, or with the whole of it.
  func error(_ kind: SeriesError.Kind, at offset: Int? = nil, found: String, expected: String) -> SeriesError {
    guard let offset else { return SeriesError(kind, source: source, line: line, found: found, expected: expected) }
    let before = bytes[..<min(offset, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    // Every character of UTF-8 has one byte that does not begin with the bits 10.
    let characters = before[lineStart...].count { $0 & 0xC0 != 0x80 }
    return SeriesError(
      kind, source: source, line: line + before.count { $0 == UInt8(ascii: "\n") }, column: characters + 1,
      found: found, expected: expected)
  }

  /// Refuses bytes that are not UTF-8, and names the first of them.
  func checkEncoding() throws(SeriesError) {
    // Numbers are ASCII, and quick to tell.
    if bytes.allSatisfy({ $0 < 0x80 }) || String(validating: bytes, as: UTF8.self) != nil { return }
    var (offset, decoder, iterator) = (0, Unicode.UTF8(), bytes.makeIterator())
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += Unicode.UTF8.width(scalar) }
    throw error(
      .encoding, at: offset, found: "byte 0x\(String(bytes[offset], radix: 16, uppercase: true))",
      expected: "UTF-8; convert the file, as with iconv")
  }
}
