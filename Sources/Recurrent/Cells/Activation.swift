import RecurrentKernels
import RecurrentSupport

/// An activation function of a cell: one of ONNX's recurrent operators' functions, with its constants.
///
/// Source: the ONNX operator specification, RNN, LSTM and GRU, attribute `activations`.
public enum Activation: Sendable, Hashable, CustomStringConvertible {
  /// The hyperbolic tangent, `(eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)`.
  case tanh
  /// The logistic function, `1 / (1 + e⁻ˣ)`.
  case sigmoid
  /// The rectified linear unit, `max(0, x)`.
  case relu
  /// An affine function, `α x + β`.
  case affine(alpha: Float, beta: Float)
  /// `x`, or `α x` if x < 0.
  case leakyRelu(alpha: Float = 0.01)
  /// `x` if x > α, else `0`.
  case thresholdedRelu(alpha: Float = 1)
  /// The scaled hyperbolic tangent, `α tanh(β x)`.
  case scaledTanh(alpha: Float, beta: Float)
  /// A piecewise linear logistic function, `max(0, min(1, α x + β))`.
  case hardSigmoid(alpha: Float = 0.2, beta: Float = 0.5)
  /// `x`, or `α (eˣ - 1)` if x < 0.
  case elu(alpha: Float = 1)
  /// `x / (1 + |x|)`, which approaches ±1 more slowly than tanh.
  case softsign
  /// `ln(1 + eˣ)`, a smooth form of `max(0, x)`.
  case softplus

  /// The name and constants, as in `leakyRelu(0.01)` or `affine(0.5;1.0)`.
  public var description: String {
    switch self {
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .relu: "relu"
    case .affine(let alpha, let beta): "affine(\(alpha);\(beta))"
    case .leakyRelu(let alpha): "leakyRelu(\(alpha))"
    case .thresholdedRelu(let alpha): "thresholdedRelu(\(alpha))"
    case .scaledTanh(let alpha, let beta): "scaledTanh(\(alpha);\(beta))"
    case .hardSigmoid(let alpha, let beta): "hardSigmoid(\(alpha);\(beta))"
    case .elu(let alpha): "elu(\(alpha))"
    case .softsign: "softsign"
    case .softplus: "softplus"
    }
  }

  /// Parses a ``description``, in which constants that have defaults may be omitted; nil if the text names no function.
  ///
  /// ```swift
  /// Activation("relu")    Activation("elu(0.5)")    Activation("hardSigmoid(0.2;0.5)")
  /// ```
  ///
  /// - Parameter text: a name, or a name and its constants as in ``description``.
  /// - Complexity: O(length of the text).
  public init?(_ text: String) {
    let parts = text.split(separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
    var constants: [Float] = []
    if parts.count == 2 {
      guard parts[1].hasSuffix(")") else { return nil }
      for constant in parts[1].dropLast().split(separator: ";", omittingEmptySubsequences: false) {
        guard let value = Float(constant), value.isFinite else { return nil }
        constants.append(value)
      }
    }
    switch (parts[0], constants.count) {
    case ("tanh", 0): self = .tanh
    case ("sigmoid", 0): self = .sigmoid
    case ("relu", 0): self = .relu
    case ("affine", 2): self = .affine(alpha: constants[0], beta: constants[1])
    case ("leakyRelu", 0): self = .leakyRelu()
    case ("leakyRelu", 1): self = .leakyRelu(alpha: constants[0])
    case ("thresholdedRelu", 0): self = .thresholdedRelu()
    case ("thresholdedRelu", 1): self = .thresholdedRelu(alpha: constants[0])
    case ("scaledTanh", 2): self = .scaledTanh(alpha: constants[0], beta: constants[1])
    case ("hardSigmoid", 0): self = .hardSigmoid()
    case ("hardSigmoid", 2): self = .hardSigmoid(alpha: constants[0], beta: constants[1])
    case ("elu", 0): self = .elu()
    case ("elu", 1): self = .elu(alpha: constants[0])
    case ("softsign", 0): self = .softsign
    case ("softplus", 0): self = .softplus
    default: return nil
    }
  }

  /// The function as the kernels take it.
  ///
  /// At a corner, the derivative is the one on the left.
  var kernel: rk_activation {
    func function(_ kind: rk_activation_kind, _ alpha: Float = 0, _ beta: Float = 0) -> rk_activation {
      rk_activation(kind: Int32(kind.rawValue), alpha: alpha, beta: beta)
    }
    return switch self {
    case .tanh: function(RK_TANH)
    case .sigmoid: function(RK_SIGMOID_OF)
    case .relu: function(RK_RELU)
    case .affine(let alpha, let beta): function(RK_AFFINE, alpha, beta)
    case .leakyRelu(let alpha): function(RK_LEAKY_RELU, alpha)
    case .thresholdedRelu(let alpha): function(RK_THRESHOLDED_RELU, alpha)
    case .scaledTanh(let alpha, let beta): function(RK_SCALED_TANH, alpha, beta)
    case .hardSigmoid(let alpha, let beta): function(RK_HARD_SIGMOID, alpha, beta)
    case .elu(let alpha): function(RK_ELU, alpha)
    case .softsign: function(RK_SOFTSIGN)
    case .softplus: function(RK_SOFTPLUS)
    }
  }
}

/// In files a function is its description, such as `"tanh"` or `"leakyRelu(0.01)"`.
extension Activation: Codable {
  /// Reads the description of a function.
  ///
  /// - Parameter decoder: holds a string as in ``description``.
  /// - Throws: ``ConfigurationError`` if the string names no function; `DecodingError` if there is no string.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let activation = Activation(text) else {
      throw ConfigurationError(
        decoder.codingPath, found: "the function '\(text.shown(limit: 60))'",
        expected: "one such as 'tanh', 'relu' or 'leakyRelu(0.01)'")
    }
    self = activation
  }

  /// Writes the description of the function.
  ///
  /// - Parameter encoder: takes the string.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
