import RecurrentKernels
import RecurrentSupport

/// Gradient clipping, applied between backward pass and update.
///
/// Gradients of recurrent networks can explode, since backpropagation multiplies by the same matrix at every step; one
/// update with such a gradient undoes many good ones.
///
/// Source: Pascanu, Mikolov and Bengio, *On the Difficulty of Training Recurrent Neural Networks*, 2013; the forms are
/// those of PyTorch's `clip_grad_value_` and `clip_grad_norm_`.
public enum GradientClipping: Sendable, Equatable {
  /// Clips each element: `g ← max(-limit, min(limit, g))`, which changes the direction of the gradient.
  case value(Float)
  /// Clips the norm of the whole gradient, all layers together: `g ← g · min(1, limit / (‖g‖₂ + 10⁻⁶))`, which keeps
  /// the direction.
  case norm(Float)

  /// The limit.
  public var limit: Float {
    switch self {
    case .value(let limit), .norm(let limit): limit
    }
  }

  /// Traps if the limit is negative or NaN, which would reverse gradients or not clip any.
  func check() { require(limit >= 0, "the limit of gradient clipping must not be negative; found \(limit)") }

  /// Clips a part of a gradient, given the norm of the whole.
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
  /// - Throws: `DecodingError` unless there is a limit of at least 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self =
      container.contains(.value)
      ? .value(try container.value(.value, in: 0...)) : .norm(try container.value(.norm, in: 0...))
  }
}
