/// A source of bytes.
protocol ByteSource: AnyObject {
  /// Reads up to `buffer.count` bytes: fewer only at the end, where it is 0 from then on.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int
}

extension ByteSource {
  /// Reads up to `bytes.count` bytes: fewer only at the end, where it is 0 from then on.
  func read(into bytes: inout [UInt8]) throws(IDXError) -> Int {
    try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(IDXError) in
      try unsafe read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }
}

/// The bytes of a file in order, decompressed if it is a gzip file.
///
/// A file counts as gzip if it begins with `1f 8b`, whatever its name.
final class ByteReader {
  let path: String
  /// Whether the file is a gzip file.
  let isCompressed: Bool
  /// An upper limit of the uncompressed size, from the size on disk.
  let byteLimit: Int
  /// The number of bytes read so far.
  private(set) var offset = 0
  private let source: any ByteSource
  /// The source of a gzip file.
  private let gzip: GzipDecoder?

  /// The most bytes that are allocated before any of them is read.
  private static let firstCapacity = 1 << 26

  /// Opens a file.
  init(path: String) throws(IDXError) {
    let file = try FileReader(path: path)
    self.path = path
    isCompressed = try file.begins(with: GzipDecoder.magic)
    if isCompressed {
      let (limit, overflows) = file.size.multipliedReportingOverflow(by: GzipDecoder.maximumRatio)
      byteLimit = overflows ? .max : limit
      let decoder = try GzipDecoder(file)
      (source, gzip) = (decoder, decoder)
    } else {
      byteLimit = file.size
      (source, gzip) = (file, nil)
    }
  }

  /// Reads up to `buffer.count` bytes: fewer only at the end, where it is 0 from then on.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    let count = try unsafe source.read(into: buffer)
    offset += count
    return count
  }

  /// Whether bytes after the end of the compressed data were ignored; known after the last read.
  var hasTrailingBytes: Bool { gzip?.hasTrailingBytes ?? false }

  /// Reads up to `count` bytes: fewer only at the end.
  ///
  /// Memory grows with the bytes read: a header that announces gigabytes costs nothing until they arrive.
  ///
  /// - Throws: ``IDXError`` if the bytes can't be read or don't fit into memory.
  func read(_ count: Int) throws(IDXError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let capacity = min(count, max(2 * bytes.count, Self.firstCapacity))
      bytes = try reading(capacity, after: bytes)
      if bytes.count < capacity { break }
    }
    return bytes
  }

  /// The bytes read before, and as many more as fit into `capacity`.
  private func reading(_ capacity: Int, after start: [UInt8]) throws(IDXError) -> [UInt8] {
    try Memory.require(capacity, for: path)
    // The array's initializer rethrows errors without their type.
    var failure: IDXError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
      _ = unsafe buffer.update(fromContentsOf: start)
      filled = start.count
      do throws(IDXError) {
        filled += try unsafe read(
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[start.count...]))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads to the end and passes the bytes on in pieces.
  ///
  /// - Throws: ``IDXError`` if the bytes can't be read, or there are more than `limit`.
  func forEachPiece(limit: Int = .max, _ body: (UnsafeRawBufferPointer) -> Void) throws(IDXError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { unsafe piece.deallocate() }
    while true {
      let count = try unsafe read(into: piece)
      if count == 0 { return }
      guard offset <= limit else {
        throw IDXError(
          .trailingBytes, path: path, offset: limit, found: "more bytes", expected: "\(limit) bytes",
          advice: Advice.fetchAgain)
      }
      unsafe body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
  }
}
