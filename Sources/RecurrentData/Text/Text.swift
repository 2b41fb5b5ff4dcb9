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
  /// What a token is.
  public enum Unit: String, Sendable, CaseIterable {
    /// What a reader sees as one character, with all its accents (an extended grapheme cluster).
    case character
    /// A Unicode scalar.
    case scalar
    /// A byte of UTF-8.
    case byte
  }

  /// What a token is.
  public let unit: Unit
  /// The different tokens, in the order in which they first occur; a token is its position here.
  public let vocabulary: [String]
  /// The first part, to be learned from.
  public let training: TokenSequence
  /// The rest, to be measured on.
  public let validation: TokenSequence

  /// A text in memory.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - unit: what a token is.
  ///   - validationFraction: how much of it, from its end, is measured on and not learned from.
  /// - Throws: `InputError` if the text has fewer than two tokens.
  /// - Precondition: the fraction lies in `0..<1`.
  /// - Complexity: O(length).
  public init(_ text: String, unit: Unit = .character, validationFraction: Double = 0.1) throws(InputError) {
    require((0..<1).contains(validationFraction), "a fraction lies in 0..<1; found \(validationFraction)")
    let text = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
    let pieces: [String] =
      switch unit {
      case .character: text.map { String($0) }
      case .scalar: text.unicodeScalars.map { String($0) }
      case .byte: text.utf8.map { String($0) }
      }
    guard pieces.count >= 2 else {
      throw InputError(
        .size, found: "a text of \(quantity(pieces.count, "token"))",
        expected: "at least 2, one to read and one to predict")
    }
    var indices: [String: Int32] = [:]
    var vocabulary: [String] = []
    let tokens = pieces.map { piece in
      if let index = indices[piece] { return index }
      let index = Int32(vocabulary.count)
      indices[piece] = index
      vocabulary.append(piece)
      return index
    }
    self.unit = unit
    self.vocabulary = vocabulary
    let split = max(2, tokens.count - Int(Double(tokens.count) * validationFraction))
    training = TokenSequence(Array(tokens[..<split]), tokenCount: vocabulary.count)
    validation = TokenSequence(Array(tokens[split...]), tokenCount: vocabulary.count)
  }

  /// A text from a file in UTF-8.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - unit: what a token is.
  ///   - validationFraction: how much of it, from its end, is measured on and not learned from.
  /// - Throws: ``TextError`` if the file cannot be read, is no UTF-8, or has fewer than two tokens.
  /// - Precondition: the fraction lies in `0..<1`.
  /// - Complexity: O(size) of the file.
  public init(contentsOf path: String, unit: Unit = .character, validationFraction: Double = 0.1) throws(TextError) {
    let bytes = try TextError.bytes(of: path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TextError(path: path, invalid: bytes)
    }
    do throws(InputError) {
      try self.init(text, unit: unit, validationFraction: validationFraction)
    } catch {
      throw TextError(path: path, found: error.found, expected: error.expected)
    }
  }

  /// The text of some tokens.
  ///
  /// - Parameter tokens: positions in the vocabulary.
  /// - Precondition: they lie within it.
  /// - Complexity: O(tokens).
  public func string(of tokens: some Sequence<Int>) -> String {
    let pieces = tokens.map { vocabulary[$0] }
    if unit != .byte { return pieces.joined() }
    return String(decoding: pieces.compactMap { UInt8($0) }, as: UTF8.self)
  }
}

/// Tokens in a row, cut into windows of parallel streams.
public struct TokenSequence: Sendable {
  /// The tokens.
  public let tokens: [Int32]
  /// Tokens lie in `0..<tokenCount`.
  public let tokenCount: Int

  init(_ tokens: [Int32], tokenCount: Int) {
    self.tokens = tokens
    self.tokenCount = tokenCount
  }

  /// Windows of some steps, one after the other, of streams that read different parts of the text side by side.
  ///
  /// ```
  /// stream s of S begins at token s · L, L = (number of tokens - 1) / S; the target of each step is the next token
  /// ```
  ///
  /// Each window goes on where the one before has ended, so that states can be carried along. What does not fill a window
  /// at the end of the streams is left out; a text shorter than a window of all streams is read in fewer streams, and in
  /// a shorter window if it is shorter than one.
  ///
  /// - Parameters:
  ///   - steps: steps of a window.
  ///   - streams: how many streams are read side by side.
  /// - Returns: the windows; none of fewer than two tokens.
  /// - Precondition: `steps` and `streams` are positive.
  /// - Complexity: O(tokens): they are put in the order of the windows once.
  public func windows(of steps: Int, streams: Int) -> [SequenceBatch] {
    require(steps > 0 && streams > 0, "windows have steps and streams; found \(steps) and \(streams)")
    let predicted = tokens.count - 1
    if predicted < 1 { return [] }
    let size = min(steps, predicted)
    let streamCount = min(streams, predicted / size)
    let length = predicted / streamCount
    let windowCount = length / size
    var (inputs, targets): ([Int32], [Int32]) = ([], [])
    inputs.reserveCapacity(windowCount * streamCount * size)
    targets.reserveCapacity(windowCount * streamCount * size)
    for window in 0..<windowCount {
      for stream in 0..<streamCount {
        let first = stream * length + window * size
        inputs += tokens[first..<first + size]
        targets += tokens[first + 1..<first + size + 1]
      }
    }
    let data = require {
      try SequenceDataset(
        .tokens(inputs, count: tokenCount), targets: .classes(targets, count: tokenCount, everyStep: true),
        stepCount: size, count: windowCount * streamCount)
    }
    return Array(data.batches(of: streamCount))
  }
}
