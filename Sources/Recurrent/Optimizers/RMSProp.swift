import RecurrentKernels
import RecurrentSupport

/// RMSProp: steps divided by the root of a running mean of squared gradients.
///
/// ```
/// g ← gradient + λ w
/// v ← α v + (1 - α) g²
/// w ← w - η g / (√v + ε)
/// ```
///
/// ε is added outside of the root, as in PyTorch; TensorFlow 1 adds it inside, and starts v at 1.
///
/// Cost: about eight operations per parameter and step; one float of memory per parameter.
///
/// Source: Tieleman and Hinton, *Neural Networks for Machine Learning*, lecture 6.5, 2012.
public struct RMSProp: Optimizer, KernelOptimizer, Codable {
  /// η, about the largest change of a parameter in one step, once v has settled.
  public var learningRate: Float
  /// α, the decay rate of the running mean of the squared gradient.
  public let alpha: Float
  /// ε, which keeps steps finite if gradients vanish.
  public let epsilon: Float
  /// λ, the weight decay, as a part of the gradient.
  public let weightDecay: Float
  var memory = OptimizerMemory(slots: 1)

  /// RMSProp with the given settings; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - learningRate: η, about the largest change of a parameter in one step, once v has settled.
  ///   - alpha: α, the decay rate of the running mean of the squared gradient.
  ///   - epsilon: ε, which keeps steps finite if gradients vanish.
  ///   - weightDecay: λ, the weight decay, as a part of the gradient.
  /// - Precondition: `alpha` lies in `0..<1`; `weightDecay` is not negative.
  public init(learningRate: Float = 0.01, alpha: Float = 0.99, epsilon: Float = 1e-8, weightDecay: Float = 0) {
    require(alpha >= 0 && alpha < 1, "alpha must lie in 0..<1; found \(alpha)")
    requireDecay(weightDecay)
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  func rule(for state: OptimizerState) -> OptimizerUpdate.Rule {
    .meanSquare(
      rk_mean_square(rate: learningRate, keep: alpha, add: 1 - alpha, epsilon: epsilon, decay: weightDecay))
  }
}

extension RMSProp {
  /// Reads settings and state.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is out of range or the state does not fit.
  /// - Complexity: O(parameters).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try container.decode(Float.self, forKey: .learningRate)
    alpha = try container.value(.alpha, in: 0..<1)
    epsilon = try container.decode(Float.self, forKey: .epsilon)
    weightDecay = try container.value(.weightDecay, in: 0...)
    memory = try container.memory(.memory, slots: 1)
  }
}
