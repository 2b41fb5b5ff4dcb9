import Recurrent
import RecurrentSupport
import Testing

@testable import RecurrentData

/// Shifts, turns and scalings of images.
@Suite struct ImageAugmentationTests {
  private static let size = 28

  /// Images without any symmetry.
  private let images = require {
    try SequenceDataset(
      bytes: (0..<7 * 784).map { i in
        let (y, x) = (i % 784 / 28, i % 28)
        return UInt8(truncatingIfNeeded: (x * 9 + y * y * 3 + i / 784 * 40) % 256)
      }, scale: 1 / 255, stepCount: 28, inputSize: 28, labels: [6, 5, 4, 3, 2, 1, 0], classCount: 10)
  }

  private func bytes(_ dataset: SequenceDataset) -> [UInt8] {
    dataset.wholeBatch.inputs.values.map { UInt8(($0 * 255).rounded()) }
  }

  private func transformed(_ transform: ImageTransform, _ image: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 99, count: 784)
    transform.apply(from: image, to: &result)
    return result
  }

  /// The pixel at a place, black outside.
  private func pixel(_ image: [UInt8], _ x: Int, _ y: Int) -> UInt8 {
    0..<28 ~= x && 0..<28 ~= y ? image[y * 28 + x] : 0
  }

  @Test func whereTheResultIsExact() {
    let image = Array(bytes(images).prefix(784))
    #expect(transformed(ImageTransform(), image) == image)
    let shifted = transformed(ImageTransform(shift: SIMD2(3, -2)), image)
    let turned = transformed(ImageTransform(halfTangent: 1), image)
    let halfway = transformed(ImageTransform(shift: SIMD2(0.5, 0)), image)
    for y in 0..<28 {
      for x in 0..<28 {
        #expect(shifted[y * 28 + x] == pixel(image, x - 3, y + 2), "to the right and up")
        #expect(turned[y * 28 + x] == pixel(image, y, 27 - x), "a quarter, clockwise")
        let sum = Int(pixel(image, x - 1, y)) + Int(pixel(image, x, y))
        #expect(halfway[y * 28 + x] == UInt8((sum + 1) / 2), "the mean of two")
      }
    }
    let gone = transformed(ImageTransform(shift: SIMD2(100, 0), scale: 0.01), image)
    #expect(gone == Array(repeating: 0, count: 784))
  }

  @Test(arguments: [
    (SIMD2<Float>(1.3, -0.8), Float(1.1), Float(0.08)), (SIMD2(-2, 2), 0.9, -0.0875), (SIMD2(0, 0), 2, 0),
    (SIMD2(0.25, 7.5), 0.5, 0.6),
  ])
  func interpolatesBilinearly(_ shift: SIMD2<Float>, _ scale: Float, _ halfTangent: Float) {
    let image = Array(bytes(images)[784..<1568])
    let found = transformed(ImageTransform(shift: shift, scale: scale, halfTangent: halfTangent), image)
    let (t, s) = (Double(halfTangent), Double(scale))
    let (cosine, sine) = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    for y in 0..<28 {
      for x in 0..<28 {
        let (dx, dy) = (Double(x) - 13.5 - Double(shift.x), Double(y) - 13.5 - Double(shift.y))
        let (qx, qy) = (13.5 + (cosine * dx + sine * dy) / s, 13.5 + (cosine * dy - sine * dx) / s)
        let (i, j) = (Int(qx.rounded(.down)), Int(qy.rounded(.down)))
        let (u, v) = (qx - Double(i), qy - Double(j))
        let value =
          (1 - u) * (1 - v) * Double(pixel(image, i, j)) + u * (1 - v) * Double(pixel(image, i + 1, j))
          + (1 - u) * v * Double(pixel(image, i, j + 1)) + u * v * Double(pixel(image, i + 1, j + 1))
        // Places are kept in parts of 256 of a pixel, so that each of two ways is off by a level at most.
        #expect(abs(Double(found[y * 28 + x]) - value) <= 2.6, "\(x), \(y)")
      }
    }
  }

  @Test func followsFromSeedEpochAndPosition() {
    let augmentation = ImageAugmentation(seed: 3)
    let first = bytes(augmentation(images, epoch: 0))
    #expect(bytes(augmentation(images, epoch: 0)) == first)
    #expect(first != bytes(images))
    #expect(bytes(augmentation(images, epoch: 1)) != first)
    #expect(bytes(ImageAugmentation(seed: 4)(images, epoch: 0)) != first)
    for threads in [1, 3, 16] {
      #expect(bytes(augmentation(images, epoch: 0, threads: ThreadPool(threads: threads))) == first)
    }
    // Positions are counted from the first image of a part, and fewer images are the first of more.
    let part = augmentation(images[2..<5], epoch: 0)
    #expect(part.count == 3 && Array(part.labels) == [4, 3, 2])
    let third = Array(bytes(images)[3 * 784..<4 * 784])
    #expect(Array(bytes(part)[784..<1568]) == transformed(augmentation.transform(of: 1, epoch: 0), third))
    #expect(bytes(augmentation(images[2..<3], epoch: 0)) == Array(bytes(part).prefix(784)))
    #expect(Set((0..<50).map { augmentation.transform(of: $0, epoch: 0).shift }).count == 50)
  }

  @Test func amountsAreWhatIsSaid() {
    let still = ImageAugmentation(largestShift: 0, largestHalfTangent: 0, largestScaling: 0, seed: 1)
    #expect(bytes(still(images, epoch: 5)) == bytes(images))
    let augmentation = ImageAugmentation(largestShift: 1.5, largestHalfTangent: 0.2, largestScaling: 0.3, seed: 1)
    let all = (0..<2000).map { augmentation.transform(of: $0, epoch: 7) }
    for (values, low, high) in [
      (all.map(\.shift.x), Float(-1.5), Float(1.5)), (all.map(\.shift.y), -1.5, 1.5), (all.map(\.scale), 0.7, 1.3),
      (all.map(\.halfTangent), -0.2, 0.2),
    ] {
      let (least, most) = (values.min() ?? 0, values.max() ?? 0)
      #expect(least >= low && most <= high)
      #expect(least < low + 0.01 * (high - low) && most > high - 0.01 * (high - low), "the whole range is used")
      #expect(abs(values.reduce(0, +) / 2000 - (low + high) / 2) < 0.05 * (high - low), "evenly")
    }
  }
}
