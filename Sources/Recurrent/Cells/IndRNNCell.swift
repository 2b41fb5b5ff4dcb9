import RecurrentKernels
import RecurrentSupport

/// An independently recurrent cell: each unit remembers by a weight of its own and sees no other unit of its layer.
///
/// ```
/// h' = act(W x + u ⊙ h + b)
/// ```
///
/// Shapes: x `[I]`, h `[H]`, W `[H, I]`, u `[H]`, b `[H]`. u is called `weight_hh`, as the matrix in its place would
/// be. Units meet in the next layer: such layers are stacked, many on top of each other.
///
/// Cost: H (I + 1) multiply-adds and H activations per sample and step; backward about twice that.
///
/// Source: Li et al., *Independently Recurrent Neural Network (IndRNN): Building A Longer and Deeper RNN*, 2018,
/// equation 2. Its u begins evenly between 0 and 1, the range it names for functions such as ReLU.
public struct IndRNNCell: RecurrentCell {
  /// The state of an IndRNN layer: its hidden state.
  public typealias State = ElmanCell.State

  /// The name `indrnn`.
  public static var name: String { "indrnn" }
  /// `indrnn`, and its activation where that is not the usual one.
  public var kind: String { activation == .relu ? Self.name : "\(Self.name) \(activation)" }
  /// The number of hidden units.
  public let hiddenSize: Int
  /// The function of the sum.
  public let activation: Activation

  /// A cell of the given width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the number of hidden units.
  ///   - activation: the function of the sum.
  /// - Precondition: `hiddenSize` is positive.
  public init(hiddenSize: Int, activation: Activation = .relu) {
    require { () throws(ConfigurationError) in try Self.check(hiddenSize: hiddenSize) }
    self.hiddenSize = hiddenSize
    self.activation = activation
  }

  /// One sum, of the input alone: the cell itself adds what the unit remembers.
  public var gates: [GateSource] { [.input] }
  /// Backward needs nothing but the sums and the states.
  public var tapeSize: Int { 0 }
  /// The recurrent weights u.
  public var unitParameterNames: [String] { ["weight_hh"] }
  /// u begins evenly between 0 and 1.
  public func unitParameterRule(_ name: String) -> WeightRule { .between(0, 1) }
  /// Through u ⊙ h.
  public var hasDirectStatePath: Bool { true }

  /// Computes z += u ⊙ h and h' = act(z).
  public func forward(_ step: CellStep) {
    let at = step.offset
    kernels.scaleByVector(step.block, step.vectors.kernel(step.units), step.previous + at, step.gates + at, 1)
    kernels.activate(step.block, activation.kernel, .infinity, step.gates + at, step.next + at)
  }

  /// Computes dz = dh' ⊙ act'(z), du += dz ⊙ h and dh += u ⊙ dz.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    let at = step.offset
    kernels.activateBackward(
      step.block, activation.kernel, .infinity, step.gates + at, step.next + at, gradient.hidden + at)
    kernels.addProducts(step.runningBlock, step.gates + at, step.previous + at, gradient.vectors + at)
    kernels.scaleByVector(
      step.block, step.vectors.kernel(step.units), step.gates + at, gradient.previousHidden + at,
      gradient.isFresh ? 0 : 1)
  }
}
