extension SafeTensors {
  /// The bytes of a file: tensors in the order of their names, so that equal contents give equal files.
  package var bytes: [[UInt8]] {
    var header: [String] = []
    if !metadata.isEmpty {
      let words = metadata.sorted { $0.key < $1.key }.map { "\(Self.json($0.key)):\(Self.json($0.value))" }
      header.append("\"\(Self.metadataName)\":{\(words.joined(separator: ","))}")
    }
    var offset = 0
    let names = tensors.keys.sorted()
    for name in names {
      guard let tensor = tensors[name] else { continue }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let type = elementTypes[name] ?? .float32
      let end = offset + type.size * tensor.count
      header.append(
        "\(Self.json(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Array("{\(header.joined(separator: ","))}".utf8)
    // Spaces at the end align the tensors to 8 bytes.
    text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return [length + text]
      + names.compactMap { name in
        tensors[name].map { Self.bytes(of: $0.values, elementTypes[name] ?? .float32) }
      }
  }

  /// Writes a file atomically.
  ///
  /// - Parameter path: the file, in an existing folder. A link is followed; a pipe or a device is written to.
  /// - Throws: ``FileWriteError`` if the system fails, or the format does not allow the contents: a tensor named
  ///   `__metadata__`, or names and metadata of more than 100 MB. The old file is then still there.
  /// - Complexity: O(size), with a copy of all values in memory.
  public func write(to path: String) throws(FileWriteError) { try write(to: path, as: .named) }

  /// Writes a file whose path may refer to something else.
  package func write(to path: String, as place: AtomicFile.Place) throws(FileWriteError) {
    let bytes = bytes
    if let fault = fault(headerLength: bytes[0].count - 8) {
      throw FileWriteError(path: path, reason: fault.reason, advice: fault.advice)
    }
    try AtomicFile.write(bytes, to: path, as: place)
  }

  private static func bytes(of values: [Float], _ type: ElementType) -> [UInt8] {
    switch type {
    case .int8: values.map { UInt8(bitPattern: Int8($0)) }
    case .brainFloat16:
      values.flatMap { value in [16, 24].map { UInt8(truncatingIfNeeded: value.bitPattern >> $0) } }
    case .float16, .float32, .float64: littleEndian(values)
    }
  }

  private static func littleEndian(_ values: [Float]) -> [UInt8] {
    #if _endian(big)
      values.map(\.bitPattern.littleEndian).withUnsafeBytes(Array.init)
    #else
      values.withUnsafeBytes(Array.init)
    #endif
  }

  /// A text as a JSON string.
  private static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<" ":
        let code = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
