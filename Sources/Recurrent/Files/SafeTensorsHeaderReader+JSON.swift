/// The part of JSON that headers use, and errors about it.
extension SafeTensorsHeaderReader {
  /// Reads an object; calls `entry` at the start of each value, with its name and the position of the name.
  mutating func readObject(
    _ entry: (inout Self, _ name: String, _ start: Int) throws(SafeTensorsError) -> Void
  ) throws(SafeTensorsError) {
    try take("{")
    if takes("}") { return }
    repeat {
      skipBlanks()
      let start = position
      let name = try readString()
      try take(":")
      try entry(&self, name, start)
    } while takes(",")
    try take("}")
  }

  /// Reads an array of whole numbers that are not negative.
  mutating func readNumbers() throws(SafeTensorsError) -> [Int] {
    var numbers: [Int] = []
    try take("[")
    if takes("]") { return numbers }
    repeat { numbers.append(try readNumber()) } while takes(",")
    try take("]")
    return numbers
  }

  private mutating func readNumber() throws(SafeTensorsError) -> Int {
    skipBlanks()
    let start = position
    var value = 0
    while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
      let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) = tenfold.addingReportingOverflow(Int(digit))
      guard !overflows, !overflowsToo else {
        throw fault(at: start, found: "a number beyond 64 bits", expected: "a size or an offset within a file")
      }
      value = sum
      position += 1
    }
    let hasLeadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
    guard position > start, !hasLeadingZero else { throw fault(at: start, expected: "a whole number of at least 0") }
    return value
  }

  mutating func readString() throws(SafeTensorsError) -> String {
    try take("\"")
    let start = position
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      guard byte >= 0x20 else { break }
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw fault(at: start, found: "invalid UTF-8", expected: "text")
        }
        return string
      case UInt8(ascii: "\\"): text += try readEscape().utf8
      default: text.append(byte)
      }
    }
    throw fault(expected: "the rest of the string that starts at byte \(offset + start), and its closing quote")
  }

  /// Reads the escape after a backslash.
  private mutating func readEscape() throws(SafeTensorsError) -> String {
    let start = position - 1
    let byte = position < bytes.count ? bytes[position] : 0
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var units = [try readCodeUnit(start)]
      if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: Array("\\u".utf8)) {
        position += 2
        units.append(try readCodeUnit(start))
      }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw fault(at: start, found: "an unpaired surrogate", expected: "a whole character")
      }
      return text
    default: throw fault(at: start, expected: "a JSON escape")
    }
  }

  private mutating func readCodeUnit(_ start: Int) throws(SafeTensorsError) -> UInt16 {
    let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
    guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt16(digits, radix: 16) else {
      throw fault(at: start, expected: "\\u and four hexadecimal digits")
    }
    position += 4
    return unit
  }

  mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
  }

  /// Skips a character if it is the next one.
  private mutating func takes(_ character: UnicodeScalar) -> Bool {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func take(_ character: UnicodeScalar) throws(SafeTensorsError) {
    guard takes(character) else { throw fault(expected: "\(character)") }
  }

  // MARK: Errors

  /// An error at a position in the header; nil for the current one.
  func fault(at start: Int? = nil, found: String? = nil, expected: String) -> SafeTensorsError {
    let start = start ?? position
    return SafeTensorsError(
      .malformed, path: path, offset: offset + start, found: found ?? name(ofByteAt: start), expected: expected)
  }

  private func name(ofByteAt index: Int) -> String {
    guard index < bytes.count else { return "the end of the header" }
    let byte = bytes[index]
    return 0x21...0x7e ~= byte ? "\(UnicodeScalar(byte))" : "the byte 0x" + String(byte, radix: 16)
  }
}
