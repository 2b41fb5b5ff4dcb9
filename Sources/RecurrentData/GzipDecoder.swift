/// The uncompressed bytes of a gzip file.
///
/// Several gzip members one after the other are one file, as RFC 1952 has it. The checksum and the length at the end of
/// each member are checked by zlib. What follows the last member is treated as gzip(1) treats it: zeros, with which
/// some tools fill up a file, are passed over; anything else is ignored and noted.
final class GzipDecoder: ByteSource {
  /// Deflate spends at least 2 bits on 258 bytes, so that this bounds the size of what a file can hold.
  ///
  /// Source: zlib, *Technical Details*, "Maximum Compression Factor".
  static let maximumRatio = 1032

  /// The first bytes of each member.
  static let magic: [UInt8] = [0x1f, 0x8b]

  private let inflater: Inflater
  private var isAtEnd = false
  /// Whether the file goes on with something else after the compressed data.
  private(set) var hasTrailingBytes = false

  /// Takes over a file that begins with the gzip magic.
  init(_ file: FileReader) throws(IDXError) {
    inflater = try Inflater(file, path: file.path, format: .gzip)
  }

  /// Decompresses up to `buffer.count` bytes: fewer only at the end of the file, where it is 0 from then on.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    var filled = 0
    while filled < buffer.count && !isAtEnd {
      filled += try unsafe inflater.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      if inflater.isAtEnd { try passToNextMember() }
    }
    return filled
  }

  private func passToNextMember() throws(IDXError) {
    if try inflater.peek(2) == Self.magic { return inflater.restart() }
    isAtEnd = true
    hasTrailingBytes = try !inflater.skipZeros()
  }
}
