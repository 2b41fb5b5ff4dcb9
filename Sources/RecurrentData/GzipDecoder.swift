/// The uncompressed bytes of a gzip file.
///
/// Several gzip members in a row are one file, as RFC 1952 specifies. zlib checks the checksum and the length at the
/// end of each member. Bytes after the last member are treated as by gzip(1): zeros, with which some tools fill up a
/// file, are skipped; anything else is ignored, and a notice says so.
final class GzipDecoder: ByteSource {
  /// The largest compression factor, which bounds the uncompressed size: deflate needs at least 2 bits for 258 bytes.
  ///
  /// Source: zlib, *Technical Details*, "Maximum Compression Factor".
  static let maximumRatio = 1032

  /// The first bytes of each member.
  static let magic: [UInt8] = [0x1f, 0x8b]

  private let inflater: Inflater
  private var isAtEnd = false
  /// Whether other bytes follow the compressed data.
  private(set) var hasTrailingBytes = false

  /// Decodes a file that begins with the gzip magic.
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
