import RecurrentSupport

/// The pixels of a PNG image in shades of gray.
///
/// All forms of the standard are read: gray, color and palette, 1 to 16 bits, with and without transparency,
/// interlaced or not. Colors become gray by the formula of television, 0.299 R + 0.587 G + 0.114 B; 16 bits become 8.
///
/// Source: W3C, *Portable Network Graphics (PNG) Specification (Third Edition)*, 2025.
struct PNGImage {
  let width: Int
  let height: Int
  /// `[height, width]`, 0 black to 255 white, whatever their opacity.
  private(set) var shades: [UInt8]
  /// `[height, width]`, 0 transparent to 255 opaque; nil if all is opaque.
  private(set) var opacities: [UInt8]?

  /// No image may have more pixels than this, nor a longer side than ``longestSide``, so that memory stays bounded.
  static let mostPixels = 1 << 24
  static let longestSide = 1 << 15

  /// Reads a file.
  ///
  /// - Throws: ``IDXError`` if the file can't be read or is not a valid PNG image.
  /// - Complexity: O(size). Allocates one or two bytes for each pixel, and two rows, after a check that the file is
  ///   large enough to hold that many.
  init(contentsOf path: String) throws(IDXError) {
    let chunks = try PNGChunks(path: path)
    var format = try PNGFormat(chunks)
    try format.readPalette(chunks)
    (width, height) = (format.width, format.height)
    let passes = format.passes
    let size = passes.reduce(0) { $0 + $1.height * (1 + $1.rowSize) }
    guard size / GzipDecoder.maximumRatio <= chunks.fileSize else {
      throw chunks.damage(found: "\(chunks.fileSize) bytes", expected: "more, for \(width) × \(height) pixels")
    }
    // Twice as much again for processing the image.
    try Memory.require(8 * width * height + 2 * size / height, for: path)
    shades = [UInt8](repeating: 0, count: width * height)
    if format.hasOpacity { opacities = [UInt8](repeating: 255, count: width * height) }
    let inflater = try Inflater(chunks, path: path, format: .zlib)
    for pass in passes { try read(pass, of: format, from: inflater, chunks) }
    // Reading one byte more makes zlib verify the checksum.
    var more: [UInt8] = [0]
    _ = try inflater.read(into: &more)
    try chunks.readToEnd()
  }

  /// The image on a background, 0 black to 255 white.
  func flattened(on background: UInt8) -> [UInt8] {
    guard let opacities else { return shades }
    return zip(shades, opacities).map { (shade: UInt8, opacity: UInt8) -> UInt8 in
      let (front, back) = (Int(shade) * Int(opacity), Int(background) * (255 - Int(opacity)))
      return UInt8((front + back + 127) / 255)
    }
  }

  /// Reads every row of a pass, undoes its filter and puts its pixels where they belong.
  private mutating func read(
    _ pass: PNGFormat.Pass, of format: PNGFormat, from inflater: Inflater, _ chunks: PNGChunks
  ) throws(IDXError) {
    var (row, above) = ([UInt8](repeating: 0, count: pass.rowSize), [UInt8](repeating: 0, count: pass.rowSize))
    var filter: [UInt8] = [0]
    for y in 0..<pass.height {
      swap(&row, &above)
      guard try inflater.read(into: &filter) == 1, try inflater.read(into: &row) == pass.rowSize else {
        throw chunks.damage(found: "fewer pixels than announced", expected: "\(height) rows of \(width)")
      }
      guard Self.undo(filter[0], &row, above: above, distance: format.bytesPerPixel) else {
        throw chunks.damage(found: "filter \(filter[0]) in row \(y)", expected: "0 to 4")
      }
      for x in 0..<pass.width {
        guard let pixel = format.pixel(x, in: row) else {
          throw chunks.damage(found: "a color beyond the palette in row \(y)", expected: "one of its colors")
        }
        let target = (pass.y + y * pass.yStep) * width + pass.x + x * pass.xStep
        shades[target] = pixel.shade
        opacities?[target] = pixel.opacity
      }
    }
  }

  /// Undoes a filter: turns differences from neighbors back into bytes; false if there is no such filter.
  private static func undo(_ filter: UInt8, _ row: inout [UInt8], above: [UInt8], distance: Int) -> Bool {
    switch filter {
    case 0: break
    case 1: for i in row.indices.dropFirst(distance) { row[i] &+= row[i - distance] }
    case 2: for i in row.indices { row[i] &+= above[i] }
    case 3:
      for i in row.indices {
        let left = i < distance ? 0 : Int(row[i - distance])
        row[i] &+= UInt8((left + Int(above[i])) / 2)
      }
    case 4:
      for i in row.indices {
        let (a, c) = i < distance ? (0, 0) : (Int(row[i - distance]), Int(above[i - distance]))
        let b = Int(above[i])
        let (toA, toB, toC) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
        row[i] &+= UInt8(toA <= toB && toA <= toC ? a : toB <= toC ? b : c)
      }
    default: return false
    }
    return true
  }
}
