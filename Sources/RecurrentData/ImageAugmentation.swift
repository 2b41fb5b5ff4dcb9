import Recurrent
import RecurrentSupport

/// Small random shifts, rotations and scalings of images, which keep what they show: data augmentation.
///
/// ```swift
/// let augmentation = ImageAugmentation(seed: 0)
/// let seen = augmentation(mnist.training, epoch: 3)
/// ```
///
/// A pixel p of the result shows what lies at q in the image, interpolated bilinearly; outside of it, it is black:
///
/// ```
/// q = m + R(-θ) (p - m - shift) / scale        m the middle, R a rotation
/// shift uniform in ±largestShift, each way     tan θ/2 uniform in ±largestHalfTangent
/// scale uniform in 1 ± largestScaling
/// ```
///
/// The result depends only on the seed, the epoch and the index of the image: the same seed gives the same bits on
/// every machine and any number of threads.
///
/// Source: Simard, Steinkraus and Platt, *Best Practices for Convolutional Neural Networks Applied to Visual Document
/// Analysis*, 2003, for affine distortions of MNIST.
public struct ImageAugmentation: Sendable, Equatable {
  /// The largest shift, in pixels, in each direction.
  public var largestShift: Float
  /// The largest rotation, in each direction, as the tangent of half the angle: 0.0875 is 10°.
  public var largestHalfTangent: Float
  /// The largest change of size, as a fraction.
  public var largestScaling: Float
  /// The seed of all random choices.
  public var seed: UInt64

  /// An augmentation; the defaults suit digits.
  ///
  /// - Parameters:
  ///   - largestShift: the largest shift, in pixels.
  ///   - largestHalfTangent: the largest rotation, as the tangent of half the angle.
  ///   - largestScaling: the largest change of size, as a fraction.
  ///   - seed: the seed of all random choices.
  /// - Precondition: no amount is negative, and the scaling is below 1.
  public init(
    largestShift: Float = 2, largestHalfTangent: Float = 0.0875, largestScaling: Float = 0.1, seed: UInt64
  ) {
    require(
      largestShift >= 0 && largestHalfTangent >= 0,
      "largestShift is \(largestShift), largestHalfTangent \(largestHalfTangent), expected at least 0")
    require(largestScaling >= 0 && largestScaling < 1, "largestScaling is \(largestScaling), expected 0..<1")
    self.largestShift = largestShift
    self.largestHalfTangent = largestHalfTangent
    self.largestScaling = largestScaling
    self.seed = seed
  }

  /// The augmented images of an epoch.
  ///
  /// - Parameters:
  ///   - images: `[count, 28, 28]`, of bytes.
  ///   - epoch: the index of the epoch; each has other images.
  ///   - threads: the threads to run on.
  /// - Returns: as many images with their labels, each changed.
  /// - Precondition: images have 28 steps of 28 features, as bytes.
  /// - Complexity: O(images), about 3 µs each on one thread.
  public func callAsFunction(
    _ images: SequenceDataset, epoch: Int, threads: ThreadPool = .shared
  ) -> SequenceDataset {
    require(
      images.stepCount == DigitData.imageSize && images.inputSize == DigitData.imageSize,
      "images have \(images.stepCount) steps of \(images.inputSize) features, expected 28 of 28")
    return unsafe images.mappingBytes(on: threads) { position, image, result in
      unsafe transform(of: position, epoch: epoch).apply(from: image, to: result)
    }
  }

  /// The transform of the image at an index.
  func transform(of position: Int, epoch: Int) -> ImageTransform {
    // A stream of its own, since shuffling and drawn digits use the same seed.
    var generator = SplitMix64(seed: seed ^ 0x6175_676D_656E_7421, stream: UInt64(epoch) << 32 | UInt64(position))
    return ImageTransform(
      shift: SIMD2(
        generator.uniform(-largestShift, largestShift), generator.uniform(-largestShift, largestShift)),
      scale: 1 + generator.uniform(-largestScaling, largestScaling),
      halfTangent: generator.uniform(-largestHalfTangent, largestHalfTangent))
  }
}
