/// Stochastic gradient descent, the plainest of all rules.
///
/// ```
/// w ← w - η g
/// ```
public struct SGD: Optimizer {
  /// η, how far a step goes along the gradient.
  public var learningRate: Float
  private var memory = OptimizerMemory(slots: 0)

  /// Gradient descent with the given learning rate.
  public init(learningRate: Float) { self.learningRate = learningRate }

  /// Begins the next step.
  public mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate {
    OptimizerUpdate(
      rule: .descent(rate: learningRate), state: memory.forStep(parameterCount: parameterCount))
  }
}
