import RecurrentSupport

extension Vocabulary {
  /// A text as tokens.
  ///
  /// - Parameter text: the text.
  /// - Returns: the indices of its tokens; a word that is no token is spelled.
  /// - Throws: ``VocabularyError`` with all that is no token, and where.
  /// - Complexity: O(length).
  public func encode(_ text: String) throws(VocabularyError) -> [Int] {
    let (tokens, leftOut) = encodeKnown(text)
    if !leftOut.isEmpty { throw VocabularyError(leftOut, vocabulary: self) }
    return tokens
  }

  /// A text as tokens, without what is no token.
  ///
  /// - Parameter text: the text.
  /// - Returns: the indices of its tokens, and what was left out, in the order of its first occurrence.
  /// - Complexity: O(length).
  public func encodeKnown(_ text: String) -> (tokens: [Int], leftOut: [VocabularyError.Unknown]) {
    let (indices, leftOut) = encodeCompact(text)
    return (indices.map { Int($0) }, leftOut)
  }

  /// The same in half the memory, for whole books.
  func encodeCompact(_ text: String) -> (tokens: [Int32], leftOut: [VocabularyError.Unknown]) {
    var tokens: [Int32] = []
    var unknown: [VocabularyError.Unknown] = []
    var positions: [Spelling: Int] = [:]
    var offset = 0
    func take(_ piece: String, at offset: Int) {
      let spelling = Spelling(piece)
      if let index = index(of: spelling) {
        tokens.append(index)
      } else if let position = positions[spelling] {
        unknown[position].count += 1
      } else {
        positions[spelling] = unknown.count
        unknown.append(VocabularyError.Unknown(spelling: piece, count: 1, offset: offset, line: 0))
      }
    }
    unit.eachPiece(of: text) { piece, byteCount in
      if unit == .word && index(of: Spelling(piece)) == nil {
        var offset = offset
        for character in piece {
          take(String(character), at: offset)
          offset += character.utf8.count
        }
      } else {
        take(piece, at: offset)
      }
      offset += byteCount
    }
    for (position, line) in lineNumbers(of: unknown.map(\.offset), in: text.utf8).enumerated() {
      unknown[position].line = line
    }
    return (tokens, unknown)
  }

  /// The text of some tokens.
  ///
  /// Bytes that are no UTF-8, as a network may write them, appear as U+FFFD.
  ///
  /// - Parameter tokens: indices.
  /// - Precondition: they lie in `0..<count`.
  /// - Complexity: O(tokens).
  public func decode(_ tokens: some Sequence<some BinaryInteger>) -> String {
    if unit == .byte { return String(decoding: tokens.map { byte(Int($0)) }, as: UTF8.self) }
    var text = ""
    for token in tokens { text += self[Int(token)] }
    return text
  }

  /// The byte that a token is, in a vocabulary of bytes.
  func byte(_ token: Int) -> UInt8 {
    self[token].unicodeScalars.first.flatMap { UInt8(exactly: $0.value) } ?? 0
  }
}

/// What a vocabulary lacks of a text, in one line.
///
/// ```
/// found 2 characters that are not in the vocabulary: "é" (line 3), "ü" (line 7, 4 times); expected its 65
/// ```
public struct VocabularyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A character, scalar or byte that is no token.
  public struct Unknown: Hashable, Sendable {
    /// Its text; a byte as the scalar of the same number.
    ///
    /// Never a word: one that is no token is spelled.
    public let spelling: String
    /// How often it occurs.
    public internal(set) var count: Int
    /// Where it first occurs, in bytes of UTF-8 from 0.
    public let offset: Int
    /// The line in which it first occurs, from 1.
    public internal(set) var line: Int
  }

  /// All that was found, in the order of its first occurrence.
  public let unknown: [Unknown]
  /// What was found, and where.
  public let found: String
  /// What was expected in its place.
  public let expected: String

  /// What was found and what was expected.
  public var description: String { "found \(found), expected \(expected)" }

  init(_ unknown: [Unknown], vocabulary: Vocabulary) {
    self.unknown = unknown
    let unit = vocabulary.unit == .word ? "character" : vocabulary.unit.rawValue
    let shown = unknown.prefix(Self.mostShown).map { item in
      let scalar = item.spelling.unicodeScalars.first?.value ?? 0
      let text =
        vocabulary.unit == .byte
        ? "0x" + String(scalar, radix: 16, uppercase: true) : "\"\(item.spelling.shown(limit: 40))\""
      return text + " (line \(item.line)" + (item.count > 1 ? ", \(item.count) times)" : ")")
    }
    let rest = unknown.count - shown.count
    found =
      "\(quantity(unknown.count, unit)) that the vocabulary lacks: " + shown.joined(separator: ", ")
      + (rest > 0 ? " and \(rest) more" : "")
    expected = "only what its \(quantity(vocabulary.count, "token")) can spell"
  }

  private static let mostShown = 12
}
