extension Vocabulary {
  /// What a token is.
  public enum Unit: String, Sendable, Hashable, Codable, CaseIterable {
    /// What a reader sees as one character, with all its accents (an extended grapheme cluster); CR LF is one, too.
    case character
    /// A Unicode scalar.
    case scalar
    /// A byte of UTF-8.
    case byte
    /// A word, a line end, or what stands between them: `"don't stop,\n"` is `don't`, a space, `stop`, `,` and `\n`.
    ///
    /// A word is a run of letters, digits and `_`, with apostrophes between them. Languages that put no space between
    /// words are better read by characters: a whole clause would be one word.
    case word
  }
}

extension Vocabulary.Unit {
  /// The unit in the plural, for messages.
  package var plural: String { "\(rawValue)s" }

  /// Calls `body` with each piece of a text and its length in bytes of UTF-8; the lengths add up to that of the text.
  ///
  /// A byte's piece is the scalar of the same number, U+0000 … U+00FF.
  func eachPiece(of text: String, _ body: (String, _ byteCount: Int) -> Void) {
    func give(_ piece: String) { body(piece, piece.utf8.count) }
    switch self {
    case .character: for character in text { give(String(character)) }
    case .scalar: for scalar in text.unicodeScalars { give(String(scalar)) }
    case .byte: for byte in text.utf8 { body(String(Unicode.Scalar(byte)), 1) }
    case .word: Self.eachWord(of: text) { give(String($0)) }
    }
  }

  /// Calls `body` with the words of a text, its line ends, and what stands between them.
  private static func eachWord(of text: String, _ body: (Substring) -> Void) {
    var start = text.startIndex
    while start < text.endIndex {
      let isWord = text[start].isPartOfWord
      var end = text.index(after: start)
      while !text[start].isNewline && end < text.endIndex && !text[end].isNewline {
        let next = text.index(after: end)
        let joins = isWord && "'’".contains(text[end]) && next < text.endIndex && text[next].isPartOfWord
        if isWord != (text[end].isPartOfWord || joins) { break }
        end = next
      }
      body(text[start..<end])
      start = end
    }
  }
}

extension Character {
  fileprivate var isPartOfWord: Bool { isLetter || isNumber || self == "_" }
}
