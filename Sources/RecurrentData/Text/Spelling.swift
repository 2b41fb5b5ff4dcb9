/// The text of a token, equal only to the same scalars.
///
/// Strings are equal if their characters look the same: é as one scalar equals é as two, and the ångström sign equals
/// the letter Å. With tokens that were equal in this way, decoding would not give back what was encoded.
struct Spelling: Hashable, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    // No text of UTF-8 has this byte: it ends the text, where several are hashed in a row.
    hasher.combine(0xFF as UInt8)
  }
}
