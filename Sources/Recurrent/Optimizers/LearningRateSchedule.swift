import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the learning rate changes during training.
///
/// A schedule returns the rate at a position, which may count steps or epochs. Only ``plateau(_:)`` has a state.
///
/// ```swift
/// optimizer.learningRate = schedule.rate(at: epoch, from: 0.01)
/// ```
///
/// With the initial rate η and positions n = 0, 1, 2, …:
///
/// ```
/// constant       η
/// step           η · factor^⌊n / every⌋
/// exponential    η · factorⁿ
/// cosine         η (n + 1) / (W + 1)  while n < W,  then  min + (η - min) (1 + cos(π (n - W) / (N - W))) / 2
/// plateau        max(η · factorʳ, min)  after r reductions, never above η
/// ```
///
/// Source: PyTorch's `StepLR`, `ExponentialLR`, `LinearLR` followed by `CosineAnnealingLR`, and `ReduceLROnPlateau`;
/// for the cosine Loshchilov and Hutter, *SGDR*, 2017, equation 5, for its warm-up Goyal et al., 2017.
public enum LearningRateSchedule: Sendable, Equatable {
  /// The same rate at every position.
  case constant
  /// Multiplied by `factor` every `every` positions.
  case step(every: Int, factor: Float)
  /// Multiplied by `factor` at every position.
  case exponential(factor: Float)
  /// A linear warm-up, then half a cosine down to a minimum, where the rate stays.
  ///
  /// `total` is N, the total number of positions; `warmUp` is W, those of the warm-up; `minimum` is min.
  case cosine(total: Int, warmUp: Int = 0, minimum: Float = 0)
  /// Multiplied by a factor whenever the validation loss has not improved for a while.
  case plateau(PlateauSchedule)

  /// The rate at a position, for a run whose rate would be `initial` without a schedule.
  ///
  /// - Parameters:
  ///   - position: n, a step or an epoch, from 0.
  ///   - initial: η, the rate without a schedule.
  /// - Precondition: `position` is not negative; `every` is positive; `warmUp` is less than `total`.
  public func rate(at position: Int, from initial: Float) -> Float {
    require(position >= 0, "a position in a schedule must not be negative; found \(position)")
    let (n, η) = (Double(position), Double(initial))
    switch self {
    case .constant: return initial
    case .step(let every, let factor):
      require(every > 0, "the interval of a step schedule must be positive; found \(every)")
      return Float(η * pow(Double(factor), Double(position / every)))
    case .exponential(let factor): return Float(η * pow(Double(factor), n))
    case .cosine(let total, let warmUp, let minimum):
      require(warmUp >= 0 && warmUp < total, "a warm-up must be in 0..<\(total), the total; found \(warmUp)")
      if position < warmUp { return Float(η * (n + 1) / Double(warmUp + 1)) }
      let part = min(1, (n - Double(warmUp)) / Double(total - warmUp))
      let low = Double(minimum)
      return Float(low + (η - low) * (1 + cos(Double.pi * part)) / 2)
    case .plateau(let plateau): return plateau.rate(from: initial)
    }
  }

  /// Records a validation loss, which affects only a plateau schedule.
  ///
  /// - Parameter loss: the loss on validation data, in any unit.
  public mutating func observe(validationLoss loss: Double) {
    guard case .plateau(var plateau) = self else { return }
    plateau.observe(loss)
    self = .plateau(plateau)
  }
}

extension LearningRateSchedule: Codable {
  private enum CodingKeys: CodingKey {
    case kind, every, factor, total, warmUp, minimum, plateau
  }

  private enum Kind: String, Codable {
    case constant, step, exponential, cosine, plateau
  }

  /// Writes the kind and its settings, `{"kind": "step", "every": 2, "factor": 0.5}`; for a plateau also its state.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .constant: try container.encode(Kind.constant, forKey: .kind)
    case .step(let every, let factor):
      try container.encode(Kind.step, forKey: .kind)
      try container.encode(every, forKey: .every)
      try container.encode(factor, forKey: .factor)
    case .exponential(let factor):
      try container.encode(Kind.exponential, forKey: .kind)
      try container.encode(factor, forKey: .factor)
    case .cosine(let total, let warmUp, let minimum):
      try container.encode(Kind.cosine, forKey: .kind)
      try container.encode(total, forKey: .total)
      try container.encode(warmUp, forKey: .warmUp)
      try container.encode(minimum, forKey: .minimum)
    case .plateau(let plateau):
      try container.encode(Kind.plateau, forKey: .kind)
      try container.encode(plateau, forKey: .plateau)
    }
  }

  /// Reads what ``encode(to:)`` wrote.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if the kind is unknown or a number is out of range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .constant: self = .constant
    case .step:
      self = .step(
        every: try container.value(.every, in: 1...), factor: try container.decode(Float.self, forKey: .factor))
    case .exponential: self = .exponential(factor: try container.decode(Float.self, forKey: .factor))
    case .cosine:
      let total = try container.value(.total, in: 1...)
      self = .cosine(
        total: total, warmUp: try container.value(.warmUp, in: 0..<total),
        minimum: try container.decode(Float.self, forKey: .minimum))
    case .plateau: self = .plateau(try container.decode(PlateauSchedule.self, forKey: .plateau))
    }
  }
}
