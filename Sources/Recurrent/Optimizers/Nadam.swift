import RecurrentKernels
import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Adam that looks ahead along its momentum, as Nesterov does.
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
/// 2013, as PyTorch and Keras have it.
public struct Nadam: Optimizer {
  private var adam: Adam
  private var product = 1.0

  /// η, about the largest change of a parameter in one step.
  public var learningRate: Float {
    get { adam.learningRate }
    set { adam.learningRate = newValue }
  }
  /// β₁, how slowly the mean of the gradient forgets.
  public var beta1: Float { adam.beta1 }
  /// β₂, how slowly the mean of the squared gradient forgets.
  public var beta2: Float { adam.beta2 }
  /// ε, what keeps steps finite where gradients vanish.
  public var epsilon: Float { adam.epsilon }
  /// λ, how strongly weights are drawn to zero, as a part of the gradient.
  public var weightDecay: Float { adam.weightDecay }
  /// ψ, how fast μ rises from β₁ / 2 to β₁.
  public let momentumDecay: Float
  /// t, the number of steps taken.
  public var stepCount: Int { adam.stepCount }

  /// Nadam with the given settings; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - learningRate: η, about the largest change of a parameter in one step.
  ///   - beta1: β₁, how slowly the mean of the gradient forgets.
  ///   - beta2: β₂, how slowly the mean of the squared gradient forgets.
  ///   - epsilon: ε, what keeps steps finite where gradients vanish.
  ///   - weightDecay: λ, how strongly weights are drawn to zero, as a part of the gradient.
  ///   - momentumDecay: ψ, how fast μ rises from β₁ / 2 to β₁.
  /// - Precondition: β₁ and β₂ lie in `0..<1`; neither decay is negative.
  public init(
    learningRate: Float = 0.002, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, momentumDecay: Float = 0.004
  ) {
    require(momentumDecay >= 0, "a decay of momentum is not negative; found \(momentumDecay)")
    adam = Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    self.momentumDecay = momentumDecay
  }

  /// Begins the next step.
  public mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate {
    let state = adam.beginStep(parameterCount: parameterCount)
    let (now, next) = (momentum(atStep: stepCount), momentum(atStep: stepCount + 1))
    product *= now
    var settings = adam.settings
    settings.gradientStep = Float(Double(learningRate) * (1 - now) / (1 - product))
    settings.step = Float(Double(learningRate) * next / (1 - product * next))
    return OptimizerUpdate(rule: .adam(settings), state: state)
  }

  // μₜ
  private func momentum(atStep step: Int) -> Double {
    Double(beta1) * (1 - 0.5 * pow(0.96, Double(step) * Double(momentumDecay)))
  }
}
