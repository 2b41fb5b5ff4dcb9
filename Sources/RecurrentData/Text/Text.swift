import Recurrent
import RecurrentSupport

/// A text as tokens, for networks that predict the next one: its vocabulary, and what is learned from and measured on.
///
/// ```swift
/// let text = try Text(contentsOf: "book.txt", unit: .character)
/// for window in text.training.windows(of: 50, streams: 50) { … }
/// ```
///
/// Line ends stay as they are. A byte-order mark at the beginning is left out.
public struct Text: Sendable {
  /// The different tokens, of both parts; a token is its index here.
  public let vocabulary: Vocabulary
  /// The first part, to be learned from.
  public let training: TokenSequence
  /// The rest, to be measured on.
  public let validation: TokenSequence
  /// What was left out since the vocabulary lacks it.
  public let leftOut: [VocabularyError.Unknown]
  /// How many lines end with CR LF, as in files from Windows.
  public let crlfCount: Int

  // MARK: With its own vocabulary

  /// A text whose tokens make the vocabulary.
  ///
  /// - Parameters:
  ///   - source: the text.
  ///   - unit: what a token is.
  ///   - vocabularyLimit: how many tokens a vocabulary of words may have, as in ``Vocabulary/init(of:unit:limit:)``.
  ///   - validationFraction: how much of it, from its end, is measured on and not learned from.
  /// - Throws: ``TextError`` if the text has fewer than two tokens, has no two different ones, or has more characters
  ///   than the limit allows.
  /// - Precondition: the fraction lies in `0..<1`; only words have a limit.
  /// - Complexity: O(length).
  public init(
    _ source: TextSource, unit: Vocabulary.Unit = .character, vocabularyLimit: Int? = nil,
    validationFraction: Double = 0.1
  ) throws(TextError) {
    let vocabulary: Vocabulary
    do throws(InputError) {
      vocabulary = try Vocabulary(of: source.string, unit: unit, limit: vocabularyLimit)
    } catch {
      throw TextError(path: source.name, found: error.found, expected: error.expected)
    }
    try self.init(source, vocabulary: vocabulary, validationFraction: validationFraction)
    guard vocabulary.count >= 2 else {
      throw TextError(
        path: source.name, found: "a text of \"\(vocabulary[0].shown())\" alone",
        expected: "at least 2 different tokens")
    }
  }

  /// A text in memory whose tokens make the vocabulary.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - unit: what a token is.
  ///   - validationFraction: how much of it, from its end, is measured on and not learned from.
  /// - Throws: ``TextError`` if the text has fewer than two tokens.
  /// - Precondition: the fraction lies in `0..<1`.
  /// - Complexity: O(length).
  public init(_ text: String, unit: Vocabulary.Unit = .character, validationFraction: Double = 0.1) throws(TextError) {
    try self.init(TextSource(text), unit: unit, validationFraction: validationFraction)
  }

  /// The text of a file; its tokens make the vocabulary.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - unit: what a token is.
  ///   - encoding: how its bytes stand for characters.
  ///   - validationFraction: how much of it, from its end, is measured on and not learned from.
  /// - Throws: ``TextError`` if the file cannot be read, is not of this encoding, or has fewer than two tokens.
  /// - Precondition: the fraction lies in `0..<1`.
  /// - Complexity: O(size) of the file.
  public init(
    contentsOf path: String, unit: Vocabulary.Unit = .character, encoding: TextEncoding = .utf8,
    validationFraction: Double = 0.1
  ) throws(TextError) {
    try self.init(contentsOf: [path], unit: unit, encoding: encoding, validationFraction: validationFraction)
  }

  /// The text of several files, in this order with nothing between them; its tokens make the vocabulary.
  ///
  /// - Parameters:
  ///   - paths: the files.
  ///   - unit: what a token is.
  ///   - encoding: how their bytes stand for characters.
  ///   - validationFraction: how much of it, from its end, is measured on and not learned from.
  /// - Throws: ``TextError`` if a file cannot be read or is not of this encoding, or there are fewer than two tokens.
  /// - Precondition: the fraction lies in `0..<1`.
  /// - Complexity: O(size) of the files.
  public init(
    contentsOf paths: [String], unit: Vocabulary.Unit = .character, encoding: TextEncoding = .utf8,
    validationFraction: Double = 0.1
  ) throws(TextError) {
    try self.init(
      TextSource(contentsOf: paths, encoding: encoding), unit: unit, validationFraction: validationFraction)
  }

  // MARK: With the vocabulary of a model

  /// A text in the tokens of a vocabulary there is, such as a model's.
  ///
  /// To learn from a text with other characters, let the vocabulary grow first: ``Vocabulary/grow(by:limit:)``.
  ///
  /// - Parameters:
  ///   - source: the text.
  ///   - vocabulary: the tokens.
  ///   - leavingOutUnknown: whether what the vocabulary lacks is left out, and listed in ``leftOut``, or refused.
  ///   - validationFraction: how much of it, from its end, is measured on and not learned from.
  /// - Throws: ``TextError`` if the vocabulary lacks some of it, or if the text has fewer than two tokens.
  /// - Precondition: the fraction lies in `0..<1`.
  /// - Complexity: O(length).
  public init(
    _ source: TextSource, vocabulary: Vocabulary, leavingOutUnknown: Bool = false, validationFraction: Double = 0.1
  ) throws(TextError) {
    require(
      (0..<1).contains(validationFraction), "a validation fraction lies in 0..<1; found \(validationFraction)")
    let (tokens, unknown) = vocabulary.encodeCompact(source.string)
    if !leavingOutUnknown && !unknown.isEmpty {
      let error = VocabularyError(unknown, vocabulary: vocabulary)
      throw TextError(path: source.name, found: error.found, expected: error.expected)
    }
    guard tokens.count >= 2 else {
      throw TextError(
        path: source.name, found: "a text of \(quantity(tokens.count, "token"))",
        expected: "at least 2, one to read and one to predict")
    }
    let split = max(2, tokens.count - Int(Double(tokens.count) * validationFraction))
    self.vocabulary = vocabulary
    training = TokenSequence(tokens[..<split], vocabulary: vocabulary)
    validation = TokenSequence(tokens[split...], vocabulary: vocabulary)
    leftOut = unknown
    crlfCount = source.crlfCount
  }
}
