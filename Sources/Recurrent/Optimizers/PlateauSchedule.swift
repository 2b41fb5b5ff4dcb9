import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A learning rate that falls whenever the validation loss has not improved for a while.
///
/// ```
/// improved:  loss < best · (1 - threshold)
/// after more than `patience` losses in a row that did not improve:  η ← max(factor · η, minimum)
/// ```
///
/// A value with a memory: the best loss so far and how long ago it was.
///
/// Source: PyTorch's `ReduceLROnPlateau` with its mode `min` and its relative threshold.
public struct PlateauSchedule: Sendable, Equatable {
  /// What the rate is multiplied by.
  public let factor: Float
  /// How many losses in a row may fail to improve before the rate falls.
  public let patience: Int
  /// By what part of the best loss another must be lower, to be an improvement.
  public let threshold: Double
  /// How many losses after a fall are not counted.
  public let cooldown: Int
  /// What the rate does not fall below.
  public let minimum: Float

  /// The lowest loss so far.
  public private(set) var best = Double.infinity
  /// How often the rate has fallen.
  public private(set) var reductionCount = 0
  private var failures = 0
  private var resting = 0

  /// A schedule; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - factor: what the rate is multiplied by.
  ///   - patience: how many losses in a row may fail to improve before the rate falls.
  ///   - threshold: by what part of the best loss another must be lower, to be an improvement.
  ///   - cooldown: how many losses after a fall are not counted.
  ///   - minimum: what the rate does not fall below.
  /// - Precondition: `factor` lies between 0 and 1; nothing is negative.
  public init(
    factor: Float = 0.1, patience: Int = 10, threshold: Double = 1e-4, cooldown: Int = 0, minimum: Float = 0
  ) {
    require(factor > 0 && factor < 1, "a factor that makes a rate fall lies between 0 and 1; found \(factor)")
    require(
      patience >= 0 && threshold >= 0 && cooldown >= 0 && minimum >= 0,
      "patience, threshold, cooldown and minimum are not negative; found \(patience), \(threshold), \(cooldown), "
        + "\(minimum)")
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimum = minimum
  }

  /// Takes note of a validation loss.
  ///
  /// NaN is no improvement; the first loss that is finite always is.
  ///
  /// - Parameter loss: of the validation data, in any unit.
  public mutating func observe(_ loss: Double) {
    // Infinity times zero would be NaN, of which no loss is less.
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

  /// The rate now, for a run that began with `initial`.
  ///
  /// - Parameter initial: η, the rate that the run began with.
  public func rate(from initial: Float) -> Float {
    max(Float(Double(initial) * pow(Double(factor), Double(reductionCount))), min(minimum, initial))
  }
}

extension PlateauSchedule: Codable {
  private enum CodingKeys: CodingKey {
    case factor, patience, threshold, cooldown, minimum, best, reductionCount, failures, resting
  }

  /// Writes settings and memory; the best loss only once there is one.
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
  /// - Throws: `DecodingError` if a number is outside of its range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    factor = try container.value(.factor, in: Float.leastNonzeroMagnitude..<1)
    patience = try container.value(.patience, in: 0...)
    threshold = try container.value(.threshold, in: 0...)
    cooldown = try container.value(.cooldown, in: 0...)
    minimum = try container.value(.minimum, in: 0...)
    best = try container.decodeIfPresent(Double.self, forKey: .best) ?? .infinity
    // One below the largest, so that counting on cannot overflow.
    reductionCount = try container.value(.reductionCount, in: 0..<Int.max)
    failures = try container.value(.failures, in: 0..<Int.max)
    resting = try container.value(.resting, in: 0..<Int.max)
  }
}
