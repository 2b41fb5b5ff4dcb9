/// The format of the pixels of a PNG image, as its chunks `IHDR`, `PLTE` and `tRNS` specify it.
struct PNGFormat {
  /// What the samples of a pixel mean; the raw value is PNG's color type.
  private enum Color: UInt8 {
    case gray = 0
    case color = 2
    case palette = 3
    case grayAndOpacity = 4
    case colorAndOpacity = 6

    var sampleCount: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAndOpacity: 2
      case .color: 3
      case .colorAndOpacity: 4
      }
    }

    var depths: [Int] {
      switch self {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      default: [8, 16]
      }
    }
  }

  /// A set of rows and columns of an image that are stored together.
  struct Pass {
    var x: Int, y: Int, xStep: Int, yStep: Int
    var width: Int, height: Int
    /// Bytes of a row, without its filter.
    var rowSize: Int
  }

  let width: Int
  let height: Int
  private let depth: Int
  private let color: Color
  private let isInterlaced: Bool
  // The palette as shades of gray.
  private var palette: [UInt8] = []
  private var paletteOpacities: [UInt8] = []
  /// The samples of the transparent color; for gray, the same three times.
  private var transparent: SIMD3<Int>?

  /// Reads the first chunk.
  init(_ chunks: PNGChunks) throws(IDXError) {
    guard try chunks.next() == "IHDR", chunks.length == 13 else {
      throw chunks.damage(found: "no header", expected: "the chunk IHDR of 13 bytes first")
    }
    let header = try chunks.contents()
    let sizes = [header[0..<4], header[4..<8]].map { $0.reduce(0) { $0 << 8 | Int($1) } }
    (width, height) = (sizes[0], sizes[1])
    guard width > 0, height > 0, max(width, height) <= PNGImage.longestSide, width * height <= PNGImage.mostPixels
    else {
      throw IDXError(
        .shape, path: chunks.path, found: "an image of \(width) × \(height) pixels",
        expected: "sides from 1 to \(PNGImage.longestSide) and at most \(PNGImage.mostPixels) pixels",
        advice: "scale the image down")
    }
    guard let color = Color(rawValue: header[9]), color.depths.contains(Int(header[8])) else {
      throw chunks.damage(found: "color type \(header[9]) of \(header[8]) bits", expected: "one of the standard's")
    }
    guard header[10] == 0, header[11] == 0, header[12] <= 1 else {
      throw chunks.damage(
        found: "compression \(header[10]), filters \(header[11]), interlacing \(header[12])",
        expected: "0, 0, and 0 or 1")
    }
    (depth, self.color, isInterlaced) = (Int(header[8]), color, header[12] == 1)
  }

  /// Reads the chunks before the pixels.
  mutating func readPalette(_ chunks: PNGChunks) throws(IDXError) {
    while true {
      switch try chunks.next() {
      case "IDAT":
        if color == .palette && palette.isEmpty {
          throw chunks.damage(found: "no palette", expected: "the chunk PLTE before the pixels")
        }
        return
      case "PLTE":
        guard chunks.length > 0, chunks.length <= 768, chunks.length % 3 == 0 else {
          throw chunks.damage(found: "a palette of \(chunks.length) bytes", expected: "3 for each of 1 to 256 colors")
        }
        let bytes = try chunks.contents()
        palette = stride(from: 0, to: bytes.count, by: 3).map {
          Self.shade(red: Int(bytes[$0]), green: Int(bytes[$0 + 1]), blue: Int(bytes[$0 + 2]))
        }
      case "tRNS": try readTransparency(chunks)
      case "IEND": throw chunks.damage(found: "the end", expected: "pixels (the chunk IDAT)")
      default: try chunks.pass()
      }
    }
  }

  private mutating func readTransparency(_ chunks: PNGChunks) throws(IDXError) {
    guard chunks.length <= 256 else {
      throw chunks.damage(found: "transparency of \(chunks.length) bytes", expected: "at most 256")
    }
    let bytes = try chunks.contents()
    switch color {
    case .palette: paletteOpacities = bytes
    case .gray where bytes.count == 2, .color where bytes.count == 6:
      let samples = (0..<3).map { 2 * $0 % bytes.count }.map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
      transparent = SIMD3(samples)
    default:
      throw chunks.damage(found: "transparency of \(bytes.count) bytes", expected: "as much as the color type has")
    }
  }

  private var bitsPerPixel: Int { depth * color.sampleCount }

  /// The distance between the bytes that a filter compares.
  var bytesPerPixel: Int { (bitsPerPixel + 7) / 8 }

  /// Whether pixels may be transparent.
  var hasOpacity: Bool {
    color == .grayAndOpacity || color == .colorAndOpacity || transparent != nil || !paletteOpacities.isEmpty
  }

  /// The passes in order: the whole image, or the seven passes of an interlaced one (Adam7).
  var passes: [Pass] {
    let grids =
      isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    return grids.compactMap { x, y, xStep, yStep in
      let (columns, rows) = ((width - x + xStep - 1) / xStep, (height - y + yStep - 1) / yStep)
      guard columns > 0, rows > 0 else { return nil }
      return Pass(
        x: x, y: y, xStep: xStep, yStep: yStep, width: columns, height: rows, rowSize: (columns * bitsPerPixel + 7) / 8)
    }
  }

  /// The pixel at an index of a row; nil for a color that is not in the palette.
  func pixel(_ x: Int, in row: [UInt8]) -> (shade: UInt8, opacity: UInt8)? {
    let first = sample(x * color.sampleCount, in: row)
    switch color {
    case .palette:
      guard first < palette.count else { return nil }
      return (palette[first], first < paletteOpacities.count ? paletteOpacities[first] : 255)
    case .gray:
      return (byte(first), transparent?.x == first ? 0 : 255)
    case .grayAndOpacity:
      return (byte(first), byte(sample(2 * x + 1, in: row)))
    case .color, .colorAndOpacity:
      let start = x * color.sampleCount
      let (green, blue) = (sample(start + 1, in: row), sample(start + 2, in: row))
      let shade = Self.shade(red: Int(byte(first)), green: Int(byte(green)), blue: Int(byte(blue)))
      if color == .colorAndOpacity { return (shade, byte(sample(start + 3, in: row))) }
      return (shade, transparent == SIMD3(first, green, blue) ? 0 : 255)
    }
  }

  /// A sample as stored, of 1 to 16 bits.
  private func sample(_ index: Int, in row: [UInt8]) -> Int {
    switch depth {
    case 16: return Int(row[2 * index]) << 8 | Int(row[2 * index + 1])
    case 8: return Int(row[index])
    default:
      let bit = index * depth
      return Int(row[bit / 8]) >> (8 - depth - bit % 8) & (1 << depth - 1)
    }
  }

  /// A sample in 8 bits.
  private func byte(_ sample: Int) -> UInt8 {
    let largest = 1 << depth - 1
    return UInt8((sample * 255 + largest / 2) / largest)
  }

  private static func shade(red: Int, green: Int, blue: Int) -> UInt8 {
    UInt8((19_595 * red + 38_470 * green + 7_471 * blue + 1 << 15) >> 16)
  }
}
