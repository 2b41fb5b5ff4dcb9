/// Bytes that come in order.
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

/// The bytes of a file in order, decompressed on the way where the file is a gzip file.
///
/// A file counts as gzip if it begins with `1f 8b`, whatever its name.
final class ByteReader {
  let path: String
  /// Whether the file is a gzip file.
  let isCompressed: Bool
  /// The most bytes the file can hold, judged by its size on disk.
  let byteLimit: Int
  /// How many bytes have been handed out.
  private(set) var offset = 0
  private let source: any ByteSource
  /// The source of a gzip file.
  private let gzip: GzipDecoder?

  /// Memory for at most so many bytes is taken before any of them was read.
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

  /// Whether bytes were ignored after the end of compressed data; known when all has been read.
  var hasTrailingBytes: Bool { gzip?.hasTrailingBytes ?? false }

  /// Reads up to `count` bytes: fewer only at the end.
  ///
  /// Memory grows with what has been read: a header that announces gigabytes costs none until they come.
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

  /// The bytes that were read before, and as many more as `capacity` leaves room for.
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

  /// Reads to the end and hands the bytes over in pieces.
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
