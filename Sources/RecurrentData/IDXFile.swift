import RecurrentSupport

/// The contents of an IDX file: unsigned bytes in an array of any rank.
///
/// ```
/// 0  0  type  rank  |  rank sizes, 4 bytes each, big-endian  |  elements, last index fastest
/// ```
///
/// The file may be plain or compressed by gzip, whatever its name; its first bytes decide.
///
/// Source: LeCun, Cortes and Burges, *The MNIST Database of Handwritten Digits*, "File Formats".
public struct IDXFile: Sendable {
  /// The path of the file.
  public let path: String
  /// The size of each dimension.
  public let shape: [Int]
  /// The elements, `shape.reduce(1, *)` of them, last index fastest.
  public let bytes: [UInt8]
  /// What a user should know about how the file was read, a line each.
  package var notices: [String] = []

  /// The offset of the elements in the uncompressed file.
  var headerSize: Int { 4 + 4 * shape.count }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - rank: the expected number of dimensions; nil accepts any from 1 to 255.
  /// - Throws: ``IDXError`` if the file can't be read or does not match its header.
  /// - Complexity: O(size). Elements are decompressed to their final location, so memory stays near their size; a
  ///   header that announces more than the file can hold is refused before memory is allocated.
  public init(contentsOf path: String, rank: Int? = nil) throws(IDXError) {
    try self.init(ByteReader(path: path), rank: rank, type: .unsignedByte)
  }

  /// Reads elements of one type; those of several bytes stay big-endian, as in the file.
  init(_ reader: ByteReader, rank: Int?, type: ElementType) throws(IDXError) {
    path = reader.path
    shape = try Self.shape(in: reader, rank: rank, type: type)
    let size = try Self.byteCount(of: shape, type: type, in: reader)
    bytes = try reader.read(size)
    let end = reader.offset
    guard bytes.count == size else {
      throw .truncated(path, at: end, expected: Self.name(of: shape, type))
    }
    // Reading one byte more also makes zlib verify the checksum of a gzip file.
    guard try reader.read(1).isEmpty else {
      throw IDXError(
        .trailingBytes, path: path, offset: end, found: "more bytes",
        expected: "\(Self.name(of: shape, type)) and no more", advice: Advice.fetchAgain)
    }
    if reader.hasTrailingBytes {
      notices.append("\(path.shown()): what follows the compressed data was ignored, as gzip(1) does")
    }
  }

  /// A file with other contents and the same path.
  func replacing(shape: [Int], bytes: [UInt8]) -> IDXFile {
    IDXFile(path: path, shape: shape, bytes: bytes, notices: notices)
  }

  private init(path: String, shape: [Int], bytes: [UInt8], notices: [String]) {
    (self.path, self.shape, self.bytes, self.notices) = (path, shape, bytes, notices)
  }

  /// The first four uncompressed bytes of a file, which hold the type and the rank; fewer if the file is shorter.
  static func magic(at path: String) throws(IDXError) -> [UInt8] { try ByteReader(path: path).read(4) }

  /// Reads the header: the size of each dimension.
  private static func shape(
    in reader: ByteReader, rank expectedRank: Int?, type expectedType: ElementType
  ) throws(IDXError) -> [Int] {
    let path = reader.path
    let magic = try reader.read(4)
    guard magic.count == 4 else {
      throw .truncated(
        path, at: magic.count, expected: "a header of at least 8 bytes",
        advice: magic.isEmpty ? "the file is empty: fetch or write it again" : Advice.fetchAgain)
    }
    guard magic[0] == 0, magic[1] == 0, let type = ElementType(rawValue: magic[2]) else {
      let kind = FileKind(of: magic + ((try? reader.read(FileKind.byteCount - magic.count)) ?? []))
      throw IDXError(
        .magic, path: path, offset: 0,
        found: (kind?.name ?? "the bytes \(hexadecimal(magic))") + (reader.isCompressed ? " inside of gzip" : ""),
        expected: "an IDX file (00 00 08 \(expectedRank.map { hexadecimal([UInt8($0)]) } ?? "rank"))",
        advice: Advice.otherFile(kind))
    }
    guard type == expectedType else {
      throw IDXError(
        .elementType, path: path, offset: 2, found: "elements of type \(type)", expected: "type \(expectedType)",
        advice: "convert the elements to bytes")
    }
    let rank = Int(magic[3])
    guard rank > 0, rank == expectedRank ?? rank else {
      throw IDXError(
        .rank, path: path, offset: 3, found: quantity(rank, "dimension"),
        expected: expectedRank.map { quantity($0, "dimension") } ?? "1 to 255 dimensions",
        advice: "\(Advice.otherFile) (images have 3 dimensions, labels 1)")
    }
    let sizes = try reader.read(4 * rank)
    guard sizes.count == 4 * rank else {
      throw .truncated(path, at: reader.offset, expected: "a header of \(4 + 4 * rank) bytes")
    }
    return (0..<rank).map { sizes[4 * $0..<4 * $0 + 4].reduce(0) { $0 << 8 | Int($1) } }
  }

  /// The number of bytes of the elements; throws if the file cannot hold that many.
  private static func byteCount(of shape: [Int], type: ElementType, in reader: ByteReader) throws(IDXError) -> Int {
    let room = reader.byteLimit - reader.offset
    let count = shape.reduce(type.byteCount, saturatingProduct)
    guard count <= room else {
      let end = reader.isCompressed ? "the end (at the latest)" : "the end"
      throw .truncated(reader.path, at: reader.byteLimit, found: end, expected: name(of: shape, type))
    }
    return count
  }

  // With a size of 0 the product is 0, even if the other sizes overflow.
  private static func saturatingProduct(_ a: Int, _ b: Int) -> Int {
    let (product, overflows) = a.multipliedReportingOverflow(by: b)
    return overflows ? .max : product
  }

  private static func name(of shape: [Int], _ type: ElementType) -> String {
    (shape + (type.byteCount > 1 ? [type.byteCount] : [])).map(String.init).joined(separator: " × ").shown()
      + " bytes after a header of \(4 + 4 * shape.count)"
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}

extension IDXFile {
  /// The element types of IDX files.
  enum ElementType: UInt8, CustomStringConvertible {
    case unsignedByte = 0x08
    case signedByte = 0x09
    case short = 0x0B
    case int = 0x0C
    case float = 0x0D
    case double = 0x0E

    /// The size of an element.
    var byteCount: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }

    var description: String {
      let name =
        switch self {
        case .unsignedByte: "unsigned byte"
        case .signedByte: "signed byte"
        case .short: "16-bit integer"
        case .int: "32-bit integer"
        case .float: "32-bit float"
        case .double: "64-bit float"
        }
      return "0x" + (rawValue < 16 ? "0" : "") + String(rawValue, radix: 16) + " (\(name))"
    }
  }
}

extension IDXError {
  fileprivate static func truncated(
    _ path: String, at offset: Int, found: String = "the end", expected: String, advice: String = Advice.fetchAgain
  ) -> IDXError {
    IDXError(.truncated, path: path, offset: offset, found: found, expected: expected, advice: advice)
  }
}
