/// Bytes that come in order.
protocol ByteSource: AnyObject {
  /// Reads up to `buffer.count` bytes: fewer only at the end, where it is 0 from then on.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int
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

  /// Opens a file.
  init(path: String) throws(IDXError) {
    let file = try FileReader(path: path)
    self.path = path
    isCompressed = try file.begins(with: [0x1f, 0x8b])
    if isCompressed {
      let (limit, overflows) = file.size.multipliedReportingOverflow(by: GzipDecoder.maximumRatio)
      byteLimit = overflows ? .max : limit
      source = try GzipDecoder(file)
    } else {
      byteLimit = file.size
      source = file
    }
  }

  /// Reads up to `buffer.count` bytes: fewer only at the end, where it is 0 from then on.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    let count = try unsafe source.read(into: buffer)
    offset += count
    return count
  }

  /// Reads up to `count` bytes: fewer only at the end.
  ///
  /// Memory is taken for `count` bytes and touched as they arrive.
  func read(_ count: Int) throws(IDXError) -> [UInt8] {
    // The array's initializer rethrows errors without their type.
    var failure: IDXError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(IDXError) {
        filled = try unsafe read(into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads to the end and hands the bytes over in pieces.
  func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws(IDXError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { unsafe piece.deallocate() }
    while true {
      let count = try unsafe read(into: piece)
      if count == 0 { return }
      unsafe body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
  }
}
