import RecurrentKernels

/// A function that a cell puts its sums through: those of ONNX's recurrent operators, with its constants.
///
/// Source: the ONNX operator specification, RNN, LSTM and GRU, attribute `activations`.
public enum Activation: Sendable, Equatable, CustomStringConvertible {
  /// (e^x - e^-x) / (e^x + e^-x)
  case tanh
  /// 1 / (1 + e^-x)
  case sigmoid
  /// max(0, x)
  case relu
  /// α x + β
  case affine(alpha: Float, beta: Float)
  /// x, or α x where x < 0
  case leakyRelu(alpha: Float = 0.01)
  /// x where x > α, else 0
  case thresholdedRelu(alpha: Float = 1)
  /// α tanh(β x)
  case scaledTanh(alpha: Float, beta: Float)
  /// max(0, min(1, α x + β))
  case hardSigmoid(alpha: Float = 0.2, beta: Float = 0.5)
  /// x, or α (e^x - 1) where x < 0
  case elu(alpha: Float = 1)
  /// x / (1 + |x|)
  case softsign
  /// ln(1 + e^x)
  case softplus

  /// Its name and constants, as in `leakyRelu(0.01)`.
  public var description: String {
    switch self {
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .relu: "relu"
    case .affine(let alpha, let beta): "affine(\(alpha) \(beta))"
    case .leakyRelu(let alpha): "leakyRelu(\(alpha))"
    case .thresholdedRelu(let alpha): "thresholdedRelu(\(alpha))"
    case .scaledTanh(let alpha, let beta): "scaledTanh(\(alpha) \(beta))"
    case .hardSigmoid(let alpha, let beta): "hardSigmoid(\(alpha) \(beta))"
    case .elu(let alpha): "elu(\(alpha))"
    case .softsign: "softsign"
    case .softplus: "softplus"
    }
  }

  /// The function as the kernels take it.
  ///
  /// Where a function has a corner, its slope there is that on the left.
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
