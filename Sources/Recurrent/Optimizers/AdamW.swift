import RecurrentKernels

/// Adam with decoupled weight decay, which is independent of the gradient.
///
/// ```
/// w ← (1 - η λ) w,  then a step of Adam without decay
/// ```
///
/// All weights decay at the same rate; with the decay inside the gradient, as in ``Adam``, those with large gradients
/// decay more slowly.
///
/// Cost: that of ``Adam``.
///
/// Source: Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, 2019, algorithm 2, in PyTorch's form, in
/// which the learning rate scales the decay too.
public struct AdamW: Optimizer, KernelOptimizer, Codable {
  /// η, about the largest change of a parameter in one step.
  public var learningRate: Float
  /// β₁, the decay rate of the running mean of the gradient.
  public let beta1: Float
  /// β₂, the decay rate of the running mean of the squared gradient.
  public let beta2: Float
  /// ε, which keeps steps finite if gradients vanish.
  public let epsilon: Float
  /// λ, the weight decay: each step shrinks weights by the factor 1 - η λ.
  public let weightDecay: Float
  /// t, the number of steps taken.
  public var stepCount: Int { memory.stepCount }
  var memory = OptimizerMemory(slots: 2)

  /// AdamW with the given settings; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - learningRate: η, about the largest change of a parameter in one step.
  ///   - beta1: β₁, the decay rate of the running mean of the gradient.
  ///   - beta2: β₂, the decay rate of the running mean of the squared gradient.
  ///   - epsilon: ε, which keeps steps finite if gradients vanish.
  ///   - weightDecay: λ, the weight decay: each step shrinks weights by the factor 1 - η λ.
  /// - Precondition: β₁ and β₂ lie in `0..<1`; `weightDecay` is not negative.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01
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
    var settings = rk_adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, stepCount: state.stepCount)
    settings.keep = 1 - learningRate * weightDecay
    return .adam(settings)
  }
}

extension AdamW {
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
