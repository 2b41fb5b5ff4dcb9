extension SafeTensors {
  /// The header of a file.
  struct Header {
    /// Free text by name.
    var metadata: [String: String] = [:]
    /// The entry of each tensor.
    var entries: [TensorEntry] = []
  }

  /// A tensor's name, element type, shape and bytes.
  struct TensorEntry {
    let name: String
    /// The format's name for the elements, as in `F32`.
    let typeName: String
    let shape: [Int]
    /// The byte range of the tensor, from the end of the header.
    let range: Range<Int>

    /// The element type; nil if it is not converted to floats.
    var type: ElementType? { ElementType(rawValue: typeName) }
  }

  /// The element types that are converted to floats; whole numbers only in files of reduced weights.
  enum ElementType: String {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case brainFloat16 = "BF16"
    case int8 = "I8"

    /// The size of an element in bytes.
    var size: Int {
      switch self {
      case .float64: 8
      case .float32: 4
      case .float16, .brainFloat16: 2
      case .int8: 1
      }
    }
  }
}

/// Reads the header of a safetensors file.
///
/// A header is a JSON object of this form and no other:
///
/// ```
/// {"__metadata__": {"name": "text", …}, "tensor": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
/// ```
///
/// A general JSON decoder would be slower, would silently pick one of two tensors with the same name, and could not
/// report offsets.
struct SafeTensorsHeaderReader {
  let bytes: [UInt8]
  let path: String
  /// The header's offset in the file.
  let offset: Int
  /// The number of bytes after the header.
  let available: Int
  var position = 0

  /// A reader of the header at `offset` of a file, with `available` bytes after it.
  init(_ bytes: [UInt8], path: String, offset: Int, available: Int) {
    self.bytes = bytes
    self.path = path
    self.offset = offset
    self.available = available
  }

  /// Reads the whole header.
  mutating func read() throws(SafeTensorsError) -> SafeTensors.Header {
    guard bytes.first == UInt8(ascii: "{") else { throw fault(expected: "{ at the start of the header") }
    var header = SafeTensors.Header()
    var names: Set<String> = []
    try readObject { (reader, name, start) throws(SafeTensorsError) in
      guard names.insert(name).inserted else {
        throw reader.fault(at: start, found: "duplicate name \(quoted(name))", expected: "unique names")
      }
      if name == SafeTensors.metadataName {
        header.metadata = try reader.readMetadata()
      } else {
        header.entries.append(try reader.readEntry(name))
      }
    }
    skipBlanks()
    guard position == bytes.count else { throw fault(expected: "nothing but spaces after the header's object") }
    return header
  }

  // MARK: Entries

  private mutating func readMetadata() throws(SafeTensorsError) -> [String: String] {
    var words: [String: String] = [:]
    try readObject { (reader, name, start) throws(SafeTensorsError) in
      guard words.updateValue(try reader.readString(), forKey: name) == nil else {
        throw reader.fault(at: start, found: "duplicate name \(quoted(name))", expected: "unique names")
      }
    }
    return words
  }

  private mutating func readEntry(_ name: String) throws(SafeTensorsError) -> SafeTensors.TensorEntry {
    let start = position
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try readObject { (reader, key, start) throws(SafeTensorsError) in
      switch key {
      case "dtype" where typeName == nil: typeName = try reader.readString()
      case "shape" where shape == nil: shape = try reader.readNumbers()
      case "data_offsets" where offsets == nil: offsets = try reader.readNumbers()
      default:
        throw reader.fault(
          at: start, found: "\(quoted(key)) in \(quoted(name))",
          expected: "dtype, shape and data_offsets, each once")
      }
    }
    guard let typeName, let shape, let offsets else {
      throw fault(
        at: start, found: "\(quoted(name)) with missing entries", expected: "dtype, shape and data_offsets")
    }
    let range = try range(name, typeName: typeName, shape: shape, offsets: offsets, start: start)
    return SafeTensors.TensorEntry(name: name, typeName: typeName, shape: shape, range: range)
  }

  /// The byte range of a tensor, after checking that type, shape and offsets agree.
  private func range(
    _ name: String, typeName: String, shape: [Int], offsets: [Int], start: Int
  ) throws(SafeTensorsError) -> Range<Int> {
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw fault(
        at: start, found: "\(quoted(name)) at \(shapeText(offsets))", expected: "a start and an end, in this order")
    }
    guard offsets[1] <= available else {
      throw fault(
        at: start, found: "\(quoted(name)) at \(shapeText(offsets))",
        expected: "an end within the \(available) bytes after the header")
    }
    // An unknown type may be a future one: its size cannot be checked.
    guard let bitWidth = SafeTensors.bitWidths[typeName] else { return offsets[0]..<offsets[1] }
    guard let size = SafeTensors.byteCount(of: shape, bitWidth: bitWidth) else {
      throw fault(
        at: start, found: "\(quoted(name)) of shape \(shapeText(shape))",
        expected: "a size in whole bytes that fits into 64 bits")
    }
    guard size == offsets[1] - offsets[0] else {
      throw fault(
        at: start, found: "\(quoted(name)) with \(offsets[1] - offsets[0]) bytes",
        expected: "\(size) for \(typeName) of shape \(shapeText(shape))")
    }
    return offsets[0]..<offsets[1]
  }
}
