import RecurrentSupport

/// Named tensors and a few words about them, as the safetensors format holds them.
///
/// A file is the length of its header (8 bytes, little-endian), a JSON header that says where each tensor lies, and the
/// tensors' bytes, back to back. PyTorch, JAX, MLX, candle and others read and write it.
///
/// Source: the format's description at <https://github.com/huggingface/safetensors>.
public struct SafeTensors: Sendable, Equatable {
  /// The tensors under their names.
  public var tensors: [String: Tensor]
  /// Free text under free names.
  public var metadata: [String: String]
  /// The names and element types of the tensors of a file that were not read because their elements do not become
  /// floats, such as `num_batches_tracked` and `I64`.
  ///
  /// They are not written again.
  public internal(set) var skipped: [String: String] = [:]

  /// Tensors that are to be written.
  ///
  /// - Parameters:
  ///   - tensors: the tensors under their names, of any shapes; none is called `__metadata__`.
  ///   - metadata: free text under free names, which readers may pass over.
  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// What is wrong with a safetensors file, in one line.
public struct SafeTensorsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Kinds of faults.
  public enum Kind: Equatable, Sendable {
    /// There is no such file.
    case missing
    /// The file cannot be opened or read.
    case unreadable
    /// The file's bytes are not what the format asks for.
    case malformed
    /// The file is sound but holds something this reader or this network has no use for.
    case unsuitable
  }

  /// What kind of fault it is.
  public let kind: Kind
  /// The file.
  public let path: String
  /// Where in the file, in bytes, as far as that says anything.
  public let offset: Int?
  /// What was found.
  public let found: String
  /// What was expected instead.
  public let expected: String

  /// A fault of a file.
  ///
  /// - Parameters:
  ///   - kind: what kind of fault it is.
  ///   - path: the file.
  ///   - offset: where in the file, in bytes; nil where that says nothing.
  ///   - found: what was found, as in `no such file`; made fit to be shown.
  ///   - expected: what was expected instead; made fit to be shown.
  init(_ kind: Kind, path: String, offset: Int? = nil, found: String, expected: String) {
    self.kind = kind
    self.path = path
    self.offset = offset
    // What files bring is shown in pieces; this is for the piece that was forgotten.
    self.found = found.shown(limit: 400)
    self.expected = expected.shown(limit: 400)
  }

  /// Which file, where, what was found and what was expected.
  public var description: String {
    let place = offset.map { " at byte \($0)" } ?? ""
    return "\(path.shown(limit: 1000))\(place): found \(found), expected \(expected)"
  }
}
