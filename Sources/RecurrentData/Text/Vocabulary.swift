import Recurrent
import RecurrentSupport

/// The different tokens of a text, each at an index: what turns text into the numbers that a network reads, and back.
///
/// ```swift
/// let vocabulary = try Vocabulary(of: "abracadabra", unit: .character)
/// vocabulary.tokens                                // a, b, r, c, d
/// vocabulary.decode(try vocabulary.encode("bad"))  // bad
/// ```
///
/// Encoding and decoding gives back the same text, scalar for scalar. As JSON it is the unit and the tokens in order:
///
/// ```json
/// {"unit": "character", "tokens": ["a", "b", "r", "c", "d"]}
/// ```
///
/// Vocabularies are equal if they have the same unit and the same tokens in the same order.
public struct Vocabulary: Sendable, Hashable {
  /// What a token is.
  public let unit: Unit
  private(set) var spellings: [Spelling] = []
  private var indices: [Spelling: Int32] = [:]

  /// How many tokens there are.
  public var count: Int { spellings.count }

  /// All tokens, in order; a byte is written as the scalar of the same number, U+0000 … U+00FF.
  ///
  /// - Complexity: O(``count``).
  public var tokens: [String] { spellings.map(\.text) }

  /// The tokens of a text, in the order in which they first occur.
  ///
  /// A vocabulary of words holds all single characters of the text as well, so that other words can be spelled.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - unit: what a token is.
  ///   - limit: how many tokens a vocabulary of words may have, characters included: the most frequent words are kept,
  ///     the earlier of equally frequent ones, and the others are spelled; nil for all words.
  /// - Throws: `InputError` if there are more characters than the limit allows.
  /// - Precondition: only words have a limit.
  /// - Complexity: O(length), for words with a limit O(length + words · log words).
  public init(of text: String, unit: Unit, limit: Int? = nil) throws(InputError) {
    self.unit = unit
    try grow(by: text, limit: limit)
  }

  /// A vocabulary of given tokens.
  ///
  /// - Parameters:
  ///   - tokens: the tokens, in order; bytes as ``tokens`` has them.
  ///   - unit: what a token is.
  /// - Throws: `InputError` if a token occurs twice, is empty, or is no scalar or byte where these are the units.
  /// - Complexity: O(tokens).
  public init(_ tokens: [String], unit: Unit) throws(InputError) {
    self.unit = unit
    for (index, token) in tokens.enumerated() {
      let fits =
        switch unit {
        case .character, .word: !token.isEmpty
        case .scalar: token.unicodeScalars.count == 1
        case .byte: token.unicodeScalars.count == 1 && token.unicodeScalars.allSatisfy { $0.value < 256 }
        }
      guard fits else {
        throw InputError(.token, found: "\"\(token.shown())\" as token \(index)", expected: "a \(unit.rawValue)")
      }
      let known = add(token)
      guard known == index else {
        throw InputError(
          .token, found: "\"\(token.shown())\" as token \(index) and \(known)", expected: "each token once")
      }
    }
  }

  /// The text of a token; a byte as ``tokens`` has it.
  ///
  /// - Parameter token: an index.
  /// - Precondition: it lies in `0..<count`.
  /// - Complexity: O(1).
  public subscript(token: Int) -> String {
    require(spellings.indices.contains(token), "tokens lie in 0..<\(count); found \(token)")
    return spellings[token].text
  }

  /// The index of a token; nil if it is none.
  ///
  /// - Parameter token: its text, with the same scalars; a byte as ``tokens`` has it.
  /// - Complexity: O(length).
  public func index(of token: String) -> Int? { index(of: Spelling(token)).map { Int($0) } }

  func index(of spelling: Spelling) -> Int32? { indices[spelling] }

  /// What a network may read before it writes, if nothing else is given: a line end, or, if there is none, the first
  /// token, with which the text began.
  ///
  /// The network then stands at the beginning of a line, or where it began to read in training. Empty only if the
  /// vocabulary is.
  ///
  /// - Complexity: O(1).
  public var defaultPrime: [Int] {
    let lineEnd = ["\n", "\r\n", "\r"].lazy.compactMap { index(of: $0) }.first
    return lineEnd.map { [$0] } ?? (count > 0 ? [0] : [])
  }

  // MARK: Growth

  /// Adds the tokens of another text that are new; those there are keep their indices.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - limit: how many tokens a vocabulary of words may then have, as in ``init(of:unit:limit:)``.
  /// - Returns: the indices of the new tokens, in the order in which they first occur; for words, characters that occur
  ///   only within words come last.
  /// - Throws: `InputError` if there are more characters than the limit allows; the vocabulary then stays as it was.
  /// - Precondition: only words have a limit.
  /// - Complexity: O(length), for words with a limit O(length + words · log words).
  @discardableResult
  public mutating func grow(by text: String, limit: Int? = nil) throws(InputError) -> Range<Int> {
    require(limit == nil || unit == .word, "only a vocabulary of words has a limit; found \(unit.plural)")
    let first = count
    if unit == .word {
      let kept = try newWords(of: text, limit: limit)
      unit.eachPiece(of: text) { piece, _ in
        if kept?.contains(Spelling(piece)) ?? true || indices[Spelling(piece)] != nil {
          add(piece)
        } else {
          for character in piece { add(String(character)) }
        }
      }
      for character in text { add(String(character)) }
    } else {
      unit.eachPiece(of: text) { piece, _ in add(piece) }
    }
    return first..<count
  }

  /// The new words that a limit leaves space for; nil if there is no limit.
  private func newWords(of text: String, limit: Int?) throws(InputError) -> Set<Spelling>? {
    guard let limit else { return nil }
    let characters = Set(text.map { Spelling(String($0)) }.filter { indices[$0] == nil })
    let space = limit - count - characters.count
    guard space >= 0 else {
      throw InputError(
        .size, found: "a limit of \(quantity(limit, "token"))",
        expected: "at least \(count + characters.count), for single characters"
          + (count > 0 ? " and known tokens" : ""))
    }
    var words: [Spelling: (count: Int, order: Int)] = [:]
    unit.eachPiece(of: text) { piece, _ in
      let word = Spelling(piece)
      if indices[word] != nil || characters.contains(word) { return }
      let order = words.count
      words[word, default: (0, order)].count += 1
    }
    let ranked = words.sorted { ($1.value.count, $0.value.order) < ($0.value.count, $1.value.order) }
    return characters.union(ranked.prefix(space).map(\.key))
  }

  /// The index of a token, which is new if it was none.
  @discardableResult
  private mutating func add(_ token: String) -> Int {
    let spelling = Spelling(token)
    if let index = indices[spelling] { return Int(index) }
    indices[spelling] = Int32(count)
    spellings.append(spelling)
    return count - 1
  }
}

extension Vocabulary: Codable {
  private enum CodingKeys: String, CodingKey { case unit, tokens }

  /// Reads a vocabulary.
  ///
  /// - Parameter decoder: holds its unit and its tokens.
  /// - Throws: `InputError` if the tokens do not fit; `DecodingError` for other values.
  /// - Complexity: O(tokens).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      container.decode([String].self, forKey: .tokens), unit: container.decode(Unit.self, forKey: .unit))
  }

  /// Writes the vocabulary: its unit and its tokens.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  /// - Complexity: O(tokens).
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(unit, forKey: .unit)
    try container.encode(tokens, forKey: .tokens)
  }
}
