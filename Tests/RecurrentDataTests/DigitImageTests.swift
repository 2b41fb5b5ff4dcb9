import Foundation
import Recurrent
import TestSupport
import Testing

@testable import RecurrentData

/// Digits from images of any size, in MNIST's form.
@Suite struct DigitImageTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func digit(_ bytes: [UInt8]) throws -> DigitImage {
    try DigitImage(contentsOf: try folder.write(bytes, to: "digit.png"))
  }

  /// The pixels of a digit of MNIST's form.
  private func sample(_ position: Int) -> [Int] {
    let digits = BuiltInDigits.draw(training: 0, validation: 0, test: 20, seed: 4).test
    return digits.batch([position]).inputs.values.map { Int(($0 * 255).rounded()) }
  }

  private func bounds(_ image: DigitImage) -> (columns: ClosedRange<Int>, rows: ClosedRange<Int>) {
    let ink = image.pixels.indices.filter { image.pixels[$0] > 0 }
    let (columns, rows) = (ink.map { $0 % 28 }, ink.map { $0 / 28 })
    return (columns.min()!...columns.max()!, rows.min()!...rows.max()!)
  }

  private func center(_ image: DigitImage) -> (x: Double, y: Double) {
    let mass = image.pixels.reduce(0) { $0 + Double($1) }
    let x = image.pixels.enumerated().reduce(0) { $0 + Double($1.element) * Double($1.offset % 28) } / mass
    let y = image.pixels.enumerated().reduce(0) { $0 + Double($1.element) * Double($1.offset / 28) } / mass
    return (x, y)
  }

  @Test("28 × 28 pixels are taken as they are, or as their negative", arguments: [0, 3, 7])
  func ownSize(position: Int) throws {
    let pixels = sample(position)
    let white = try digit(PNGBytes.gray(28, 28) { x, y in pixels[28 * y + x] })
    #expect(white.pixels.map(Int.init) == pixels && white.remark == nil)
    let black = try digit(PNGBytes.gray(28, 28) { x, y in 255 - pixels[28 * y + x] })
    #expect(black.pixels == white.pixels)
    #expect(black.remark?.contains("negative") == true)
  }

  @Test("a bar is cut out, scaled to 20 pixels and centered", arguments: [true, false])
  func bar(isDarkOnLight: Bool) throws {
    // 30 × 100 in a corner of 300 × 200, on paper that is not quite white.
    let (ink, paper) = isDarkOnLight ? (20, 240) : (235, 15)
    let image = try digit(
      PNGBytes.gray(300, 200) { x, y in (10..<40).contains(x) && (90..<190).contains(y) ? ink : paper })
    let (columns, rows) = bounds(image)
    #expect(columns.count == 6 && rows.count == 20)
    #expect(image.pixels.allSatisfy { $0 == 0 || $0 == 255 })
    let center = center(image)
    #expect(abs(center.x - 13.5) <= 0.5 && abs(center.y - 13.5) <= 0.5)
    #expect(image.remark?.contains("6 × 20") == true)
    #expect(image.remark?.contains("dark on light") == isDarkOnLight)
  }

  @Test("the center of mass comes to the middle, not that of the box")
  func mass() throws {
    // A foot and a thin mast: half of the ink lies below.
    let image = try digit(
      PNGBytes.gray(120, 120) { x, y in
        (40..<44).contains(x) && (10..<90).contains(y) || (30..<60).contains(x) && (90..<100).contains(y) ? 255 : 0
      })
    let (_, rows) = bounds(image)
    #expect(rows.count == 20)
    #expect(rows.upperBound - 14 < 14 - rows.lowerBound, "the box lies above")
    #expect(abs(center(image).y - 13.5) <= 0.6)
  }

  @Test("one digit in several sizes looks alike", arguments: [0, 1, 2, 5, 8])
  func scales(position: Int) throws {
    let pixels = sample(position)
    let images = try [3, 5, 9].map { scale in
      try digit(PNGBytes.gray(28 * scale, 28 * scale) { x, y in 255 - pixels[y / scale * 28 + x / scale] })
    }
    let mass = images[0].pixels.reduce(0) { $0 + Double($1) }
    for image in images {
      let difference = zip(image.pixels, images[0].pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      #expect(Double(difference) < 0.05 * mass)
      let (columns, rows) = bounds(image)
      #expect(max(columns.count, rows.count) == 20)
    }
  }

  @Test("thin strokes do not fade, and faint shadows of the paper do not count")
  func thin() throws {
    let image = try digit(
      PNGBytes.gray(400, 400) { x, y in (200...201).contains(x) && (50..<350).contains(y) ? 60 : 230 + (x + y) % 20 })
    #expect(image.pixels.max() == 255)
    let (columns, rows) = bounds(image)
    #expect(columns.count == 1 && rows.count == 20)
  }

  @Test("what is drawn on nothing is seen, in black and in white", arguments: [0, 255])
  func onNothing(shade: Int) throws {
    let image = try digit(
      PNGBytes(width: 60, height: 60, color: 4) { x, y in
        [shade, (20..<30).contains(x) && (10..<50).contains(y) ? 255 : 0]
      }
      .bytes)
    let (columns, rows) = bounds(image)
    #expect(columns.count == 5 && rows.count == 20)
  }

  @Test("images of one shade show nothing", arguments: [(1, 1, 0), (28, 28, 255), (300, 2, 128)])
  func blank(width: Int, height: Int, shade: Int) throws {
    let path = try folder.write(PNGBytes.gray(width, height) { x, _ in min(shade + x % 9, 255) }, to: "blank.png")
    let error = try #require(idxError { () throws(IDXError) in _ = try DigitImage(contentsOf: path) })
    #expect(error.kind == .blank && error.found.hasPrefix("\(width) × \(height) pixels"))
  }

  @Test("any size and any pixels give an image of 28 × 28 or a typed error", .timeLimit(.minutes(30)))
  func anyPixels() throws {
    var generator = SplitMix64(seed: 9)
    for _ in 0..<300 {
      let (width, height) = (1 + generator.integer(below: 60), 1 + generator.integer(below: 60))
      let pixels = (0..<width * height).map { _ in UInt8(generator.integer(below: 256)) }
      guard let image = DigitImage.digit(pixels, width: width, height: height) else { continue }
      #expect(image.pixels.count == 784 && image.pixels.contains { $0 > 0 })
    }
  }

  @Test func asSequences() throws {
    let images = try [2, 6].map { position in
      let pixels = sample(position)
      return try digit(PNGBytes.gray(28, 28) { x, y in pixels[28 * y + x] })
    }
    let dataset = DigitImage.dataset(images)
    #expect(dataset.count == 2 && dataset.stepCount == 28 && dataset.inputSize == 28)
    #expect(abs(dataset.batch([1]).inputs[0, 14, 13] - Float(images[1].pixels[14 * 28 + 13]) / 255) < 1e-6)
  }
}
