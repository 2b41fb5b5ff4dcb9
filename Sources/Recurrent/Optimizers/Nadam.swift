import RecurrentKernels
import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Adam with Nesterov momentum.
///
/// ```
/// g ← gradient + λ w
/// μₜ = β₁ (1 - ½ 0.96^(t ψ))       Mₜ = μ₁ μ₂ … μₜ
/// m ← β₁ m + (1 - β₁) g            v ← β₂ v + (1 - β₂) g²
/// m̂ = μₜ₊₁ m / (1 - Mₜ₊₁) + (1 - μₜ) g / (1 - Mₜ)
/// w ← w - η m̂ / (√(v / (1 - β₂ᵗ)) + ε)
/// ```
///
/// Cost: about thirteen operations per parameter and step; two floats of memory per parameter.
///
/// Source: Dozat, *Incorporating Nesterov Momentum into Adam*, 2016; the schedule of μ is that of Sutskever et al.,
/// 2013, as in PyTorch and Keras.
public struct Nadam: Optimizer, KernelOptimizer, Codable {
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
  /// ψ, how fast μ rises from β₁ / 2 to β₁.
  public let momentumDecay: Float
  /// t, the number of steps taken.
  public var stepCount: Int { memory.stepCount }
  var memory = OptimizerMemory(slots: 2)

  /// Nadam with the given settings; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - learningRate: η, about the largest change of a parameter in one step.
  ///   - beta1: β₁, the decay rate of the running mean of the gradient.
  ///   - beta2: β₂, the decay rate of the running mean of the squared gradient.
  ///   - epsilon: ε, which keeps steps finite if gradients vanish.
  ///   - weightDecay: λ, the weight decay, as a part of the gradient.
  ///   - momentumDecay: ψ, how fast μ rises from β₁ / 2 to β₁.
  /// - Precondition: β₁ and β₂ lie in `0..<1`; `weightDecay` and `momentumDecay` are not negative.
  public init(
    learningRate: Float = 0.002, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, momentumDecay: Float = 0.004
  ) {
    require(momentumDecay >= 0, "momentumDecay must not be negative; found \(momentumDecay)")
    requireBetas(beta1, beta2)
    requireDecay(weightDecay)
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentumDecay = momentumDecay
  }

  func rule(for state: OptimizerState) -> OptimizerUpdate.Rule {
    let (now, next) = (momentum(atStep: state.stepCount), momentum(atStep: state.stepCount + 1))
    state.momentumProduct *= now
    var settings = rk_adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: weightDecay,
      stepCount: state.stepCount)
    settings.gradientStep = Float(Double(learningRate) * (1 - now) / (1 - state.momentumProduct))
    settings.step = Float(Double(learningRate) * next / (1 - state.momentumProduct * next))
    return .adam(settings)
  }

  /// μₜ at step t.
  private func momentum(atStep step: Int) -> Double {
    Double(beta1) * (1 - 0.5 * pow(0.96, Double(step) * Double(momentumDecay)))
  }
}

extension Nadam {
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
    momentumDecay = try container.value(.momentumDecay, in: 0...)
    memory = try container.memory(.memory, slots: 2)
  }
}
