import CZlib

/// Decompresses a gzip file in pieces, straight to where the bytes are wanted.
///
/// Several gzip members one after the other are one file, as RFC 1952 has it. The checksum and the length at the end of
/// each member are checked by zlib.
@safe
final class GzipDecoder: ByteSource {
  /// Deflate spends at least 2 bits on 258 bytes, so that this bounds the size of what a file can hold.
  ///
  /// Source: zlib, *Technical Details*, "Maximum Compression Factor".
  static let maximumRatio = 1032

  /// What is read of the file at a time.
  private static let pieceSize = 1 << 18

  private let file: FileReader
  // zlib remembers the address of its stream, so the stream stays in one place.
  private let stream: UnsafeMutablePointer<z_stream>
  private let piece: UnsafeMutableRawBufferPointer
  private var atMemberEnd = false
  /// How many bytes of the file have been handed to zlib.
  private var consumed = 0

  /// Takes over a file that begins with the gzip magic.
  init(_ file: FileReader) throws(IDXError) {
    self.file = file
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe piece = .allocate(byteCount: Self.pieceSize, alignment: 16)
    // 15: the largest window; + 16: gzip and nothing else. What zlib's macro `inflateInit2` stands for.
    let status = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw failure(found: "no way to start zlib (\(status))") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
    unsafe piece.deallocate()
  }

  /// Decompresses up to `buffer.count` bytes: fewer only at the end of the file, where it is 0 from then on.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let isAtEnd = try refill()
      if atMemberEnd {
        if isAtEnd { break }
        unsafe inflateReset(stream)
        atMemberEnd = false
      } else if isAtEnd {
        throw failure(found: "the end of the compressed data")
      }
      filled += try unsafe inflatePiece(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
    }
    return filled
  }

  /// Sees to it that zlib has input; true if there is none left.
  private func refill() throws(IDXError) -> Bool {
    guard unsafe stream.pointee.avail_in == 0 else { return false }
    let count = try unsafe file.read(into: piece)
    unsafe stream.pointee.next_in = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = uInt(count)
    consumed += count
    return count == 0
  }

  /// Decompresses from the input at hand; the number of bytes written.
  private func inflatePiece(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    // zlib counts in 32 bits.
    let room = min(buffer.count, 1 << 30)
    unsafe stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = uInt(room)
    switch unsafe inflate(stream, Z_NO_FLUSH) {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: atMemberEnd = true
    case let status:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw failure(found: "damaged data (\(message ?? "zlib status \(status)"))")
    }
    return room - Int(unsafe stream.pointee.avail_out)
  }

  private func failure(found: String) -> IDXError {
    IDXError(
      .compression, path: file.path, offset: consumed - Int(unsafe stream.pointee.avail_in), found: found,
      expected: "sound gzip data", advice: Advice.fetchAgain)
  }
}
