import CZlib
import RecurrentSupport

/// The chunks of a PNG image, in order; as a source of bytes, the contents of consecutive `IDAT` chunks.
///
/// ```
/// length  type  contents  CRC-32 of type and contents      4, 4, length and 4 bytes; numbers big-endian
/// ```
///
/// The checksums of the chunks that are read are verified. Other chunks are skipped, as by other readers.
final class PNGChunks: ByteSource {
  private static let expectation = "a PNG image"

  private let file: FileReader
  private var offset = 0
  /// The type of the chunk that is being read.
  private var type = ""
  /// The size of its contents, and how much of them has not been read.
  private(set) var length = 0
  private var rest = 0
  private var checksum: UInt = 0

  var path: String { file.path }
  var fileSize: Int { file.size }

  /// Opens a file.
  ///
  /// - Throws: ``IDXError`` if it can't be read or is not a PNG image.
  init(path: String) throws(IDXError) {
    file = try FileReader(path: path, expected: Self.expectation)
    let kind = FileKind(of: try file.start(FileKind.byteCount))
    guard kind == .png else {
      throw IDXError(
        .magic, path: path, offset: 0, found: kind?.name ?? "a file of another kind", expected: Self.expectation,
        advice: Self.advice(kind))
    }
    _ = try bytes(8)
  }

  private static func advice(_ kind: FileKind?) -> String {
    switch kind {
    case .idx: "name an IDX file with 'recurrent predict --images'"
    case .gzip: "if it is an IDX file, name it with 'recurrent predict --images'"
    case .empty, .html, .xml, .gitLFSPointer: kind?.advice ?? Advice.otherFile
    case let kind? where kind.isOtherPicture: "convert it to PNG"
    default: Advice.otherFile
    }
  }

  /// Begins the next chunk; its type.
  func next() throws(IDXError) -> String {
    let header = try bytes(8)
    length = header[..<4].reduce(0) { $0 << 8 | Int($1) }
    rest = length
    guard header[4...].allSatisfy({ (65...90).contains($0 & 0xDF) }), length < 1 << 31 else {
      throw damage(found: "no chunk", expected: "a length and a type of four letters")
    }
    type = String(decoding: header[4...], as: UTF8.self)
    checksum = Self.update(0, header[4...])
    return type
  }

  /// All contents of a chunk, which is small.
  func contents() throws(IDXError) -> [UInt8] {
    let contents = try bytes(rest)
    rest = 0
    checksum = Self.update(checksum, contents[...])
    try finish()
    return contents
  }

  /// Skips a chunk that is not needed.
  ///
  /// - Throws: ``IDXError`` if the image can't be understood without it.
  func pass() throws(IDXError) {
    let isNeeded = type.utf8.first.map { $0 & 0x20 == 0 } ?? true
    if isNeeded && type != "IDAT" && type != "PLTE" {
      throw damage(found: "the chunk \(type)", expected: "chunks that version 3 of the standard knows")
    }
    while rest > 0 { rest -= try bytes(min(rest, 1 << 16)).count }
    _ = try bytes(4)
  }

  /// Reads to the last chunk, after the pixels.
  func readToEnd() throws(IDXError) {
    // zlib may reach its end before the chunk does.
    while type == "IDAT" {
      while rest > 0 {
        let part = try bytes(min(rest, 1 << 16))
        checksum = Self.update(checksum, part[...])
        rest -= part.count
      }
      try finish()
      _ = try next()
    }
    while type != "IEND" {
      try pass()
      _ = try next()
    }
    guard length == 0 else { throw damage(found: "\(length) bytes in the last chunk", expected: "none") }
    try finish()
  }

  /// Ends a chunk whose contents have been read.
  private func finish() throws(IDXError) {
    let stored = try bytes(4).reduce(0) { $0 << 8 | UInt($1) }
    guard stored == checksum else {
      throw damage(found: "a wrong checksum of the chunk \(type)", expected: "undamaged data")
    }
  }

  /// The next few bytes of the file.
  private func bytes(_ count: Int) throws(IDXError) -> [UInt8] {
    guard count <= file.size - offset else { throw ending }
    var bytes = [UInt8](repeating: 0, count: count)
    guard try file.read(into: &bytes) == count else { throw ending }
    offset += count
    return bytes
  }

  /// Reads pixels: up to `buffer.count` bytes of consecutive `IDAT` chunks.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    var filled = 0
    while filled < buffer.count {
      if rest == 0 {
        guard type == "IDAT" else { break }
        try finish()
        guard try next() == "IDAT" else { break }
        continue
      }
      let count = min(rest, buffer.count - filled)
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
      guard try unsafe file.read(into: part) == count else { throw ending }
      checksum = unsafe UInt(
        crc32_z(uLong(checksum), part.baseAddress?.assumingMemoryBound(to: UInt8.self), part.count))
      offset += count
      rest -= count
      filled += count
    }
    return filled
  }

  /// An error at the current offset.
  func damage(found: String, expected: String) -> IDXError {
    IDXError(.damaged, path: path, offset: offset, found: found, expected: expected, advice: Advice.fetchAgain)
  }

  private var ending: IDXError {
    IDXError(
      .truncated, path: path, offset: file.size, found: "the end", expected: "more of the image",
      advice: Advice.fetchAgain)
  }

  private static func update(_ checksum: UInt, _ bytes: ArraySlice<UInt8>) -> UInt {
    unsafe bytes.withUnsafeBufferPointer { unsafe UInt(crc32_z(uLong(checksum), $0.baseAddress, $0.count)) }
  }
}
