import RecurrentKernels

/// Adam with a weight decay of its own, apart from the gradient and from what scales it.
///
/// ```
/// w ← (1 - η λ) w,  then a step of Adam without decay
/// ```
///
/// All weights fade at the same pace; with the decay inside the gradient, as ``Adam`` has it, those with large
/// gradients fade more slowly.
///
/// Cost: that of ``Adam``.
///
/// Source: Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, 2019, algorithm 2, in PyTorch's form, in
/// which the rate scales the decay too.
public struct AdamW: Optimizer {
  private var adam: Adam

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
  /// λ, how strongly weights are drawn to zero: by η λ of themselves in each step.
  public let weightDecay: Float
  /// t, the number of steps taken.
  public var stepCount: Int { adam.stepCount }

  /// AdamW with the given settings; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - learningRate: η, about the largest change of a parameter in one step.
  ///   - beta1: β₁, how slowly the mean of the gradient forgets.
  ///   - beta2: β₂, how slowly the mean of the squared gradient forgets.
  ///   - epsilon: ε, what keeps steps finite where gradients vanish.
  ///   - weightDecay: λ, how strongly weights are drawn to zero: by η λ of themselves in each step.
  /// - Precondition: β₁ and β₂ lie in `0..<1`; `weightDecay` is not negative.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01
  ) {
    requireDecay(weightDecay)
    adam = Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    self.weightDecay = weightDecay
  }

  /// Begins the next step.
  public mutating func nextUpdate(parameterCount: Int) -> OptimizerUpdate {
    let state = adam.beginStep(parameterCount: parameterCount)
    var settings = adam.settings
    settings.keep = 1 - learningRate * weightDecay
    return OptimizerUpdate(rule: .adam(settings), state: state)
  }
}
