import CZlib

/// Decompresses the bytes of a source, piece by piece, for gzip files and PNG images alike.
@safe
final class Inflater: ByteSource {
  /// The container of the compressed data; the raw value is what zlib calls window bits.
  enum Format: Int32 {
    /// The header and trailer of zlib.
    case zlib = 15
    /// The header and trailer of gzip only.
    case gzip = 31
  }

  /// The number of bytes read from the source at a time.
  private static let pieceSize = 1 << 18

  let path: String
  private let format: Format
  private let source: any ByteSource
  // zlib remembers the address of its stream, so the stream stays in one place.
  private let stream: UnsafeMutablePointer<z_stream>
  private let piece: UnsafeMutableRawBufferPointer
  /// Whether the end of the compressed data was reached and its checksum was correct.
  private(set) var isAtEnd = false
  /// The number of bytes of the source passed to zlib.
  private var consumed = 0

  /// Decompresses the bytes of a source.
  init(_ source: any ByteSource, path: String, format: Format) throws(IDXError) {
    self.source = source
    self.path = path
    self.format = format
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe piece = .allocate(byteCount: Self.pieceSize, alignment: 16)
    // This is zlib's macro `inflateInit2`, which Swift does not import.
    let status = unsafe inflateInit2_(stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw failure(found: "no way to start zlib (\(status))") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
    unsafe piece.deallocate()
  }

  /// Decompresses up to `buffer.count` bytes: fewer only at the end of the compressed data.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    var filled = 0
    while filled < buffer.count && !isAtEnd {
      if unsafe stream.pointee.avail_in == 0, try !refill() { throw failure(found: "the end of the compressed data") }
      filled += try unsafe inflatePiece(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
    }
    return filled
  }

  /// Restarts with the bytes after the end of the compressed data.
  func restart() {
    unsafe inflateReset(stream)
    isAtEnd = false
  }

  /// The next compressed bytes, without consuming them: fewer than `count` only at the end.
  func peek(_ count: Int) throws(IDXError) -> [UInt8] {
    while unsafe Int(stream.pointee.avail_in) < count, try refill() {}
    let rest = unsafe UnsafeBufferPointer(start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
    return unsafe Array(rest.prefix(count))
  }

  /// Skips the zeros that come next; true if nothing follows them.
  func skipZeros() throws(IDXError) -> Bool {
    while true {
      while unsafe stream.pointee.avail_in > 0 {
        guard unsafe stream.pointee.next_in[0] == 0 else { return false }
        unsafe stream.pointee.next_in += 1
        unsafe stream.pointee.avail_in -= 1
      }
      if try !refill() { return true }
    }
  }

  /// Appends more input to what is left of it; false if there is none.
  private func refill() throws(IDXError) -> Bool {
    let left = unsafe Int(stream.pointee.avail_in)
    if left > 0, let rest = unsafe stream.pointee.next_in {
      unsafe piece.copyMemory(from: UnsafeRawBufferPointer(start: rest, count: left))
    }
    let count = try unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: piece[left...]))
    unsafe stream.pointee.next_in = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = uInt(left + count)
    consumed += count
    return count > 0
  }

  /// Decompresses from the input already read; returns the number of bytes written.
  private func inflatePiece(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    // zlib counts in 32 bits.
    let room = min(buffer.count, 1 << 30)
    unsafe stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = uInt(room)
    switch unsafe inflate(stream, Z_NO_FLUSH) {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isAtEnd = true
    case let status:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw failure(found: "damaged data (\(message ?? "zlib status \(status)"))")
    }
    return room - Int(unsafe stream.pointee.avail_out)
  }

  private func failure(found: String) -> IDXError {
    IDXError(
      .compression, path: path, offset: consumed - Int(unsafe stream.pointee.avail_in), found: found,
      expected: "valid \(format) data", advice: Advice.fetchAgain)
  }
}
