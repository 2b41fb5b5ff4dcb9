import RecurrentKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Adam: steps from running means of the gradient and of its square.
///
/// ```
/// g ← gradient + λ w
/// m ← β₁ m + (1 - β₁) g        v ← β₂ v + (1 - β₂) g²
/// m̂ = m / (1 - β₁ᵗ)            v̂ = v / (1 - β₂ᵗ)
/// w ← w - η m̂ / (√v̂ + ε)
/// ```
///
/// ε is added outside of the root and after the bias correction, as in the paper and in PyTorch; TensorFlow 1 adds it
/// before the correction. λ is 0 by default; ``AdamW`` keeps the decay out of g.
///
/// Cost: about ten operations per parameter and step; two floats of memory per parameter.
///
/// Source: Kingma and Ba, *Adam: A Method for Stochastic Optimization*, 2015, algorithm 1.
public struct Adam: Optimizer, KernelOptimizer, Codable {
  /// η, about the largest change of a parameter in one step.
  public var learningRate: Float
  /// β₁, the decay rate of the running mean of the gradient.
  public let beta1: Float
  /// β₂, the decay rate of the running mean of the squared gradient.
  public let beta2: Float
  /// ε, which keeps steps finite if gradients vanish.
  public let epsilon: Float
  /// λ, the weight decay, as a part of the gradient.
  public let weightDecay: Float
  /// t, the number of steps taken.
  public var stepCount: Int { memory.stepCount }
  var memory = OptimizerMemory(slots: 2)

  /// Adam with the given settings; the defaults are the paper's.
  ///
  /// - Parameters:
  ///   - learningRate: η, about the largest change of a parameter in one step.
  ///   - beta1: β₁, the decay rate of the running mean of the gradient.
  ///   - beta2: β₂, the decay rate of the running mean of the squared gradient.
  ///   - epsilon: ε, which keeps steps finite if gradients vanish.
  ///   - weightDecay: λ, the weight decay, as a part of the gradient.
  /// - Precondition: β₁ and β₂ lie in `0..<1`; `weightDecay` is not negative.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0
  ) {
    requireBetas(beta1, beta2)
    requireDecay(weightDecay)
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  func rule(for state: OptimizerState) -> OptimizerUpdate.Rule {
    .adam(
      rk_adam(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: weightDecay,
        stepCount: state.stepCount))
  }
}

extension Adam {
  /// Reads settings and state.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is out of range or the state does not fit.
  /// - Complexity: O(parameters).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try container.decode(Float.self, forKey: .learningRate)
    beta1 = try container.value(.beta1, in: 0..<1)
    beta2 = try container.value(.beta2, in: 0..<1)
    epsilon = try container.decode(Float.self, forKey: .epsilon)
    weightDecay = try container.value(.weightDecay, in: 0...)
    memory = try container.memory(.memory, slots: 2)
  }
}

extension rk_adam {
  /// The coefficients of step `stepCount` of Adam, counted from 1.
  init(
    learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, decay: Float = 0, stepCount: Int
  ) {
    let correction1 = 1 - pow(Double(beta1), Double(stepCount))
    let correction2 = 1 - pow(Double(beta2), Double(stepCount))
    self.init(
      beta1: beta1, beta2: beta2, step: Float(Double(learningRate) / correction1), gradientStep: 0,
      rootScale: Float(1 / correction2.squareRoot()), epsilon: epsilon, decay: decay, keep: 1)
  }
}
