#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension SafeTensors {
  /// The longest header that is read: that of the reference implementation.
  static let longestHeader = 100_000_000

  /// Reads a file.
  ///
  /// Elements of type F32, F64, F16 and BF16 become floats.
  ///
  /// - Throws: ``SafeTensorsError`` where the file is missing, cut off, too long, or inconsistent in any way.
  public init(contentsOf path: String) throws(SafeTensorsError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let isMissing = !FileManager.default.fileExists(atPath: path)
      throw SafeTensorsError(
        isMissing ? .missing : .unreadable, path: path, found: isMissing ? "no such file" : "no readable file",
        expected: "a safetensors file")
    }
    try self.init(data, path: path)
  }

  /// Reads the bytes of a file; `path` is for messages.
  init(_ data: Data, path: String) throws(SafeTensorsError) {
    let size = data.count
    guard size >= 8 else {
      throw SafeTensorsError(
        .malformed, path: path, offset: 0, found: "\(size) bytes in all",
        expected: "at least 8, the length of the header")
    }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.longestHeader), Int(length) <= size - 8 else {
      throw SafeTensorsError(
        .malformed, path: path, offset: 0, found: "a header of \(length) bytes",
        expected: "at most \(min(size - 8, Self.longestHeader)), what the file has behind its first 8")
    }
    let header: [String: HeaderEntry]
    do {
      header = try JSONDecoder().decode([String: HeaderEntry].self, from: data[8..<8 + Int(length)])
    } catch {
      throw SafeTensorsError(
        .malformed, path: path, offset: 8, found: "a header that is no JSON object of tensors",
        expected: "for each tensor dtype, shape and data_offsets")
    }
    let start = 8 + Int(length)
    var metadata: [String: String] = [:]
    var tensors: [String: Tensor] = [:]
    var places: [(name: String, range: Range<Int>)] = []
    for (name, entry) in header {
      switch entry {
      case .metadata(let words):
        guard name == "__metadata__" else {
          throw SafeTensorsError(
            .malformed, path: path, offset: 8, found: "text under the name '\(name)'", expected: "a tensor")
        }
        metadata = words
      case .tensor(let place):
        let range = try place.range(name: name, path: path, available: size - start)
        places.append((name, range))
        tensors[name] = place.tensor(data[start + range.lowerBound..<start + range.upperBound])
      }
    }
    try Self.checkOrder(places, path: path, start: start, size: size)
    self.init(tensors: tensors, metadata: metadata)
  }

  /// Tensors follow each other without gaps or overlaps, to the end of the file.
  private static func checkOrder(
    _ places: [(name: String, range: Range<Int>)], path: String, start: Int, size: Int
  ) throws(SafeTensorsError) {
    var end = 0
    let inOrder = places.sorted {
      ($0.range.lowerBound, $0.range.count) < ($1.range.lowerBound, $1.range.count)
    }
    for (name, range) in inOrder {
      guard range.lowerBound == end else {
        throw SafeTensorsError(
          .malformed, path: path, offset: start + range.lowerBound, found: "the beginning of '\(name)'",
          expected: "it at byte \(start + end), right behind the tensor before")
      }
      end = range.upperBound
    }
    guard start + end == size else {
      throw SafeTensorsError(
        .malformed, path: path, offset: start + end, found: "a file of \(size) bytes",
        expected: "\(start + end), the end of the last tensor")
    }
  }
}

/// One entry of the header.
private enum HeaderEntry: Decodable {
  case metadata([String: String])
  case tensor(TensorPlace)

  init(from decoder: any Decoder) throws {
    if let place = try? TensorPlace(from: decoder) {
      self = .tensor(place)
    } else {
      self = .metadata(try [String: String](from: decoder))
    }
  }
}

/// Where a tensor lies, and what its bytes mean.
private struct TensorPlace: Decodable {
  let dtype: String
  let shape: [Int]
  let data_offsets: [Int]

  private var elementSize: Int? {
    switch dtype {
    case "F64": 8
    case "F32": 4
    case "F16", "BF16": 2
    default: nil
    }
  }

  /// The bytes of the tensor, once everything that is said of them agrees.
  func range(name: String, path: String, available: Int) throws(SafeTensorsError) -> Range<Int> {
    guard let elementSize else {
      throw SafeTensorsError(
        .unsuitable, path: path, offset: 8, found: "'\(name)' with elements of type \(dtype)",
        expected: "F32, F64, F16 or BF16")
    }
    guard data_offsets.count == 2, data_offsets[0] >= 0, data_offsets[0] <= data_offsets[1] else {
      throw SafeTensorsError(
        .malformed, path: path, offset: 8, found: "'\(name)' at \(data_offsets)", expected: "a beginning and an end")
    }
    guard data_offsets[1] <= available else {
      throw SafeTensorsError(
        .malformed, path: path, offset: 8, found: "'\(name)' at \(data_offsets)",
        expected: "an end within the \(available) bytes that the file has")
    }
    var bytes = elementSize
    for size in shape {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflows else {
        throw SafeTensorsError(
          .malformed, path: path, offset: 8, found: "'\(name)' of shape \(shape)", expected: "sizes that make sense")
      }
      bytes = product
    }
    guard bytes == data_offsets[1] - data_offsets[0] else {
      throw SafeTensorsError(
        .malformed, path: path, offset: 8, found: "'\(name)' with \(data_offsets[1] - data_offsets[0]) bytes",
        expected: "\(bytes) for \(dtype) of shape \(shape)")
    }
    return data_offsets[0]..<data_offsets[1]
  }

  /// The tensor, its elements turned into floats.
  func tensor(_ bytes: Data) -> Tensor {
    let size = elementSize ?? 4
    let values = bytes.withUnsafeBytes { buffer in
      stride(from: 0, to: buffer.count, by: size).map { at -> Float in
        switch dtype {
        case "F64":
          Float(Double(bitPattern: UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt64.self))))
        case "F16":
          Float(half: UInt16(littleEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt16.self)))
        case "BF16":
          Float(
            bitPattern: UInt32(UInt16(littleEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt16.self))) << 16)
        default:
          Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
        }
      }
    }
    return Tensor(shape: shape, values: values)
  }
}

extension Float {
  /// The value of an IEEE 754 half-precision number; `Float16` itself is not to be had on every platform.
  init(half bits: UInt16) {
    let sign: Float = bits >> 15 == 1 ? -1 : 1
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Float(bits & 0x3ff)
    switch exponent {
    case 0: self = sign * fraction * 0x1p-24
    case 31: self = fraction == 0 ? sign * .infinity : .nan
    default: self = sign * (1 + fraction * 0x1p-10) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
