import RecurrentSupport

/// What is wrong with a text, in one line: where it is from, what was found and what was expected.
public struct TextError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, or what else the text is from.
  public let path: String
  /// What was found, and where.
  public let found: String
  /// What was expected in its place.
  public let expected: String
  /// Whether a file is missing or cannot be read.
  public let isMissing: Bool

  /// Where the text is from, what was found and what was expected.
  public var description: String { "\(path.shown()): found \(found), expected \(expected)" }

  init(path: String, found: String, expected: String, isMissing: Bool = false) {
    self.path = path
    self.found = found
    self.expected = expected
    self.isMissing = isMissing
  }

  /// An error for a byte, or a unit of two bytes, that an encoding does not have there.
  init<Unit: FixedWidthInteger>(path: String, at index: Int, in units: [Unit], expected: String) {
    let unit = units[index]
    let digits = String(unit, radix: 16, uppercase: true)
    let size = MemoryLayout<Unit>.size
    let number = "0x" + String(repeating: "0", count: 2 * size - digits.count) + digits
    let line = lineNumbers(of: [index], in: units)[0]
    self.init(
      path: path, found: "\(size == 1 ? "byte" : "unit") \(number) at offset \(index * size), line \(line)",
      expected: expected)
  }
}
