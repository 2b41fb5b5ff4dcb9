import RecurrentKernels
import RecurrentSupport

/// Adagrad: steps divided by the root of the sum of all squared gradients, so that they only get smaller.
///
/// ```
/// g ← gradient + λ w
/// v ← v + g²
/// w ← w - η g / (√v + ε)
/// ```
///
/// Suits parameters that rarely receive a gradient, such as the rows of an embedding.
///
/// Cost: about seven operations per parameter and step; one float of memory per parameter.
///
/// Source: Duchi, Hazan and Singer, *Adaptive Subgradient Methods*, 2011, in PyTorch's form.
public struct Adagrad: Optimizer, KernelOptimizer, Codable {
  /// η, the change of a parameter in its first step.
  public var learningRate: Float
  /// The initial value of v.
  public let initialSum: Float
  /// ε, which keeps steps finite if gradients vanish.
  public let epsilon: Float
  /// λ, the weight decay, as a part of the gradient.
  public let weightDecay: Float
  var memory: OptimizerMemory

  /// Adagrad with the given settings; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - learningRate: η, the change of a parameter in its first step.
  ///   - initialSum: the initial value of v.
  ///   - epsilon: ε, which keeps steps finite if gradients vanish.
  ///   - weightDecay: λ, the weight decay, as a part of the gradient.
  /// - Precondition: neither `initialSum` nor `weightDecay` is negative.
  public init(learningRate: Float = 0.01, initialSum: Float = 0, epsilon: Float = 1e-10, weightDecay: Float = 0) {
    require(initialSum >= 0, "initialSum must not be negative; found \(initialSum)")
    requireDecay(weightDecay)
    self.learningRate = learningRate
    self.initialSum = initialSum
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    memory = OptimizerMemory(slots: 1, initialValue: initialSum)
  }

  func rule(for state: OptimizerState) -> OptimizerUpdate.Rule {
    .meanSquare(rk_mean_square(rate: learningRate, keep: 1, add: 1, epsilon: epsilon, decay: weightDecay))
  }
}

extension Adagrad {
  /// Reads settings and state.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is out of range or the state does not fit.
  /// - Complexity: O(parameters).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try container.decode(Float.self, forKey: .learningRate)
    initialSum = try container.value(.initialSum, in: 0...)
    epsilon = try container.decode(Float.self, forKey: .epsilon)
    weightDecay = try container.value(.weightDecay, in: 0...)
    memory = try container.memory(.memory, slots: 1, initialValue: initialSum)
  }
}
