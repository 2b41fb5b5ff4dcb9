import RecurrentSupport

/// How characters are written as bytes; raw values are the names of options.
public enum TextEncoding: String, Sendable, Hashable, Codable, CaseIterable {
  /// UTF-8, with or without a byte-order mark.
  case utf8 = "utf-8"
  /// ISO 8859-1: each byte is the scalar of the same number.
  case latin1 = "latin-1"
  /// Latin-1 with quotation marks, dashes and the euro sign at 0x80 … 0x9F, as Windows wrote Western European text.
  case windows1252 = "windows-1252"
  /// UTF-16 with a byte-order mark.
  case utf16 = "utf-16"
  /// UTF-16, the less significant byte first, with or without a mark.
  case utf16LittleEndian = "utf-16le"
  /// UTF-16, the more significant byte first, with or without a mark.
  case utf16BigEndian = "utf-16be"

  /// The text of some bytes, without a byte-order mark at its beginning.
  ///
  /// - Parameters:
  ///   - bytes: the text as it was written.
  ///   - name: what it was read from, for messages.
  /// - Throws: ``TextError`` with the first byte that is none of this encoding, its offset and its line.
  /// - Complexity: O(bytes).
  func decode(_ bytes: [UInt8], from name: String) throws(TextError) -> String {
    let text =
      switch self {
      case .utf8: try utf8(bytes, name)
      case .latin1, .windows1252: try singleBytes(bytes, name)
      case .utf16, .utf16LittleEndian, .utf16BigEndian: try utf16(bytes, name)
      }
    // Text does not have the NUL character; other kinds of files do, and UTF-16 read as something else.
    if let offset = text.utf8.firstIndex(of: 0) {
      let line = lineNumbers(of: [text.utf8.distance(from: text.startIndex, to: offset)], in: text.utf8)[0]
      throw TextError(
        path: name, found: "a NUL character in line \(line)",
        expected: "a text in \(rawValue); other encodings are \(others)")
    }
    return text.withoutByteOrderMark
  }

  private var others: String { Self.allCases.filter { $0 != self }.map(\.rawValue).joined(separator: ", ") }

  // MARK: UTF-8

  private func utf8(_ bytes: [UInt8], _ name: String) throws(TextError) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    if bytes.starts(with: Self.littleEndianMark) || bytes.starts(with: Self.bigEndianMark) {
      throw TextError(path: name, found: "a byte-order mark of UTF-16", expected: "UTF-8; choose the encoding utf-16")
    }
    if let kind = FileKind(of: Array(bytes.prefix(FileKind.byteCount))), ![.text, .json, .html, .xml].contains(kind) {
      throw TextError(path: name, found: kind.name, expected: "a text in UTF-8")
    }
    var (scalar, longScalars, offset) = (UTF8Scalar(), 0, 0)
    while offset < bytes.count, scalar.append(bytes[offset]) {
      offset += 1
      if !scalar.isComplete { continue }
      if scalar.bytes.count > 1 { longScalars += 1 }
      scalar.removeAll()
    }
    // A scalar that is cut off is at fault as a whole.
    offset -= scalar.bytes.count
    let byte = bytes[offset]
    let advice =
      if longScalars > 0 {
        ", as the \(quantity(longScalars, "character")) beyond ASCII before it: repair the text there"
      } else if let other = Self.scalar(ofWindows1252: byte) {
        "; it is \(other) in Windows-1252: choose the encoding windows-1252"
      } else {
        "; other encodings are \(others)"
      }
    throw TextError(path: name, at: offset, in: bytes, expected: "UTF-8\(advice)")
  }

  // MARK: One byte for each character

  private func singleBytes(_ bytes: [UInt8], _ name: String) throws(TextError) -> String {
    var text = String.UnicodeScalarView()
    text.reserveCapacity(bytes.count)
    for (offset, byte) in bytes.enumerated() {
      guard let scalar = self == .latin1 ? Unicode.Scalar(byte) : Self.scalar(ofWindows1252: byte) else {
        throw TextError(
          path: name, at: offset, in: bytes,
          expected: "Windows-1252, which does not have that byte; other encodings are \(others)")
      }
      text.append(scalar)
    }
    return String(text)
  }

  /// What a byte is in Windows-1252; nil for five bytes that it leaves open.
  private static func scalar(ofWindows1252 byte: UInt8) -> Unicode.Scalar? {
    guard 0x80...0x9F ~= byte else { return Unicode.Scalar(byte) }
    let scalar = windows1252Table[Int(byte) - 0x80]
    return scalar == "\u{FFFD}" ? nil : scalar
  }

  /// Bytes 0x80 … 0x9F of Windows-1252; U+FFFD where there is none.
  ///
  /// Source: unicode.org, *cp1252 to Unicode table*, version 2.01.
  private static let windows1252Table = Array(
    "€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ".unicodeScalars)

  // MARK: UTF-16

  private static let littleEndianMark: [UInt8] = [0xFF, 0xFE]
  private static let bigEndianMark: [UInt8] = [0xFE, 0xFF]

  private func utf16(_ bytes: [UInt8], _ name: String) throws(TextError) -> String {
    guard bytes.count.isMultiple(of: 2) else {
      throw TextError(path: name, found: quantity(bytes.count, "byte"), expected: "an even number, for UTF-16")
    }
    let isMarked = bytes.starts(with: Self.littleEndianMark) || bytes.starts(with: Self.bigEndianMark)
    guard self != .utf16 || isMarked || bytes.isEmpty else {
      throw TextError(
        path: name, found: "no byte-order mark",
        expected: "one, as UTF-16 begins with; without it choose utf-16le or utf-16be")
    }
    let isLittle = self == .utf16LittleEndian || self == .utf16 && bytes.starts(with: Self.littleEndianMark)
    let units = stride(from: 0, to: bytes.count, by: 2).map { index in
      let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      return isLittle ? second << 8 | first : first << 8 | second
    }
    if let text = String(validating: units, as: UTF16.self) { return text }
    let unpaired =
      units.indices.first { index in
        if UTF16.isTrailSurrogate(units[index]) { return index == 0 || !UTF16.isLeadSurrogate(units[index - 1]) }
        return UTF16.isLeadSurrogate(units[index])
          && (index + 1 == units.count || !UTF16.isTrailSurrogate(units[index + 1]))
      } ?? 0
    throw TextError(
      path: name, at: unpaired, in: units,
      expected: "UTF-16, where surrogates come in pairs")
  }
}

extension String {
  /// The text after one byte-order mark, if it begins with that.
  var withoutByteOrderMark: String {
    unicodeScalars.first == "\u{FEFF}" ? String(unicodeScalars.dropFirst()) : self
  }
}
