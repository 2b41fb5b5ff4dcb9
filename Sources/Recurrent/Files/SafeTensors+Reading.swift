import RecurrentSupport

extension SafeTensors {
  /// Reads a file.
  ///
  /// Elements of type F32, F64, F16 and BF16 become floats; tensors of other types are ``skipped``.
  ///
  /// - Parameter path: the file.
  /// - Throws: ``SafeTensorsError`` if the file is missing, truncated, too long, or inconsistent in any way.
  /// - Complexity: O(size). Memory is allocated according to the file's size, never to its header alone.
  public init(contentsOf path: String) throws(SafeTensorsError) {
    let file = try InputFile(path)
    let first = try Self.bytes(of: file, at: 0, count: min(file.size, FileKind.byteCount))
    try Self.checkKind(first, path: path)
    let length = first[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let limit = min(file.size - 8, Self.longestHeader)
    guard length <= UInt64(limit) else {
      throw SafeTensorsError(
        .malformed, path: path, offset: 0, found: "a header of \(length) bytes",
        expected: "at most \(limit), \(limit == Self.longestHeader ? "the longest allowed" : "the rest of the file")")
    }
    let start = 8 + Int(length)
    var reader = SafeTensorsHeaderReader(
      try Self.bytes(of: file, at: 8, count: Int(length)), path: path, offset: 8, available: file.size - start)
    let header = try reader.read()
    try Self.checkOrder(header.entries, path: path, start: start, size: file.size)
    self.init(tensors: [:], metadata: header.metadata)
    // Elsewhere whole numbers are counters and masks rather than weights.
    let readsWholes = metadata[SequenceModel.weightsKey] == WeightPrecision.int8.rawValue
    for entry in header.entries {
      if let type = entry.type, type != .int8 || readsWholes {
        tensors[entry.name] = try entry.tensor(of: type, in: file, start: start)
        if type == .int8 { elementTypes[entry.name] = .int8 }
      } else {
        skipped[entry.name] = entry.typeName
      }
    }
  }

  /// Throws for files of other formats, naming the format, or the first bytes if it is unknown.
  private static func checkKind(_ first: [UInt8], path: String) throws(SafeTensorsError) {
    let kind = FileKind(of: first)
    if kind == .safetensors { return }
    if let kind {
      throw SafeTensorsError(
        .malformed, path: path, found: kind.name, expected: "a safetensors file; \(kind.adviceForModel)")
    }
    if first.count < 9 || first[8] == UInt8(ascii: "{") || first[4..<8] == [0, 0, 0, 0] {
      if first.count >= 8 { return }
      throw SafeTensorsError(
        .malformed, path: path, found: "a file of \(first.count) bytes",
        expected: "at least 8, which hold the length of the header")
    }
    let bytes = first.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    throw SafeTensorsError(
      .malformed, path: path, found: "a file of another format, which starts with \(bytes)",
      expected: "a safetensors file; \(FileKind.adviceForWeights)")
  }

  /// Throws unless tensors follow each other without gaps or overlaps, to the end of the file.
  private static func checkOrder(
    _ entries: [TensorEntry], path: String, start: Int, size: Int
  ) throws(SafeTensorsError) {
    var end = 0
    for entry in entries.sorted(by: { ($0.range.lowerBound, $0.range.count) < ($1.range.lowerBound, $1.range.count) }) {
      guard entry.range.lowerBound == end else {
        throw SafeTensorsError(
          .malformed, path: path, offset: start + entry.range.lowerBound,
          found: "the start of \(quoted(entry.name))",
          expected: "it at byte \(start + end), right after the tensor before")
      }
      end = entry.range.upperBound
    }
    guard start + end == size else {
      throw SafeTensorsError(
        .malformed, path: path, offset: start + end, found: "a file that continues to byte \(size)",
        expected: "its end, since the last tensor ends here")
    }
  }

  private static func bytes(of file: InputFile, at offset: Int, count: Int) throws(SafeTensorsError) -> [UInt8] {
    try filled(count) { (buffer: UnsafeMutableBufferPointer<UInt8>) throws(SafeTensorsError) in
      try file.read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// An array whose elements are all written by `fill`.
  fileprivate static func filled<Element: BitwiseCopyable>(
    _ count: Int, _ fill: (UnsafeMutableBufferPointer<Element>) throws(SafeTensorsError) -> Void
  ) throws(SafeTensorsError) -> [Element] {
    // The array's initializer rethrows errors without their type.
    var failure: SafeTensorsError?
    let array = [Element](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SafeTensorsError) {
        try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return array
  }
}

extension SafeTensors.TensorEntry {
  /// Reads the tensor from its file, whose tensors start at byte `start`.
  fileprivate func tensor(
    of type: SafeTensors.ElementType, in file: InputFile, start: Int
  ) throws(SafeTensorsError) -> Tensor {
    let count = range.count / type.size
    let values = try SafeTensors.filled(count) { (floats: UnsafeMutableBufferPointer<Float>) throws(SafeTensorsError) in
      if type == .float32 {
        try file.read(at: start + range.lowerBound, into: UnsafeMutableRawBufferPointer(floats))
        #if _endian(big)
          for i in 0..<count { floats[i] = Float(bitPattern: UInt32(littleEndian: floats[i].bitPattern)) }
        #endif
      } else {
        try convert(type, in: file, start: start, into: floats)
      }
    }
    return Tensor(known: shape, values: values)
  }

  /// Reads elements of another type, a piece at a time, and converts them to floats.
  private func convert(
    _ type: SafeTensors.ElementType, in file: InputFile, start: Int, into floats: UnsafeMutableBufferPointer<Float>
  ) throws(SafeTensorsError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: min(1 << 18, range.count), alignment: 16)
    defer { piece.deallocate() }
    var done = 0
    while done < floats.count {
      let count = min(piece.count / type.size, floats.count - done)
      try file.read(
        at: start + range.lowerBound + done * type.size,
        into: UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * type.size)]))
      switch type {
      case .float64:
        let elements = piece.bindMemory(to: UInt64.self)
        for i in 0..<count { floats[done + i] = Float(Double(bitPattern: UInt64(littleEndian: elements[i]))) }
      case .float16:
        let elements = piece.bindMemory(to: UInt16.self)
        for i in 0..<count { floats[done + i] = Float(half: UInt16(littleEndian: elements[i])) }
      case .brainFloat16:
        let elements = piece.bindMemory(to: UInt16.self)
        for i in 0..<count { floats[done + i] = Float(bitPattern: UInt32(UInt16(littleEndian: elements[i])) << 16) }
      case .int8: for i in 0..<count { floats[done + i] = Float(Int8(bitPattern: piece[i])) }
      case .float32:
        fatalError("floats need no conversion")
      }
      done += count
    }
  }
}

extension Float {
  /// The value of an IEEE 754 half-precision number; `Float16` is not available on every platform.
  init(half bits: UInt16) {
    let sign = UInt32(bits >> 15) << 31
    let exponent = UInt32(bits >> 10 & 0x1f)
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      self.init(bitPattern: sign | magnitude.bitPattern)
    case 31: self.init(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

extension FileKind {
  /// How to export weights from Python.
  fileprivate static let adviceForWeights =
    "export the weights in Python: safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"

  /// What to do about the file if a model was expected.
  fileprivate var adviceForModel: String {
    switch self {
    case .pickle, .numpyArray, .numpyArchive, .hdf5, .kerasArchive, .gguf: Self.adviceForWeights
    case .gzip: "decompress it"
    default: advice ?? "name the file of a model"
    }
  }
}
