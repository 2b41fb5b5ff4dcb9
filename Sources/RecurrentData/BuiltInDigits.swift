import Dispatch
import Recurrent
import RecurrentSupport

/// Digits that the library draws itself, for use without MNIST.
///
/// Each image is drawn with the strokes of a hand, which are bent, slanted, rotated, stretched and displaced at random,
/// with a pen of random width. Images have MNIST's shape and range: 28 × 28 bytes, white on black, the digit fitted
/// into 20 pixels and centered by its mass. They are not MNIST, and an accuracy on them says nothing about MNIST.
///
/// ```swift
/// let digits = BuiltInDigits.draw(seed: 0)
/// print(digits.training.count, digits.validation.count, digits.test.count)  // 55000 5000 10000
/// ```
public enum BuiltInDigits {
  /// Draws digits.
  ///
  /// The same seed gives the same images on every machine. Each image depends only on the seed, its part and its index,
  /// so fewer images are the first of more; all ten digits are equally frequent.
  ///
  /// - Parameters:
  ///   - training: the number of training images.
  ///   - validation: the number of validation images.
  ///   - test: the number of test images.
  ///   - seed: the seed of all random choices.
  /// - Returns: the three parts, `[count, 28, 28]` each.
  /// - Precondition: no number of images is negative.
  /// - Complexity: O(images), about 10 µs each, on all cores.
  public static func draw(
    training: Int = 55_000, validation: Int = 5_000, test: Int = 10_000, seed: UInt64 = 0
  ) -> DigitData {
    DigitData(
      name: "built-in digits", source: "drawn by the program, seed \(seed)",
      training: draw(training, part: 0, seed: seed), validation: draw(validation, part: 1, seed: seed),
      test: draw(test, part: 2, seed: seed))
  }

  private static func draw(_ count: Int, part: UInt64, seed: UInt64) -> SequenceDataset {
    require(count >= 0, "the number of images is \(count), expected at least 0")
    let labels = labels(count, part: part, seed: seed)
    let size = DigitCanvas.pixelCount
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count * size) { buffer, filled in
      // Each image is written by one thread, and they don't overlap.
      nonisolated(unsafe) let images = unsafe buffer
      let chunk = 256
      DispatchQueue.concurrentPerform(iterations: (count + chunk - 1) / chunk) { index in
        var pen = DigitPen()
        for image in index * chunk..<min((index + 1) * chunk, count) {
          var generator = SplitMix64(seed: seed, stream: part << 32 | UInt64(image))
          pen.draw(Int(labels[image]), with: &generator)
          let pixels = unsafe images[image * size..<(image + 1) * size]
          unsafe pen.canvas.develop(into: UnsafeMutableBufferPointer(rebasing: pixels), noise: &generator)
        }
      }
      filled = count * size
    }
    return DigitData.dataset(images: bytes, labels: labels)
  }

  /// Labels in random order; each ten of them hold every digit once.
  private static func labels(_ count: Int, part: UInt64, seed: UInt64) -> [Int32] {
    var labels: [Int32] = []
    labels.reserveCapacity(count + DigitData.classCount)
    while labels.count < count {
      var generator = SplitMix64(seed: ~seed, stream: part << 32 | UInt64(labels.count))
      labels += generator.permutation(of: DigitData.classCount)
    }
    return Array(labels.prefix(count))
  }
}
