import RecurrentKernels
import RecurrentSupport

/// An independently recurrent cell: each unit has one recurrent weight and sees no other unit of its layer.
///
/// ```
/// h' = act(W x + u ⊙ h + b)
/// ```
///
/// Shapes: x `[I]`, h `[H]`, W `[H, I]`, u `[H]`, b `[H]`. u is called `weight_hh`, like the matrix it replaces. Units
/// mix in the next layer, so such layers are stacked, often many of them.
///
/// Cost: H (I + 1) multiply-adds and H activations per sample and step; backward about twice that.
///
/// Source: Li et al., *Independently Recurrent Neural Network (IndRNN): Building A Longer and Deeper RNN*, 2018,
/// equation 2. u starts uniform in [0, 1], the paper's range for functions such as ReLU.
public struct IndRNNCell: RecurrentCell {
  /// The state of an IndRNN layer: its hidden state.
  public typealias State = ElmanCell.State

  /// The name `indrnn`.
  public static var name: String { "indrnn" }
  /// `indrnn`, and its activation unless it is ReLU.
  public var kind: String { activation == .relu ? Self.name : "\(Self.name) \(activation)" }
  /// The number of hidden units.
  public let hiddenSize: Int
  /// The activation function.
  public let activation: Activation

  /// A cell of the given width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the number of hidden units.
  ///   - activation: the activation function.
  /// - Precondition: `hiddenSize` is positive.
  public init(hiddenSize: Int, activation: Activation = .relu) {
    require { () throws(ConfigurationError) in try Self.check(hiddenSize: hiddenSize) }
    self.hiddenSize = hiddenSize
    self.activation = activation
  }

  /// One pre-activation, of the input alone: the cell itself adds u ⊙ h.
  public var gates: [GateSource] { [.input] }
  /// 0: backward needs only the pre-activations and the states.
  public var tapeSize: Int { 0 }
  /// The recurrent weights u.
  public var unitParameterNames: [String] { ["weight_hh"] }
  /// u is drawn uniformly from [0, 1].
  public func unitParameterRule(_ name: String) -> WeightRule { .between(0, 1) }
  /// Through u ⊙ h.
  public var hasDirectStatePath: Bool { true }

  /// Computes z += u ⊙ h and h' = act(z).
  public func forward(_ step: CellStep) {
    let at = step.offset
    kernels.scaleByVector(step.block, step.unitParameters.kernel(step.units), step.previous + at, step.gates + at, 1)
    kernels.activate(step.block, activation.kernel, .infinity, step.gates + at, step.next + at)
  }

  /// Computes dz = dh' ⊙ act'(z), du += dz ⊙ h and dh += u ⊙ dz.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    let at = step.offset
    kernels.activateBackward(
      step.block, activation.kernel, .infinity, step.gates + at, step.next + at, gradient.hidden + at)
    kernels.addProducts(step.runningBlock, step.gates + at, step.previous + at, gradient.unitParameters + at)
    kernels.scaleByVector(
      step.block, step.unitParameters.kernel(step.units), step.gates + at, gradient.previousHidden + at,
      gradient.isFresh ? 0 : 1)
  }
}
