import Recurrent

/// How an image becomes a sequence: the order in which its pixels are read, and how many at each step.
///
/// ```swift
/// let sequential = mnist.read(.pixels)  // sequential MNIST: 784 steps of one pixel
/// ```
///
/// Source: Le, Jaitly and Hinton, *A Simple Way to Initialize Recurrent Networks of Rectified Linear Units*, 2015, for
/// images read pixel by pixel, in order and permuted.
public enum PixelOrder: Sendable, Equatable {
  /// Row by row, from the top down: 28 steps of 28 pixels.
  case rows
  /// Pixel by pixel, row after row: 784 steps of one.
  case pixels
  /// Pixel by pixel in one random order for all images, drawn from `seed`: 784 steps of one.
  case permuted(seed: UInt64)

  /// The number of pixels per step.
  public var inputSize: Int { self == .rows ? DigitData.imageSize : 1 }

  /// The number of steps per image.
  public var stepCount: Int { DigitData.imageSize * DigitData.imageSize / inputSize }

  /// The index in the image, counted row by row, of the pixel of each step; nil if pixels keep their order.
  ///
  /// - Complexity: O(pixels of an image), on each access.
  public var permutation: [Int32]? {
    guard case .permuted(let seed) = self else { return nil }
    var generator = SplitMix64(seed: seed)
    return generator.permutation(of: DigitData.imageSize * DigitData.imageSize)
  }

  /// Images, as `[count, 28, 28]`, read in this order: `[count, 28, 28]` or `[count, 784, 1]`.
  ///
  /// - Parameter images: `[count, 28, 28]`.
  /// - Precondition: an image has 28 · 28 values.
  /// - Complexity: O(1), or a copy of all pixels where they are permuted.
  public func callAsFunction(_ images: SequenceDataset) -> SequenceDataset {
    if self == .rows { return images }
    let pixels = images.reshaped(stepCount: DigitData.imageSize * DigitData.imageSize, inputSize: 1)
    return permutation.map { pixels.reordered(by: $0) } ?? pixels
  }
}

extension DigitData {
  /// The same images, of all parts, read in an order.
  ///
  /// - Parameter order: the order of the pixels.
  /// - Complexity: O(1), or a copy of all pixels where they are permuted.
  public func read(_ order: PixelOrder) -> DigitData {
    DigitData(
      name: name, source: source, training: order(training), validation: order(validation), test: order(test),
      notices: notices)
  }
}
