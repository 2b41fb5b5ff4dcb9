/// The bytes of one scalar of UTF-8, as they come.
///
/// Source: *The Unicode Standard*, table 3-7, well-formed byte sequences.
struct UTF8Scalar: Sendable {
  private(set) var bytes: [UInt8] = []
  private var length = 0

  var isEmpty: Bool { bytes.isEmpty }
  var isComplete: Bool { !isEmpty && bytes.count == length }

  /// Takes the next byte; false, and nothing is taken, if it cannot follow those there are.
  mutating func append(_ byte: UInt8) -> Bool {
    switch (bytes.count, bytes.first ?? byte) {
    case (0, 0x00...0x7F): length = 1
    case (0, 0xC2...0xDF): length = 2
    case (0, 0xE0...0xEF): length = 3
    case (0, 0xF0...0xF4): length = 4
    case (0, _): return false
    // Shorter forms, surrogates and what lies beyond U+10FFFF are excluded by the second byte.
    case (1, 0xE0) where byte < 0xA0, (1, 0xED) where byte > 0x9F, (1, 0xF0) where byte < 0x90,
      (1, 0xF4) where byte > 0x8F:
      return false
    default: if isComplete || byte & 0xC0 != 0x80 { return false }
    }
    bytes.append(byte)
    return true
  }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
