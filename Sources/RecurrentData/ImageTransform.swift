/// A rotation, a scaling and a shift of an image of 28 × 28 bytes, about its middle.
///
/// A pixel p of the result shows what lies at q in the image:
///
/// ```
/// q = m + R(-θ) (p - m - shift) / scale      m the middle, R a rotation
/// ```
///
/// Between pixels the image is interpolated bilinearly; outside of it, it is black.
struct ImageTransform {
  /// Pixels to the right and down.
  var shift = SIMD2<Float>(0, 0)
  /// The factor of the size.
  var scale: Float = 1
  /// tan θ/2 of a rotation by θ, clockwise with y down.
  ///
  /// Cosine and sine follow from it without a function of the mathematical library, so they are the same to the last
  /// bit on every machine.
  var halfTangent: Float = 0

  private static let size = DigitData.imageSize
  // The image has a black border: one pixel on the left and above, two on the right and below.
  private static let paddedSize = size + 3

  /// Transforms an image.
  func apply(from image: UnsafePointer<UInt8>, to result: UnsafeMutablePointer<UInt8>) {
    let (size, padded) = (Self.size, Self.paddedSize)
    let square = halfTangent * halfTangent
    let (cosine, sine) = ((1 - square) / (1 + square), 2 * halfTangent / (1 + square))
    // What one step to the right and one down mean in the image.
    let (alongRow, alongColumn) = (SIMD2(cosine, -sine) / scale, SIMD2(sine, cosine) / scale)
    let middle = SIMD2<Float>(repeating: Float(size - 1) / 2)
    let start = -(middle + shift)
    let origin = Fixed(middle + start.x * alongRow + start.y * alongColumn + 1)
    let (right, down) = (Fixed(alongRow), Fixed(alongColumn))
    let edge = Int32(size + 1) << Fixed.bits
    unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: padded * padded) { pixels in
      unsafe pixels.initialize(repeating: 0)
      for y in 0..<size {
        for x in 0..<size { unsafe pixels[(y + 1) * padded + x + 1] = Int32(image[y * size + x]) }
      }
      for y in 0..<Int32(size) {
        for x in 0..<Int32(size) {
          // Outside the image, everything is as black as the border.
          let column = min(max(origin.x &+ x &* right.x &+ y &* down.x, 0), edge)
          let row = min(max(origin.y &+ x &* right.y &+ y &* down.y, 0), edge)
          let index = Int(row >> Fixed.bits) &* padded &+ Int(column >> Fixed.bits)
          // The distance of the position from the pixel, in 1/256.
          let (u, v) = (column >> (Fixed.bits - 8) & 255, row >> (Fixed.bits - 8) & 255)
          let (a, b) = unsafe (pixels[index], pixels[index &+ 1])
          let (c, d) = unsafe (pixels[index &+ padded], pixels[index &+ padded &+ 1])
          let (top, bottom) = (a << 8 &+ u &* (b &- a), c << 8 &+ u &* (d &- c))
          let value = (top << 8 &+ v &* (bottom &- top) &+ 0x8000) >> 16
          unsafe result[Int(y) &* size &+ Int(x)] = UInt8(truncatingIfNeeded: value)
        }
      }
    }
  }

  /// A position in 1/65,536 of a pixel: fixed-point arithmetic is fastest here.
  private struct Fixed {
    static let bits: Int32 = 16
    let x: Int32
    let y: Int32

    /// The nearest such position, clamped to ±300 pixels, so that no sum overflows.
    init(_ place: SIMD2<Float>) {
      let limit = SIMD2<Float>(repeating: 300)
      let scaled = place.clamped(lowerBound: -limit, upperBound: limit) * Float(1 << Self.bits)
      (x, y) = (Int32(scaled.x.rounded()), Int32(scaled.y.rounded()))
    }
  }
}
