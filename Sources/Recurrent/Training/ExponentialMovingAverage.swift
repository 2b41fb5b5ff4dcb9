import RecurrentKernels
import RecurrentSupport

/// An exponential moving average of a network's weights, which often classifies better than the last weights do.
///
/// ```
/// a ← w at the first update, then a ← β a + (1 - β) w
/// ```
///
/// A value: training goes on with its own weights, and the average is put into a copy of the network to be measured,
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
  /// β, how slowly the average forgets: it spans about the last 1 / (1 - β) updates.
  public let decay: Float
  /// The average; before the first update, what the average was made with.
  public private(set) var parameters: Parameters
  /// How many weights went into it.
  public private(set) var updateCount = 0

  /// An average yet without weights.
  ///
  /// - Parameters:
  ///   - parameters: any of the network's weights; the first update replaces them.
  ///   - decay: β, how slowly the average forgets.
  /// - Precondition: `decay` lies in `0..<1`.
  public init(of parameters: Parameters, decay: Float = 0.999) {
    require(decay >= 0 && decay < 1, "a decay of an average lies in 0..<1; found \(decay)")
    self.decay = decay
    self.parameters = parameters
  }

  /// Takes in the weights of a step.
  ///
  /// - Parameter weights: w, those of the network after a step.
  /// - Precondition: they have the entries of the first ones.
  /// - Complexity: O(parameters).
  public mutating func update(with weights: Parameters) {
    require(parameters.entries == weights.entries, "an average has the entries of its weights")
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
      parameters.entries == self.parameters.entries, "weights have the names and shapes of their network")
    var copy = self
    copy.parameters = parameters
    return copy
  }
}

extension ExponentialMovingAverage {
  /// Reads the average and the number of updates.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is outside of its range or the parameters do not fit together.
  /// - Complexity: O(parameters).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    decay = try container.value(.decay, in: 0..<1)
    parameters = try container.decode(Parameters.self, forKey: .parameters)
    updateCount = try container.value(.updateCount, in: 0..<Int.max)
  }
}
