import CZlib

/// Makes the bytes of PNG images.
struct PNGBytes: Sendable {
  var width: Int
  var height: Int
  var depth = 8
  /// PNG's color type: 0 gray, 2 color, 3 palette, 4 gray with opacity, 6 color with opacity.
  var color = 0
  var isInterlaced = false
  /// The filter of each row in turn.
  var filters = [0]
  var palette: [UInt8]?
  var transparency: [UInt8]?
  /// The size of the pieces that the compressed pixels are cut into.
  var pieceSize = Int.max
  /// The samples of a pixel.
  var pixel: @Sendable (_ x: Int, _ y: Int) -> [Int]

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// A gray image of 8 bits.
  static func gray(_ width: Int, _ height: Int, _ shade: @escaping @Sendable (_ x: Int, _ y: Int) -> Int) -> [UInt8] {
    PNGBytes(width: width, height: height) { [shade($0, $1)] }.bytes
  }

  /// The whole file.
  var bytes: [UInt8] {
    var bytes = Self.signature + header
    // A chunk that nobody has to know.
    bytes += Self.chunk("tEXt", Array("Title\0seven".utf8))
    if let palette { bytes += Self.chunk("PLTE", palette) }
    if let transparency { bytes += Self.chunk("tRNS", transparency) }
    let data = Self.compressed(rows)
    for start in stride(from: 0, to: data.count, by: min(pieceSize, data.count)) {
      bytes += Self.chunk("IDAT", Array(data[start..<min(start + min(pieceSize, data.count), data.count)]))
    }
    return bytes + Self.chunk("IEND", [])
  }

  var header: [UInt8] {
    Self.chunk(
      "IHDR", Self.number(width) + Self.number(height) + [UInt8(depth), UInt8(color), 0, 0, isInterlaced ? 1 : 0])
  }

  /// All rows, each after its filter.
  var rows: [UInt8] {
    guard isInterlaced else { return rows(columns: Array(0..<width), rows: Array(0..<height)) }
    // By the drawing of the standard: which pass a pixel of a square of 8 × 8 belongs to.
    let square = [
      [1, 6, 4, 6, 2, 6, 4, 6], [7, 7, 7, 7, 7, 7, 7, 7], [5, 6, 5, 6, 5, 6, 5, 6], [7, 7, 7, 7, 7, 7, 7, 7],
      [3, 6, 4, 6, 3, 6, 4, 6], [7, 7, 7, 7, 7, 7, 7, 7], [5, 6, 5, 6, 5, 6, 5, 6], [7, 7, 7, 7, 7, 7, 7, 7],
    ]
    return (1...7).flatMap { pass in
      let columns = (0..<width).filter { x in square.contains { $0[x % 8] == pass } }
      let rows = (0..<height).filter { y in square[y % 8].contains(pass) }
      return columns.isEmpty ? [] : self.rows(columns: columns, rows: rows)
    }
  }

  private func rows(columns: [Int], rows: [Int]) -> [UInt8] {
    var result: [UInt8] = []
    var above: [UInt8]?
    let distance = max(1, depth * [1, 0, 3, 1, 2, 0, 4][color] / 8)
    for (index, y) in rows.enumerated() {
      let row = packed(columns.flatMap { pixel($0, y) })
      let filter = filters[index % filters.count]
      result.append(UInt8(filter))
      for i in row.indices {
        let left = i < distance ? 0 : Int(row[i - distance])
        let up = Int(above?[i] ?? 0)
        let corner = i < distance ? 0 : Int(above?[i - distance] ?? 0)
        let guess = left + up - corner
        let nearest = [left, up, corner].min { abs(guess - $0) < abs(guess - $1) }!
        let prediction = [0, left, up, (left + up) / 2, nearest][min(filter, 4)]
        result.append(row[i] &- UInt8(prediction))
      }
      above = row
    }
    return result
  }

  /// Samples as bits, the first one highest, filled up to whole bytes.
  private func packed(_ samples: [Int]) -> [UInt8] {
    if depth == 8 { return samples.map { UInt8($0) } }
    var bits = samples.flatMap { sample in (0..<depth).reversed().map { UInt8(sample >> $0 & 1) } }
    bits += [UInt8](repeating: 0, count: (8 - bits.count % 8) % 8)
    return stride(from: 0, to: bits.count, by: 8).map { bits[$0..<$0 + 8].reduce(0) { $0 << 1 | $1 } }
  }

  /// A chunk with its length and checksum.
  static func chunk(_ type: String, _ contents: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + contents
    return number(contents.count) + body + number(Int(crc32(0, body, uInt(body.count))))
  }

  static func number(_ value: Int) -> [UInt8] {
    (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// Bytes as zlib writes them.
  static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(length))
    compress(&result, &length, bytes, uLong(bytes.count))
    return Array(result[..<Int(length)])
  }
}
