import Recurrent
import RecurrentSupport

/// Small random shifts, turns and scalings of images, which leave what they show: more to learn from than there is.
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
/// shift even in ±largestShift, each way        tan θ/2 even in ±largestHalfTangent
/// scale even in 1 ± largestScaling
/// ```
///
/// What becomes of an image follows from the seed, the epoch and its position alone: the same seed gives the same bits
/// on every machine and any number of threads.
///
/// Source: Simard, Steinkraus and Platt, *Best Practices for Convolutional Neural Networks Applied to Visual Document
/// Analysis*, 2003, for affine distortions of MNIST.
public struct ImageAugmentation: Sendable, Equatable {
  /// How far an image is moved at most, in pixels, to each of the four sides.
  public var largestShift: Float
  /// How far it is turned at most, to each side, as the tangent of half of the angle: 0.0875 is 10°.
  public var largestHalfTangent: Float
  /// By which fraction it becomes larger or smaller at most.
  public var largestScaling: Float
  /// What all of it follows from.
  public var seed: UInt64

  /// An augmentation; the defaults suit digits.
  ///
  /// - Parameters:
  ///   - largestShift: how far an image is moved at most, in pixels.
  ///   - largestHalfTangent: how far it is turned at most, as the tangent of half of the angle.
  ///   - largestScaling: by which fraction it becomes larger or smaller at most.
  ///   - seed: what all of it follows from.
  /// - Precondition: no amount is negative, and the scaling is below 1.
  public init(
    largestShift: Float = 2, largestHalfTangent: Float = 0.0875, largestScaling: Float = 0.1, seed: UInt64
  ) {
    require(largestShift >= 0 && largestHalfTangent >= 0, "amounts are not negative")
    require(largestScaling >= 0 && largestScaling < 1, "a scaling lies in 0..<1; found \(largestScaling)")
    self.largestShift = largestShift
    self.largestHalfTangent = largestHalfTangent
    self.largestScaling = largestScaling
    self.seed = seed
  }

  /// The images as an epoch sees them.
  ///
  /// - Parameters:
  ///   - images: `[count, 28, 28]`, of bytes.
  ///   - epoch: which pass over the images this is; each sees others.
  ///   - threads: who does the work.
  /// - Returns: as many images with their labels, each changed.
  /// - Precondition: images have 28 steps of 28 features, as bytes.
  /// - Complexity: some three microseconds an image and thread.
  public func callAsFunction(
    _ images: SequenceDataset, epoch: Int, threads: ThreadPool = .shared
  ) -> SequenceDataset {
    require(
      images.stepCount == DigitData.imageSize && images.inputSize == DigitData.imageSize,
      "images are read row by row here; found \(images.stepCount) steps of \(images.inputSize)")
    return unsafe images.mappingBytes(on: threads) { position, image, result in
      unsafe transform(of: position, epoch: epoch).apply(from: image, to: result)
    }
  }

  /// What becomes of the image at a position.
  func transform(of position: Int, epoch: Int) -> ImageTransform {
    // Unlike the streams of shuffling and of drawn digits, which share the seed.
    var generator = SplitMix64(seed: seed ^ 0x6175_676D_656E_7421, stream: UInt64(epoch) << 32 | UInt64(position))
    return ImageTransform(
      shift: SIMD2(
        generator.uniform(-largestShift, largestShift), generator.uniform(-largestShift, largestShift)),
      scale: 1 + generator.uniform(-largestScaling, largestScaling),
      halfTangent: generator.uniform(-largestHalfTangent, largestHalfTangent))
  }
}
