import Foundation
import Recurrent
import RecurrentSupport
import TestSupport
import Testing

@testable import RecurrentData

/// PNG images of every form, and everything that can be wrong with one.
@Suite struct PNGImageTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func read(_ bytes: [UInt8]) throws -> PNGImage {
    try PNGImage(contentsOf: try folder.write(bytes, to: "image.png"))
  }

  private static func gray(_ red: Int, _ green: Int, _ blue: Int) -> Int {
    Int((0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)).rounded())
  }

  struct Form: CustomTestStringConvertible, Sendable {
    let color: Int
    let depth: Int
    var testDescription: String { "color type \(color), \(depth) bits" }
  }

  static let forms =
    [1, 2, 4, 8, 16].map { Form(color: 0, depth: $0) } + [1, 2, 4, 8].map { Form(color: 3, depth: $0) }
    + [2, 4, 6].flatMap { color in [8, 16].map { Form(color: color, depth: $0) } }

  @Test(arguments: forms, [false, true])
  func everyForm(_ form: Form, isInterlaced: Bool) throws {
    let largest = 1 << form.depth - 1
    // Sizes with and without all seven parts, and rows that end within a byte.
    for (width, height) in [(1, 1), (3, 2), (5, 1), (1, 7), (13, 9), (33, 17)] {
      var generator = SplitMix64(seed: UInt64(width * 100 + height))
      let palette = (0..<3 * min(largest + 1, 256)).map { _ in UInt8(generator.integer(below: 256)) }
      let count = form.color == 3 ? palette.count / 3 : largest + 1
      let samples = (0..<width * height).map { _ in (0..<4).map { _ in generator.integer(below: count) } }
      let opacities = (0..<2).map { _ in UInt8(generator.integer(below: 256)) }
      let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][form.color]!
      var png = PNGBytes(width: width, height: height, depth: form.depth, color: form.color) {
        Array(samples[$1 * width + $0].prefix(channels))
      }
      png.isInterlaced = isInterlaced
      png.filters = [0, 4, 3, 1, 2, 4]
      png.pieceSize = 7
      if form.color == 3 { (png.palette, png.transparency) = (palette, opacities) }
      // The color of the first pixel is transparent.
      if form.color == 0 || form.color == 2 {
        png.transparency = samples[0].prefix(channels).flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
      }
      let image = try read(png.bytes)
      #expect(image.width == width && image.height == height)
      for (position, sample) in samples.enumerated() {
        let eight = sample.map { Int((Double($0) * 255 / Double(largest)).rounded()) }
        let (shade, opacity): (Int, Int) =
          switch form.color {
          case 0: (eight[0], sample[0] == samples[0][0] ? 0 : 255)
          case 2:
            (Self.gray(eight[0], eight[1], eight[2]), sample.prefix(3) == samples[0].prefix(3) ? 0 : 255)
          case 3:
            (
              Self.gray(Int(palette[3 * sample[0]]), Int(palette[3 * sample[0] + 1]), Int(palette[3 * sample[0] + 2])),
              sample[0] < 2 ? Int(opacities[sample[0]]) : 255
            )
          case 4: (eight[0], eight[1])
          default: (Self.gray(eight[0], eight[1], eight[2]), eight[3])
          }
        #expect(abs(Int(image.shades[position]) - shade) <= 1, "\(width) × \(height), pixel \(position)")
        #expect(Int(image.opacities?[position] ?? 255) == opacity, "\(width) × \(height), pixel \(position)")
      }
    }
  }

  @Test func transparency() throws {
    let png = PNGBytes(width: 3, height: 1, color: 4) { x, _ in [[0, 255], [100, 0], [200, 51]][x] }
    let image = try read(png.bytes)
    #expect(image.flattened(on: 255) == [0, 255, 244])
    #expect(image.flattened(on: 0) == [0, 0, 40])
    #expect(try read(PNGBytes.gray(2, 1) { x, _ in x * 9 }).flattened(on: 255) == [0, 9])
  }

  /// An image of 9 × 6, with all of its parts.
  private static let image = PNGBytes(width: 9, height: 6, filters: [4, 1]) { x, y in [(x * 31 + y * 17) % 256] }
  private static let whole = image.bytes
  // The chunks of the image begin here: signature, header of 25 bytes, text of 23.
  private static let textStart = 33
  private static let dataStart = 56

  struct Fault: CustomTestStringConvertible, Sendable {
    let reason: String
    let kind: IDXError.Kind
    let found: String
    let bytes: [UInt8]
    var testDescription: String { reason }
  }

  private static func fault(_ reason: String, _ kind: IDXError.Kind, _ found: String, _ bytes: [UInt8]) -> Fault {
    Fault(reason: reason, kind: kind, found: found, bytes: bytes)
  }

  private static func fault(_ reason: String, _ found: String, _ bytes: [UInt8]) -> Fault {
    fault(reason, .damaged, found, bytes)
  }

  private static func header(_ contents: [UInt8]) -> [UInt8] {
    PNGBytes.signature + PNGBytes.chunk("IHDR", contents) + whole[textStart...]
  }

  private static func header(_ width: Int, _ height: Int, _ rest: [UInt8] = [8, 0, 0, 0, 0]) -> [UInt8] {
    header(PNGBytes.number(width) + PNGBytes.number(height) + rest)
  }

  private static func pixels(_ chunk: [UInt8], color: Int = 0) -> [UInt8] {
    var image = image
    image.color = color
    return PNGBytes.signature + image.header + chunk + PNGBytes.chunk("IEND", [])
  }

  private static let faults: [Fault] = [
    fault("empty", .magic, "an empty file", []),
    fault("JPEG", .magic, "a JPEG image", [0xFF, 0xD8, 0xFF, 0xE0]),
    fault("images of IDX", .magic, "an IDX file", IDXBytes.counting(1, 28, 28)),
    fault("no header", "no header", PNGBytes.signature + whole[dataStart...]),
    fault("a short header", "no header", header([0, 0, 0, 1])),
    fault("no pixels across", .shape, "0 × 6", header(0, 6)),
    fault("no pixels down", .shape, "9 × 0", header(9, 0)),
    fault("a negative side", .shape, "an image of", header(-1, 6)),
    fault("a billion pixels", .shape, "30000 × 30000", header(30_000, 30_000)),
    fault("a side of a million", .shape, "1000000 × 1", header(1_000_000, 1)),
    fault("more than a file of this size can hold", "bytes", header(4000, 4000)),
    fault("3 bits", "color type 0 of 3 bits", header(9, 6, [3, 0, 0, 0, 0])),
    fault("colors of 4 bits", "color type 2 of 4 bits", header(9, 6, [4, 2, 0, 0, 0])),
    fault("a color type there is not", "color type 5", header(9, 6, [8, 5, 0, 0, 0])),
    fault("a compression there is not", "compression 1", header(9, 6, [8, 0, 1, 0, 0])),
    fault("interlaced in another way", "interlacing 2", header(9, 6, [8, 0, 0, 0, 2])),
    fault("fewer rows than announced", "fewer pixels", header(9, 7)),
    fault("a filter there is not", "filter", header(8, 6)),
    fault("no palette", "no palette", header(9, 6, [8, 3, 0, 0, 0])),
    fault("a palette of four bytes", "a palette of 4", pixels(PNGBytes.chunk("PLTE", [1, 2, 3, 4]), color: 3)),
    fault("a palette of nothing", "a palette of 0", pixels(PNGBytes.chunk("PLTE", []), color: 3)),
    fault(
      "a palette of gigabytes", "a palette of 2000000000",
      pixels(PNGBytes.number(2_000_000_000) + Array("PLTE".utf8), color: 3)),
    fault(
      "a color beyond the palette", "a color beyond",
      pixels(PNGBytes.chunk("PLTE", [1, 2, 3]) + whole[dataStart...], color: 3)),
    fault("transparency of three bytes", "transparency of 3", pixels(PNGBytes.chunk("tRNS", [1, 2, 3]))),
    fault("transparency twice", "transparency of 1", pixels(PNGBytes.chunk("tRNS", [1]), color: 4)),
    fault("much transparency", "transparency of 300", pixels(PNGBytes.chunk("tRNS", .init(repeating: 0, count: 300)))),
    fault("no pixels at all", "the end", pixels([])),
    fault("a chunk that one has to know", "the chunk ABCD", pixels(PNGBytes.chunk("ABCD", [1]))),
    fault("no chunk", "no chunk", pixels([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8])),
    fault("pixels that are no zlib", .compression, "damaged data", pixels(PNGBytes.chunk("IDAT", [1, 2, 3, 4]))),
    fault(
      "half of the pixels", .compression, "the end of the compressed data",
      pixels(PNGBytes.chunk("IDAT", Array(PNGBytes.compressed(image.rows).dropLast(9))))),
    fault("contents in the last chunk", "1 bytes", Array(whole.dropLast(12)) + PNGBytes.chunk("IEND", [0])),
  ]

  @Test(arguments: faults)
  func faulty(_ fault: Fault) throws {
    let error = try #require(
      idxError { () throws(IDXError) in
        _ = try PNGImage(contentsOf: (try? folder.write(fault.bytes, to: "image.png")) ?? "")
      })
    #expect(error.kind == fault.kind)
    #expect(error.found.contains(fault.found), "\(error)")
  }

  @Test func cutOffAnywhere() throws {
    for length in 0..<Self.whole.count {
      let path = try folder.write(Array(Self.whole[..<length]), to: "image.png")
      let error = try #require(idxError { () throws(IDXError) in _ = try PNGImage(contentsOf: path) }, "\(length)")
      #expect(length < 8 || error.kind == .truncated, "\(length): \(error)")
    }
  }

  @Test func anyBitChangedIsNoticed() throws {
    let original = try read(Self.whole)
    for position in 8..<Self.whole.count {
      var bytes = Self.whole
      bytes[position] ^= 1 << UInt8(position % 8)
      // Text matters to nobody, and what follows the end neither; a changed letter may make a chunk another one.
      let isText = (Self.textStart + 4..<Self.dataStart).contains(position)
      guard let image = try? read(bytes) else { continue }
      #expect(isText && image.shades == original.shades, "byte \(position)")
    }
  }

  @Test("other bytes give an image or a typed error, and never much memory", .timeLimit(.minutes(30)))
  func mutations() throws {
    var generator = SplitMix64(seed: 1)
    var interlaced = Self.image
    interlaced.isInterlaced = true
    let palette = PNGBytes(
      width: 11, height: 5, depth: 4, color: 3, filters: [2], palette: .init(repeating: 7, count: 48),
      transparency: [1, 2]
    ) { x, y in [(x + y) % 16] }
    let images = [Self.whole, interlaced.bytes, palette.bytes]
    var read = 0
    for round in 0..<3_000 {
      var bytes = images[round % 3]
      for _ in 0...generator.integer(below: 4) {
        let position = generator.integer(below: bytes.count)
        switch generator.integer(below: 4) {
        case 0: bytes[position] = UInt8(generator.integer(below: 256))
        case 1: bytes.remove(at: position)
        case 2: bytes.insert(UInt8(generator.integer(below: 256)), at: position)
        default: bytes.removeSubrange(position..<min(position + generator.integer(below: 30), bytes.count))
        }
        if bytes.isEmpty { bytes = [0] }
      }
      // Right checksums lead further in.
      if round % 2 == 0 { Self.mendChecksums(&bytes) }
      let path = try folder.write(bytes, to: "image.png")
      do throws(IDXError) {
        let image = try PNGImage(contentsOf: path)
        #expect(image.shades.count == image.width * image.height)
        read += 1
      } catch {
        #expect(!error.isMissingInput && error.description == error.description.shown(limit: .max))
      }
    }
    #expect(read > 10, "some of them are images")
  }

  private static func mendChecksums(_ bytes: inout [UInt8]) {
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard start + 12 + length <= bytes.count else { return }
      let type = String(decoding: bytes[start + 4..<start + 8], as: UTF8.self)
      let chunk = PNGBytes.chunk(type, Array(bytes[start + 8..<start + 8 + length]))
      if chunk.count == 12 + length { bytes.replaceSubrange(start..<start + 12 + length, with: chunk) }
      start += 12 + length
    }
  }

  @Test func filesThatAreNotThere() throws {
    let missing = folder.path("nothing.png")
    let error = try #require(idxError { () throws(IDXError) in _ = try PNGImage(contentsOf: missing) })
    #expect(error.kind == .missing && error.expected == "a PNG image")
    let inPlace = folder.path
    #expect(try #require(idxError { () throws(IDXError) in _ = try PNGImage(contentsOf: inPlace) }).kind == .unreadable)
  }
}
