import RecurrentSupport

/// The lines of a text file in order, read in blocks: memory does not grow with the file.
///
/// In CSV a line end within quotes belongs to the cell (RFC 4180), so that several lines may make one record.
final class RecordReader {
  /// The most bytes of a record: the line of a series with ten million values.
  static let lengthLimit = 1 << 27
  private static let blockSize = 1 << 18

  let path: String
  private let reader: ByteReader
  private let joinsQuotedLines: Bool
  private var block: ArraySlice<UInt8> = []
  private var nextLine = 1

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: the file, plain or gzip.
  ///   - joinsQuotedLines: whether lines with an open quotation go on in the next line.
  /// - Throws: ``SeriesError`` if there is no such file, or it is of another kind by its first bytes.
  init(path: String, joinsQuotedLines: Bool) throws(SeriesError) {
    do throws(IDXError) { reader = try ByteReader(path: path) } catch { throw SeriesError(error) }
    self.path = path
    self.joinsQuotedLines = joinsQuotedLines
    try readBlock()
    let kind = FileKind(of: Array(block.prefix(FileKind.byteCount)))
    if let kind, kind != .text, kind != .json {
      throw SeriesError(
        kind == .empty ? .empty : .encoding, source: path, found: kind.name,
        expected: "time series as text" + (kind.advice.map { "; \($0)" } ?? ""))
    }
    if block.starts(with: [0xEF, 0xBB, 0xBF]) { block.removeFirst(3) }
  }

  private func readBlock() throws(SeriesError) {
    do throws(IDXError) { block = try reader.read(Self.blockSize)[...] } catch { throw SeriesError(error) }
  }

  /// The next record that is not blank; nil at the end of the file.
  ///
  /// - Throws: ``SeriesError`` if it cannot be read, is not UTF-8, is too long, or a quotation never ends.
  func next() throws(SeriesError) -> Record? {
    while let record = try nextWithBlanks() {
      // Tabs alone are a row of empty cells, which says no more than a blank line.
      if !record.bytes.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { return record }
    }
    return nil
  }

  private func nextWithBlanks() throws(SeriesError) -> Record? {
    if block.isEmpty { try readBlock() }
    if block.isEmpty { return nil }
    var record = Record(source: path, line: nextLine, bytes: [])
    var hasOpenQuote = false
    while true {
      let end = block.firstIndex(of: UInt8(ascii: "\n"))
      let piece = block[..<(end ?? block.endIndex)]
      if joinsQuotedLines && !piece.count(where: { $0 == Record.quote }).isMultiple(of: 2) { hasOpenQuote.toggle() }
      record.bytes += piece
      block = block[(end.map { $0 + 1 } ?? block.endIndex)...]
      guard record.bytes.count <= Self.lengthLimit else {
        throw record.error(.size, found: "a line of more than \(Self.lengthLimit) bytes", expected: "a shorter one")
      }
      if end != nil {
        nextLine += 1
        if !hasOpenQuote { break }
        record.bytes.append(UInt8(ascii: "\n"))
      } else {
        try readBlock()
        if !block.isEmpty { continue }
        if hasOpenQuote {
          throw record.error(.quotes, found: "a quotation that never ends", expected: "a closing quotation mark")
        }
        break
      }
    }
    if record.bytes.last == UInt8(ascii: "\r") { record.bytes.removeLast() }
    try record.checkEncoding()
    return record
  }
}
