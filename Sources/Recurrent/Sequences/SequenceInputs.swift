/// What the sequences of a dataset hold at each step.
///
/// Values are kept as they came: bytes stay bytes (a fourth of the memory) and are scaled when a tile of samples is loaded
/// into the network; a token is one number, not a row of zeros with a single 1.
public enum SequenceInputs: Sendable, Equatable {
  /// A row of features, each worth `scale` times its byte; 1/255 makes pixels run from 0 to 1.
  case bytes([UInt8], scale: Float, features: Int)
  /// A row of features.
  case floats([Float], features: Int)
  /// One of `count` tokens, numbered from 0.
  case tokens([Int32], count: Int)

  /// The number of features of a step, or of different tokens.
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

  /// Values of a step in memory.
  var valuesPerStep: Int { areTokens ? 1 : size }

  /// Values in all.
  var valueCount: Int {
    switch self {
    case .bytes(let bytes, _, _): bytes.count
    case .floats(let floats, _): floats.count
    case .tokens(let tokens, _): tokens.count
    }
  }
}
