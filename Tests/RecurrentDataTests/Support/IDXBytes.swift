import CZlib
import RecurrentData

/// Makes the bytes of IDX files.
enum IDXBytes {
  /// A header: two zeros, the type, the rank, the sizes.
  static func header(type: UInt8 = 0x08, sizes: [UInt32]) -> [UInt8] {
    var bytes = [0, 0, type, UInt8(sizes.count)]
    for size in sizes { withUnsafeBytes(of: size.bigEndian) { bytes += $0 } }
    return bytes
  }

  /// A file whose elements count up, with a period that fits no size in use.
  static func counting(_ sizes: Int...) -> [UInt8] {
    header(sizes: sizes.map(UInt32.init)) + (0..<sizes.reduce(1, *)).map { UInt8($0 % 251) }
  }

  /// A file of labels.
  static func labels(_ labels: [UInt8]) -> [UInt8] { header(sizes: [UInt32(labels.count)]) + labels }

  /// A file of so many labels from 0 to 9 in turn.
  static func labels(count: Int) -> [UInt8] { labels((0..<count).map { UInt8($0 % 10) }) }

  /// The bytes as a gzip file of one member.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    // 15 + 16: a gzip header and trailer around the largest window.
    deflateInit2_(
      &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var (input, output) = (bytes, [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(bytes.count)))))
    let written = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        (stream.next_in, stream.avail_in) = (input.baseAddress, uInt(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, uInt(output.count))
        deflate(&stream, Z_FINISH)
        return output.count - Int(stream.avail_out)
      }
    }
    return Array(output[..<written])
  }
}
