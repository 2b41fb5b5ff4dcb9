import RecurrentKernels
import RecurrentSupport

/// RMSProp: steps scaled by the root of a running mean of squared gradients.
///
/// ```
/// g ← gradient + λ w
/// v ← α v + (1 - α) g²
/// w ← w - η g / (√v + ε)
/// ```
///
/// ε stands outside the root, as in PyTorch; TensorFlow 1 has it inside, and starts v at 1.
///
/// Cost: about eight operations per parameter and step; one float of memory per parameter.
///
/// Source: Tieleman and Hinton, *Neural Networks for Machine Learning*, lecture 6.5, 2012.
public struct RMSProp: Optimizer {
  /// η, about the largest change of a parameter in one step, once v has settled.
  public var learningRate: Float
  /// α, how slowly the mean of the squared gradient forgets.
  public let alpha: Float
  /// ε, what keeps steps finite where gradients vanish.
  public let epsilon: Float
  /// λ, how strongly weights are drawn to zero, as a part of the gradient.
  public let weightDecay: Float
  private var memory = OptimizerMemory(slots: 1)

  /// RMSProp with the given settings; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - learningRate: η, about the largest change of a parameter in one step, once v has settled.
  ///   - alpha: α, how slowly the mean of the squared gradient forgets.
  ///   - epsilon: ε, what keeps steps finite where gradients vanish.
  ///   - weightDecay: λ, how strongly weights are drawn to zero, as a part of the gradient.
  /// - Precondition: `alpha` lies in `0..<1`; `weightDecay` is not negative.
  public init(learningRate: Float = 0.01, alpha: Float = 0.99, epsilon: Float = 1e-8, weightDecay: Float = 0) {
    require(alpha >= 0 && alpha < 1, "alpha lies in 0..<1; found \(alpha)")
    requireDecay(weightDecay)
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Begins the next step.
  public mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate {
    OptimizerUpdate(
      rule: .meanSquare(
        rk_mean_square(rate: learningRate, keep: alpha, add: 1 - alpha, epsilon: epsilon, decay: weightDecay)),
      state: memory.forStep(parameterCount: parameterCount))
  }
}
