import RecurrentKernels
import RecurrentSupport

/// An exponential moving average of a network's weights, which often predicts better than the last weights do.
///
/// ```
/// a ← w at the first update, then a ← β a + (1 - β) w
/// ```
///
/// A value: training continues with its own weights, and the average is evaluated in a copy of the network,
///
/// ```swift
/// average.update(with: network.parameters)  // after each step
/// try network.with(average.parameters).evaluate(on: validation)
/// ```
///
/// Cost: three operations per parameter and update; one float of memory per parameter.
///
/// Source: Polyak and Juditsky, 1992; the form is that of PyTorch's `AveragedModel` with `get_ema_multi_avg_fn`.
public struct ExponentialMovingAverage: Sendable, Equatable, Codable {
  /// β, the decay rate: the average spans about the last 1 / (1 - β) updates.
  public let decay: Float
  /// The average; before the first update, the parameters given to the initializer.
  public private(set) var parameters: Parameters
  /// The number of updates.
  public private(set) var updateCount = 0

  /// An average before its first update.
  ///
  /// - Parameters:
  ///   - parameters: any of the network's weights; the first update replaces them.
  ///   - decay: β, the decay rate.
  /// - Precondition: `decay` lies in `0..<1`.
  public init(of parameters: Parameters, decay: Float = 0.999) {
    require(decay >= 0 && decay < 1, "the decay of an average must lie in 0..<1; found \(decay)")
    self.decay = decay
    self.parameters = parameters
  }

  /// Updates the average with the weights after a step.
  ///
  /// - Parameter weights: w, the network's weights.
  /// - Precondition: names and shapes are those of the average.
  /// - Complexity: O(parameters).
  public mutating func update(with weights: Parameters) {
    require(parameters.entries == weights.entries, "weights must have the names and shapes of their average")
    updateCount += 1
    if updateCount == 1 {
      parameters = weights
      return
    }
    let (keep, count) = (decay, parameters.count)
    weights.values.withUnsafeBufferPointer { weights in
      parameters.values.withUnsafeMutableBufferPointer { average in
        guard let average = average.baseAddress, let weights = weights.baseAddress else { return }
        kernels.combine(1 - keep, weights, keep, average, count)
      }
    }
  }
}

extension SequenceModel {
  /// The same network with other weights, such as an average.
  ///
  /// - Parameter parameters: the other weights.
  /// - Precondition: they have the names and shapes of this network's.
  /// - Complexity: O(1): weights are shared until one of the two changes.
  public func with(_ parameters: Parameters) -> SequenceModel {
    require(
      parameters.entries == self.parameters.entries, "weights must have the names and shapes of their network")
    var copy = self
    copy.parameters = parameters
    return copy
  }
}

extension ExponentialMovingAverage {
  /// Reads the average and the number of updates.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is out of range or the parameters are inconsistent.
  /// - Complexity: O(parameters).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    decay = try container.value(.decay, in: 0..<1)
    parameters = try container.decode(Parameters.self, forKey: .parameters)
    updateCount = try container.value(.updateCount, in: 0..<Int.max)
  }
}
