import RecurrentKernels

/// Lion: steps of the same size for all parameters, in the direction of the sign of a running mean of the gradient.
///
/// ```
/// u ← sign(β₁ m + (1 - β₁) g)
/// w ← w - η (u + λ w)
/// m ← β₂ m + (1 - β₂) g
/// ```
///
/// Its learning rate is usually a third to a tenth of Adam's, its weight decay larger by the same factor.
///
/// Cost: about eight operations per parameter and step; one float of memory per parameter.
///
/// Source: Chen et al., *Symbolic Discovery of Optimization Algorithms*, 2023, algorithm 2.
public struct Lion: Optimizer, KernelOptimizer, Codable {
  /// η, the change of every parameter in one step.
  public var learningRate: Float
  /// β₁, the weight of the mean relative to the current gradient.
  public let beta1: Float
  /// β₂, the decay rate of the running mean of the gradient.
  public let beta2: Float
  /// λ, the decoupled weight decay: each step shrinks weights by the factor 1 - η λ.
  public let weightDecay: Float
  var memory = OptimizerMemory(slots: 1)

  /// Lion with the given settings; the defaults are the paper's.
  ///
  /// - Parameters:
  ///   - learningRate: η, the change of every parameter in one step.
  ///   - beta1: β₁, the weight of the mean relative to the current gradient.
  ///   - beta2: β₂, the decay rate of the running mean of the gradient.
  ///   - weightDecay: λ, the decoupled weight decay: each step shrinks weights by the factor 1 - η λ.
  /// - Precondition: β₁ and β₂ lie in `0..<1`; `weightDecay` is not negative.
  public init(learningRate: Float = 1e-4, beta1: Float = 0.9, beta2: Float = 0.99, weightDecay: Float = 0) {
    requireBetas(beta1, beta2)
    requireDecay(weightDecay)
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = weightDecay
  }

  func rule(for state: OptimizerState) -> OptimizerUpdate.Rule {
    .lion(rk_lion(rate: learningRate, beta1: beta1, beta2: beta2, decay: weightDecay))
  }
}

extension Lion {
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
    weightDecay = try container.value(.weightDecay, in: 0...)
    memory = try container.memory(.memory, slots: 1)
  }
}
