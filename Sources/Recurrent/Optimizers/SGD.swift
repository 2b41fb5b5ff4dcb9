import RecurrentKernels
import RecurrentSupport

/// Stochastic gradient descent, optionally with momentum.
///
/// ```
/// g ← gradient + λ w
/// m ← μ m + g
/// w ← w - η m                with Nesterov momentum: w ← w - η (g + μ m)
/// ```
///
/// Without momentum and decay this is `w ← w - η g`, the simplest rule. As in PyTorch, η scales the whole step, not the
/// term added to m, so that a changed rate takes effect at once.
///
/// Cost: two operations per parameter and step, six with momentum or decay; then one float of memory per parameter.
///
/// Source: Polyak, 1964; Nesterov, 1983, in the form of Sutskever et al., *On the Importance of Initialization and
/// Momentum in Deep Learning*, 2013.
public struct SGD: Optimizer, KernelOptimizer, Codable {
  /// η, the learning rate.
  public var learningRate: Float
  /// μ, the momentum: the fraction of the last step that is repeated.
  public let momentum: Float
  /// Whether to use Nesterov momentum.
  public let isNesterov: Bool
  /// λ, the weight decay, as a part of the gradient.
  public let weightDecay: Float
  var memory: OptimizerMemory

  /// Gradient descent with the given settings; by default the plain rule.
  ///
  /// - Parameters:
  ///   - learningRate: η, the learning rate.
  ///   - momentum: μ, the momentum: the fraction of the last step that is repeated.
  ///   - isNesterov: whether to use Nesterov momentum.
  ///   - weightDecay: λ, the weight decay, as a part of the gradient.
  /// - Precondition: `momentum` lies in `0..<1`, and is not zero with `isNesterov`; `weightDecay` is not negative.
  public init(learningRate: Float, momentum: Float = 0, isNesterov: Bool = false, weightDecay: Float = 0) {
    require(momentum >= 0 && momentum < 1, "momentum must lie in 0..<1; found \(momentum)")
    require(momentum > 0 || !isNesterov, "Nesterov momentum needs a momentum above 0; found 0")
    requireDecay(weightDecay)
    self.learningRate = learningRate
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
    memory = OptimizerMemory(slots: Self.slots(momentum, weightDecay))
  }

  private static func slots(_ momentum: Float, _ weightDecay: Float) -> Int {
    momentum == 0 && weightDecay == 0 ? 0 : 1
  }

  func rule(for state: OptimizerState) -> OptimizerUpdate.Rule {
    memory.slots == 0
      ? .descent(rate: learningRate)
      : .momentum(
        rk_momentum(rate: learningRate, momentum: momentum, decay: weightDecay, isNesterov: isNesterov ? 1 : 0))
  }
}

extension SGD {
  /// Reads settings and state.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is out of range or the state does not fit.
  /// - Complexity: O(parameters).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try container.decode(Float.self, forKey: .learningRate)
    momentum = try container.value(.momentum, in: 0..<1)
    isNesterov = try container.decode(Bool.self, forKey: .isNesterov)
    weightDecay = try container.value(.weightDecay, in: 0...)
    guard momentum > 0 || !isNesterov else {
      throw DecodingError.dataCorruptedError(
        forKey: .isNesterov, in: container, debugDescription: "expected a momentum above 0 with isNesterov, found 0")
    }
    memory = try container.memory(.memory, slots: Self.slots(momentum, weightDecay))
  }
}
