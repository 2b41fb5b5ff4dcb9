import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A learning rate that is reduced whenever the validation loss has not improved for a while.
///
/// ```
/// improved:  loss < best · (1 - threshold)
/// after more than `patience` losses in a row that did not improve:  η ← max(factor · η, minimum)
/// ```
///
/// A value whose state is the best loss so far and how long ago it was.
///
/// Source: PyTorch's `ReduceLROnPlateau` with its mode `min` and its relative threshold.
public struct PlateauSchedule: Sendable, Equatable {
  /// The factor of each reduction.
  public let factor: Float
  /// How many losses in a row may fail to improve before the rate is reduced.
  public let patience: Int
  /// By what fraction of the best loss another must be lower to count as an improvement.
  public let threshold: Double
  /// How many losses after a reduction are not counted.
  public let cooldown: Int
  /// The lowest rate.
  public let minimum: Float

  /// The lowest loss so far.
  public private(set) var best = Double.infinity
  /// The number of reductions.
  public private(set) var reductionCount = 0
  private var failures = 0
  private var resting = 0

  /// A schedule; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - factor: the factor of each reduction.
  ///   - patience: how many losses in a row may fail to improve before the rate is reduced.
  ///   - threshold: by what fraction of the best loss another must be lower to count as an improvement.
  ///   - cooldown: how many losses after a reduction are not counted.
  ///   - minimum: the lowest rate.
  /// - Precondition: `factor` lies between 0 and 1; the others are not negative.
  public init(
    factor: Float = 0.1, patience: Int = 10, threshold: Double = 1e-4, cooldown: Int = 0, minimum: Float = 0
  ) {
    require(factor > 0 && factor < 1, "the factor of a plateau schedule must lie between 0 and 1; found \(factor)")
    require(
      patience >= 0 && threshold >= 0 && cooldown >= 0 && minimum >= 0,
      "patience, threshold, cooldown and minimum must not be negative; found \(patience), \(threshold), \(cooldown), "
        + "\(minimum)")
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimum = minimum
  }

  /// Records a validation loss.
  ///
  /// NaN is not an improvement; the first finite loss always is.
  ///
  /// - Parameter loss: the loss on validation data, in any unit.
  public mutating func observe(_ loss: Double) {
    // Infinity times zero would be NaN, and no loss is less than NaN.
    if loss < (best.isFinite ? best * (1 - threshold) : best) {
      best = loss
      failures = 0
    } else {
      failures += 1
    }
    if resting > 0 {
      resting -= 1
      failures = 0
    }
    if failures > patience {
      reductionCount += 1
      resting = cooldown
      failures = 0
    }
  }

  /// The current rate, for a run that started with `initial`.
  ///
  /// - Parameter initial: η, the initial rate.
  public func rate(from initial: Float) -> Float {
    max(Float(Double(initial) * pow(Double(factor), Double(reductionCount))), min(minimum, initial))
  }
}

extension PlateauSchedule: Codable {
  private enum CodingKeys: CodingKey {
    case factor, patience, threshold, cooldown, minimum, best, reductionCount, failures, resting
  }

  /// Writes settings and state; the best loss only if there is one.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(factor, forKey: .factor)
    try container.encode(patience, forKey: .patience)
    try container.encode(threshold, forKey: .threshold)
    try container.encode(cooldown, forKey: .cooldown)
    try container.encode(minimum, forKey: .minimum)
    // JSON has no infinity.
    if best < .infinity { try container.encode(best, forKey: .best) }
    try container.encode(reductionCount, forKey: .reductionCount)
    try container.encode(failures, forKey: .failures)
    try container.encode(resting, forKey: .resting)
  }

  /// Reads what ``encode(to:)`` wrote.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is out of range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    factor = try container.value(.factor, in: Float.leastNonzeroMagnitude..<1)
    patience = try container.value(.patience, in: 0...)
    threshold = try container.value(.threshold, in: 0...)
    cooldown = try container.value(.cooldown, in: 0...)
    minimum = try container.value(.minimum, in: 0...)
    best = try container.decodeIfPresent(Double.self, forKey: .best) ?? .infinity
    // Below the largest, so that counting on cannot overflow.
    reductionCount = try container.value(.reductionCount, in: 0..<Int.max)
    failures = try container.value(.failures, in: 0..<Int.max)
    resting = try container.value(.resting, in: 0..<Int.max)
  }
}
