import Recurrent

/// A canvas of 28 × 28 pixels on which lines are drawn.
///
/// Every pixel holds the distance of its center to the edge of the nearest line, negative inside the line. So lines
/// that meet or cross join without seams, in whatever order they are drawn.
struct DigitCanvas {
  static let size = DigitData.imageSize
  static let pixelCount = size * size
  // Rows are padded to whole vectors.
  private static let vectorsPerRow = 4
  private static let farAway = SIMD8<Float>(repeating: 1000)

  private var distances = [SIMD8<Float>](repeating: farAway, count: size * vectorsPerRow)

  /// How bright the ink is: 1 is white.
  var brightness: Float = 1
  /// The width of an edge, from white to black, in pixels.
  var softness: Float = 1

  /// Removes all lines.
  mutating func clear() {
    for index in distances.indices { distances[index] = Self.farAway }
  }

  /// Draws a line with round ends.
  mutating func drawLine(from a: SIMD2<Float>, to b: SIMD2<Float>, radius: Float) {
    let reach = radius + softness
    let low = a.replacing(with: b, where: b .< a) - reach
    let high = a.replacing(with: b, where: b .> a) + reach
    let limit = Float(Self.size - 1)
    guard high.x >= 0, high.y >= 0, low.x <= limit, low.y <= limit else { return }
    let rows = Int(max(low.y, 0))...Int(min(high.y + 1, limit))
    let vectors = Int(max(low.x, 0)) / 8...Int(min(high.x + 1, limit)) / 8
    let along = b - a
    let lengthSquared = (along * along).sum()
    let inverse = lengthSquared > 0 ? 1 / lengthSquared : 0
    let (zero, one) = (SIMD8<Float>.zero, SIMD8<Float>.one)
    for row in rows {
      let y = Float(row) - a.y
      for vector in vectors {
        let x = SIMD8<Float>(0, 1, 2, 3, 4, 5, 6, 7) + (Float(8 * vector) - a.x)
        // The point of the line that is nearest lies at a + t · along.
        var t = (x * along.x + y * along.y) * inverse
        t = t.clamped(lowerBound: zero, upperBound: one)
        let (dx, dy) = (x - t * along.x, y - t * along.y)
        let distance = (dx * dx + dy * dy).squareRoot() - radius
        let index = row * Self.vectorsPerRow + vector
        let nearest = distances[index]
        distances[index] = nearest.replacing(with: distance, where: distance .< nearest)
      }
    }
  }

  /// Turns distances into bytes, with uneven ink.
  func develop(into pixels: UnsafeMutableBufferPointer<UInt8>, noise generator: inout SplitMix64) {
    let (white, sharpness) = (255 * brightness, 1 / softness)
    for row in 0..<Self.size {
      for column in 0..<Self.size {
        let distance = distances[row * Self.vectorsPerRow + column / 8][column % 8]
        guard distance < softness / 2 else {
          unsafe pixels[row * Self.size + column] = 0
          continue
        }
        let cover = min(0.5 - distance * sharpness, 1)
        let ink = white * cover * generator.uniform(0.88, 1.04)
        unsafe pixels[row * Self.size + column] = UInt8(min(ink, 255))
      }
    }
  }
}
