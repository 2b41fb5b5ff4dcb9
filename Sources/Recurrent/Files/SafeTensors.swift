import RecurrentSupport

/// Named tensors and metadata, as in the safetensors format.
///
/// A file is the length of its header (8 bytes, little-endian), a JSON header with the offsets of each tensor, and the
/// tensors' bytes, back to back. PyTorch, JAX, MLX, candle and others read and write it.
///
/// Source: the format's description at <https://github.com/huggingface/safetensors>.
public struct SafeTensors: Sendable, Equatable {
  /// The tensors, by name.
  public var tensors: [String: Tensor]
  /// Free text, by name.
  public var metadata: [String: String]
  /// The names and element types of a file's tensors that were not read because their elements are not converted to
  /// floats, such as `num_batches_tracked` and `I64`.
  ///
  /// They are not written again.
  public internal(set) var skipped: [String: String] = [:]
  /// The element types of tensors in files, unless they are floats of 32 bits; values are whole numbers for `I8`.
  var elementTypes: [String: ElementType] = [:]

  /// Tensors to write.
  ///
  /// - Parameters:
  ///   - tensors: the tensors by name, of any shapes; none is named `__metadata__`.
  ///   - metadata: free text by name, which readers may ignore.
  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// An error about a safetensors file, in one line.
public struct SafeTensorsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Kinds of faults.
  public enum Kind: Equatable, Sendable {
    /// There is no such file.
    case missing
    /// The file cannot be opened or read.
    case unreadable
    /// The file's bytes do not follow the format.
    case malformed
    /// The file is valid but does not fit this reader or this network.
    case unsuitable
  }

  /// The kind of fault.
  public let kind: Kind
  /// The file.
  public let path: String
  /// The byte offset in the file, if there is one.
  public let offset: Int?
  /// What was found.
  public let found: String
  /// What was expected instead.
  public let expected: String

  /// A fault of a file.
  ///
  /// - Parameters:
  ///   - kind: the kind of fault.
  ///   - path: the file.
  ///   - offset: the byte offset in the file; nil if there is none.
  ///   - found: what was found, as in `no such file`; will be made printable.
  ///   - expected: what was expected instead; will be made printable.
  init(_ kind: Kind, path: String, offset: Int? = nil, found: String, expected: String) {
    self.kind = kind
    self.path = path
    self.offset = offset
    // Text from files is made printable where it is quoted; this covers any that was missed.
    self.found = found.shown(limit: 400)
    self.expected = expected.shown(limit: 400)
  }

  /// The file, the offset, what was found and what was expected.
  public var description: String {
    let location = offset.map { " at byte \($0)" } ?? ""
    return "\(path.shown(limit: 1000))\(location): found \(found), expected \(expected)"
  }
}
