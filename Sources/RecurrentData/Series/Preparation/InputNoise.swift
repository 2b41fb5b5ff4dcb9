import Recurrent
import RecurrentSupport

/// Noise on the inputs of training, other in each epoch: few series are then not learned by heart.
///
/// ```
/// x ← x + σ n          n of mean 0 and variance 1
/// ```
///
/// n is the sum of four uniform numbers, which is close to normal and, unlike logarithms, the same on every machine. It
/// depends on the seed, the epoch and the index of the value alone.
///
/// Source: for noise as regularization Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".
public struct InputNoise: Sendable, Hashable {
  /// σ, the standard deviation, in units of normalized inputs.
  public let deviation: Float
  /// How many of the values of each step, from the first, get noise: the channels.
  public let channelCount: Int
  /// The seed of all random numbers.
  public let seed: UInt64

  /// Noise.
  ///
  /// - Parameters:
  ///   - deviation: σ, in units of normalized inputs.
  ///   - channelCount: how many of the values of each step, from the first, get noise.
  ///   - seed: the seed of all random numbers.
  /// - Precondition: neither deviation nor count are negative.
  /// - Complexity: O(1).
  public init(deviation: Float, channelCount: Int, seed: UInt64) {
    require(
      deviation >= 0 && channelCount >= 0, "noise is not negative; found \(deviation) on \(channelCount) channels")
    self.deviation = deviation
    self.channelCount = channelCount
    self.seed = seed
  }

  /// The data of an epoch, with noise.
  ///
  /// - Parameters:
  ///   - data: series whose features are floats, such as ``SeriesPreparation/dataset(of:weighsBySpread:)`` makes them.
  ///   - epoch: the index of the epoch; each has other noise.
  /// - Returns: as many series with the same targets.
  /// - Precondition: features are floats, at least ``channelCount`` for each step.
  /// - Complexity: O(values).
  public func callAsFunction(_ data: SequenceDataset, epoch: Int) -> SequenceDataset {
    require(data.inputSize >= channelCount, "noise on \(channelCount) of \(data.inputSize) channels")
    if deviation == 0 { return data }
    // A stream of its own, since shuffling uses the same seed.
    var generator = SplitMix64(seed: seed ^ 0x6E6F_6973_6500_0001, stream: UInt64(epoch))
    return data.mappingFloats { values in
      for first in stride(from: 0, to: values.count, by: data.inputSize) {
        for index in first..<first + channelCount { values[index] += deviation * Self.number(from: &generator) }
      }
    }
  }

  /// A number of mean 0 and variance 1: √3 (u₁ + u₂ + u₃ + u₄ - 2), each u the middle of one of
  /// 2¹⁶ parts of 0 to 1.
  private static func number(from generator: inout SplitMix64) -> Float {
    let bits = generator.next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    return Float(1.7320508) * (Float(sum + 2) / 65536 - 2)
  }
}
