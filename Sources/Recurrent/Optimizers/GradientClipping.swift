import RecurrentKernels
import RecurrentSupport

/// A limit to gradients, applied between backward pass and update.
///
/// Gradients of recurrent networks can explode, since the same matrix is multiplied over and over; one step along such
/// a gradient undoes many good ones.
///
/// Source: Pascanu, Mikolov and Bengio, *On the Difficulty of Training Recurrent Neural Networks*, 2013; the forms are
/// those of PyTorch's `clip_grad_value_` and `clip_grad_norm_`.
public enum GradientClipping: Sendable, Equatable {
  /// Each element by itself: `g ← max(-limit, min(limit, g))`, which changes the direction.
  case value(Float)
  /// The whole gradient at once, all layers together: `g ← g · min(1, limit / (‖g‖₂ + 10⁻⁶))`, which keeps it.
  case norm(Float)

  /// The limit.
  public var limit: Float {
    switch self {
    case .value(let limit), .norm(let limit): limit
    }
  }

  /// Traps if the limit is negative or NaN, which would turn gradients around or let all of them through.
  func check() { require(limit >= 0, "a limit of gradients is not negative; found \(limit)") }

  /// Limits a part of a gradient whose norm as a whole is known.
  func apply(to gradient: Floats, count: Int, norm: Double) {
    switch self {
    case .value(let limit): kernels.clip(limit, gradient, count)
    case .norm(let limit):
      let scale = Double(limit) / (norm + 1e-6)
      if scale < 1 { kernels.combine(Float(scale), gradient, 0, gradient, count) }
    }
  }
}

extension GradientClipping: Codable {
  private enum CodingKeys: CodingKey {
    case value, norm
  }

  /// Writes the limit under its kind: `{"norm": 5}`.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .value(let limit): try container.encode(limit, forKey: .value)
    case .norm(let limit): try container.encode(limit, forKey: .norm)
    }
  }

  /// Reads what ``encode(to:)`` wrote.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` unless there is a limit of 0 or more.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self =
      container.contains(.value)
      ? .value(try container.value(.value, in: 0...)) : .norm(try container.value(.norm, in: 0...))
  }
}
