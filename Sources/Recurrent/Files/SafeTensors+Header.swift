extension SafeTensors {
  /// What the header of a file says.
  struct Header {
    /// Free text under free names.
    var metadata: [String: String] = [:]
    /// Where each tensor lies.
    var places: [TensorPlace] = []
  }

  /// Where a tensor lies, and what its bytes mean.
  struct TensorPlace {
    let name: String
    /// The format's name for the elements, as in `F32`.
    let typeName: String
    let shape: [Int]
    /// The bytes of the tensor, counted from the end of the header.
    let range: Range<Int>

    /// What the elements are; nil if they don't become floats.
    var type: ElementType? { ElementType(rawValue: typeName) }
  }

  /// The kinds of elements that can become floats.
  enum ElementType: String {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case brainFloat16 = "BF16"

    /// The size of an element in bytes.
    var size: Int {
      switch self {
      case .float64: 8
      case .float32: 4
      case .float16, .brainFloat16: 2
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
/// A general JSON decoder would be slower, would take the one or the other of two tensors with the same name without a
/// word, and could not say where a fault is.
struct SafeTensorsHeaderReader {
  let bytes: [UInt8]
  let path: String
  /// The header's own place in the file.
  let offset: Int
  /// How many bytes the file has behind the header.
  let available: Int
  var position = 0

  /// A reader of the header that lies at `offset` of a file, with `available` bytes behind it.
  init(_ bytes: [UInt8], path: String, offset: Int, available: Int) {
    self.bytes = bytes
    self.path = path
    self.offset = offset
    self.available = available
  }

  /// Reads everything.
  mutating func read() throws(SafeTensorsError) -> SafeTensors.Header {
    guard bytes.first == UInt8(ascii: "{") else { throw fault(expected: "{, with which a header begins") }
    var header = SafeTensors.Header()
    var names: Set<String> = []
    try readObject { (reader, name, place) throws(SafeTensorsError) in
      guard names.insert(name).inserted else {
        throw reader.fault(at: place, found: "the name \(quoted(name)) for the second time", expected: "it once")
      }
      if name == SafeTensors.metadataName {
        header.metadata = try reader.readMetadata()
      } else {
        header.places.append(try reader.readPlace(name))
      }
    }
    skipBlanks()
    guard position == bytes.count else { throw fault(expected: "nothing but blanks behind the header's object") }
    return header
  }

  // MARK: Entries

  private mutating func readMetadata() throws(SafeTensorsError) -> [String: String] {
    var words: [String: String] = [:]
    try readObject { (reader, name, place) throws(SafeTensorsError) in
      guard words.updateValue(try reader.readString(), forKey: name) == nil else {
        throw reader.fault(at: place, found: "the name \(quoted(name)) for the second time", expected: "it once")
      }
    }
    return words
  }

  private mutating func readPlace(_ name: String) throws(SafeTensorsError) -> SafeTensors.TensorPlace {
    let start = position
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try readObject { (reader, key, place) throws(SafeTensorsError) in
      switch key {
      case "dtype" where typeName == nil: typeName = try reader.readString()
      case "shape" where shape == nil: shape = try reader.readNumbers()
      case "data_offsets" where offsets == nil: offsets = try reader.readNumbers()
      default:
        throw reader.fault(
          at: place, found: "\(quoted(key)) in \(quoted(name))",
          expected: "dtype, shape and data_offsets, each once")
      }
    }
    guard let typeName, let shape, let offsets else {
      throw fault(
        at: start, found: "\(quoted(name)) without all of its entries", expected: "dtype, shape and data_offsets")
    }
    let range = try range(name, typeName: typeName, shape: shape, offsets: offsets, place: start)
    return SafeTensors.TensorPlace(name: name, typeName: typeName, shape: shape, range: range)
  }

  /// The bytes of a tensor, once everything that is said of them agrees.
  private func range(
    _ name: String, typeName: String, shape: [Int], offsets: [Int], place: Int
  ) throws(SafeTensorsError) -> Range<Int> {
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw fault(
        at: place, found: "\(quoted(name)) at \(shapeText(offsets))", expected: "a beginning and an end, in this order")
    }
    guard offsets[1] <= available else {
      throw fault(
        at: place, found: "\(quoted(name)) at \(shapeText(offsets))",
        expected: "an end within the \(available) bytes behind the header")
    }
    // A type that there is not today may be there tomorrow: nothing is known of its size.
    guard let bitWidth = SafeTensors.bitWidths[typeName] else { return offsets[0]..<offsets[1] }
    guard let size = SafeTensors.byteCount(of: shape, bitWidth: bitWidth) else {
      throw fault(
        at: place, found: "\(quoted(name)) of shape \(shapeText(shape))",
        expected: "a size in whole bytes that fits into 64 bits")
    }
    guard size == offsets[1] - offsets[0] else {
      throw fault(
        at: place, found: "\(quoted(name)) with \(offsets[1] - offsets[0]) bytes",
        expected: "\(size) for \(typeName) of shape \(shapeText(shape))")
    }
    return offsets[0]..<offsets[1]
  }
}
