/// The inputs of a dataset's sequences at each step.
///
/// Values keep their type: bytes stay bytes (a fourth of the memory) and are scaled when a tile of samples is loaded
/// into the network; a token is one number, not a one-hot row.
public enum SequenceInputs: Sendable, Equatable {
  /// A row of features, each `scale` times its byte; 1/255 maps pixels to 0...1.
  case bytes([UInt8], scale: Float, features: Int)
  /// A row of features.
  case floats([Float], features: Int)
  /// One of `count` tokens, numbered from 0.
  case tokens([Int32], count: Int)

  /// The number of features of a step, or the size of the vocabulary.
  public var size: Int {
    switch self {
    case .bytes(_, _, let size), .floats(_, let size), .tokens(_, let size): size
    }
  }

  /// Whether a step holds a token.
  public var areTokens: Bool {
    if case .tokens = self { return true }
    return false
  }

  /// The number of values of a step in memory.
  var valuesPerStep: Int { areTokens ? 1 : size }

  /// The total number of values.
  var valueCount: Int {
    switch self {
    case .bytes(let bytes, _, _): bytes.count
    case .floats(let floats, _): floats.count
    case .tokens(let tokens, _): tokens.count
    }
  }
}
