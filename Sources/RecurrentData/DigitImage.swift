import Recurrent
import RecurrentSupport

/// An image of a digit in MNIST's form, 28 × 28 bytes, white on black, made from a PNG image of any size.
///
/// ```swift
/// let seven = try DigitImage(contentsOf: "seven.png")
/// let probabilities = network.probabilities(for: DigitImage.dataset([seven]).wholeBatch)
/// ```
///
/// An image of 28 × 28 pixels keeps its pixels, inverted if it is dark on light. From an image of any other size the
/// digit is cut out, scaled to fit 20 × 20 pixels with its proportions kept, and placed with its center of mass in the
/// middle, as MNIST's authors made their images.
///
/// Source: LeCun, Cortes and Burges, *The MNIST Database of Handwritten Digits*.
public struct DigitImage: Sendable, Equatable {
  /// `[28, 28]`, row by row, 0 black to 255 white.
  public let pixels: [UInt8]
  /// What was done to the image, for a notice; nil if nothing was.
  public let remark: String?

  private static let size = DigitData.imageSize
  // The box that MNIST's digits fill.
  private static let boxSize = 20

  /// Reads a PNG image.
  ///
  /// - Parameter path: the file: gray, color or palette, 1 to 16 bits, interlaced or not, with or without transparency.
  /// - Throws: ``IDXError`` if the file can't be read, is not a valid PNG image, or is of one shade.
  /// - Complexity: O(pixels).
  public init(contentsOf path: String) throws(IDXError) {
    let image = try PNGImage(contentsOf: path)
    // Transparent pixels count as white paper, or as black if all would be white then.
    var shades = image.flattened(on: 255)
    if image.opacities != nil, shades.max() == shades.min() { shades = image.flattened(on: 0) }
    guard let result = Self.digit(shades, width: image.width, height: image.height) else {
      throw IDXError(
        .blank, path: path, found: "\(image.width) × \(image.height) pixels of nearly one shade", expected: "a digit",
        advice: "choose an image with more contrast")
    }
    self = result
  }

  /// Images without labels as sequences of 28 steps of 28 features from 0 to 1, all labeled 0.
  ///
  /// - Parameter images: the images.
  /// - Returns: `[count, 28, 28]`.
  /// - Complexity: O(count).
  public static func dataset(_ images: [DigitImage]) -> SequenceDataset {
    DigitData.dataset(images: images.flatMap(\.pixels), labels: [Int32](repeating: 0, count: images.count))
  }

  private init(pixels: [UInt8], remark: String?) {
    (self.pixels, self.remark) = (pixels, remark)
  }

  /// The digit of an image; nil if there is none.
  static func digit(_ shades: [UInt8], width: Int, height: Int) -> DigitImage? {
    let border = borderMean(shades, width: width, height: height)
    let isDarkOnLight = border >= 128
    var ink = isDarkOnLight ? shades.map { 255 - $0 } : shades
    let ground = isDarkOnLight ? 255 - border : border
    guard let peak = ink.max(), Int(peak) - ground >= 32 else { return nil }
    if width == size && height == size {
      return DigitImage(pixels: ink, remark: isDarkOnLight ? "dark on light, so its negative is read" : nil)
    }
    // From the background, 0, to the strongest ink, 255; nearly background becomes background.
    let range = Int(peak) - ground
    let levels = (0...255).map { level in
      let value = min(max((level - ground) * 255 / range, 0), 255)
      return value < 51 ? 0 : UInt8(value)
    }
    for index in ink.indices { ink[index] = levels[Int(ink[index])] }
    let scaled = Raster(ink, width: width, height: height).cropped().scaled(into: boxSize)
    return DigitImage(
      pixels: scaled.centered(in: size),
      remark: "\(width) × \(height)\(isDarkOnLight ? ", dark on light" : ""): the digit was cut out, scaled to "
        + "\(scaled.width) × \(scaled.height) and centered, as MNIST's are")
  }

  /// The mean shade along the four edges, taken as the background.
  private static func borderMean(_ shades: [UInt8], width: Int, height: Int) -> Int {
    var (sum, count) = (0, 0)
    for y in 0..<height {
      let isEdge = y == 0 || y == height - 1
      for x in isEdge ? Array(0..<width) : [0, width - 1] {
        sum += Int(shades[y * width + x])
        count += 1
      }
    }
    return sum / count
  }
}

/// Strengths of ink on an empty background.
private struct Raster {
  var width: Int
  var height: Int
  // [height, width]
  var values: [Float]

  init(_ bytes: [UInt8], width: Int, height: Int) {
    (self.width, self.height, values) = (width, height, bytes.map(Float.init))
  }

  private init(width: Int, height: Int, values: [Float]) {
    (self.width, self.height, self.values) = (width, height, values)
  }

  /// The smallest part that contains all ink.
  func cropped() -> Raster {
    var (left, right, top, bottom) = (width, -1, height, -1)
    for y in 0..<height {
      for x in 0..<width where values[y * width + x] > 0 {
        (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
      }
    }
    let rows = (top...bottom).flatMap { values[$0 * width + left...$0 * width + right] }
    return Raster(width: right - left + 1, height: bottom - top + 1, values: rows)
  }

  /// Scaled to `size` pixels on the longer side; a pixel is the mean of the area it covers, and the strongest is 255.
  func scaled(into size: Int) -> Raster {
    let longer = max(width, height)
    let (newWidth, newHeight) = (
      max(1, (2 * width * size / longer + 1) / 2), max(1, (2 * height * size / longer + 1) / 2)
    )
    var result = resized(width: newWidth).transposed.resized(width: newHeight).transposed
    let peak = result.values.max() ?? 0
    if peak > 0 { result.values = result.values.map { $0 * 255 / peak } }
    return result
  }

  /// Each row divided into equal parts, each replaced by its mean.
  private func resized(width newWidth: Int) -> Raster {
    var result = Raster(width: newWidth, height: height, values: [])
    result.values.reserveCapacity(newWidth * height)
    let step = Float(width) / Float(newWidth)
    for y in 0..<height {
      for x in 0..<newWidth {
        let (start, end) = (Float(x) * step, Float(x + 1) * step)
        var sum: Float = 0
        for column in Int(start)..<min(Int(end.rounded(.up)), width) {
          let cover = min(end, Float(column + 1)) - max(start, Float(column))
          sum += max(cover, 0) * values[y * width + column]
        }
        result.values.append(sum / step)
      }
    }
    return result
  }

  private var transposed: Raster {
    Raster(
      width: height, height: width,
      values: (0..<width).flatMap { x in (0..<height).map { y in values[y * width + x] } })
  }

  /// The raster on a black square, with its center of mass in the middle as far as it fits.
  func centered(in size: Int) -> [UInt8] {
    var (mass, x, y): (Float, Float, Float) = (0, 0, 0)
    for row in 0..<height {
      for column in 0..<width {
        let value = values[row * width + column]
        mass += value
        x += value * Float(column)
        y += value * Float(row)
      }
    }
    let middle = Float(size - 1) / 2
    let left = min(max(Int((middle - x / mass).rounded()), 0), size - width)
    let top = min(max(Int((middle - y / mass).rounded()), 0), size - height)
    var pixels = [UInt8](repeating: 0, count: size * size)
    for row in 0..<height {
      for column in 0..<width {
        pixels[(top + row) * size + left + column] = UInt8(values[row * width + column].rounded())
      }
    }
    return pixels
  }
}
