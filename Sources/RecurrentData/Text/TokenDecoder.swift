extension Vocabulary {
  /// A decoder for tokens that come one by one.
  ///
  /// - Complexity: O(1).
  public func makeDecoder() -> TokenDecoder { TokenDecoder(self) }
}

/// Gives the text of tokens as they come, whole characters of UTF-8 at a time.
///
/// ```swift
/// var decoder = vocabulary.makeDecoder()
/// for token in tokens { print(decoder.next(token), terminator: "") }
/// print(decoder.finish())
/// ```
///
/// All pieces together are what ``Vocabulary/decode(_:)`` gives. Bytes are held back until their scalar is complete; other
/// tokens are complete by themselves.
public struct TokenDecoder: Sendable {
  private let vocabulary: Vocabulary
  private var held = UTF8Scalar()

  init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// The text that one more token completes; empty if more has to come.
  ///
  /// - Parameter token: an index.
  /// - Precondition: it lies in the vocabulary.
  /// - Complexity: O(1).
  public mutating func next(_ token: Int) -> String {
    if vocabulary.unit != .byte { return vocabulary[token] }
    let byte = vocabulary.byte(token)
    var text = ""
    if !held.append(byte) {
      text = finish()
      if !held.append(byte) { return text + "\u{FFFD}" }
    }
    if held.isComplete {
      text += String(decoding: held.bytes, as: UTF8.self)
      held.removeAll()
    }
    return text
  }

  /// What was held back and is not going to be complete: U+FFFD, or nothing.
  ///
  /// - Complexity: O(1).
  public mutating func finish() -> String {
    if held.isEmpty { return "" }
    held.removeAll()
    return "\u{FFFD}"
  }
}
