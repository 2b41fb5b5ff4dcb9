import RecurrentKernels

/// The simplest recurrent cell: the new state is a squashed sum of input and old state.
///
/// ```
/// h' = tanh(W x + U h + b)
/// ```
///
/// Shapes: x `[I]`, h `[H]`, W `[H, I]`, U `[H, H]`, b `[H]`.
///
/// Cost: H (I + H) multiply-adds and H tanh per sample and step; backward about twice that.
///
/// Source: Elman, *Finding Structure in Time*, Cognitive Science 14, 1990.
public struct ElmanCell: RecurrentCell {
  /// The state of an Elman layer: its hidden state.
  public struct State: RecurrentState {
    /// Always 1.
    public static var componentCount: Int { 1 }
    /// The hidden state.
    public let components: [Tensor]

    /// A state from its hidden state, `[batch, hidden]`.
    public init(hidden: Tensor) { components = [hidden] }

    /// A state from its one component.
    public init(components: [Tensor]) {
      precondition(components.count == 1, "an Elman state has one component; found \(components.count)")
      self.components = components
    }
  }

  /// The name `elman`.
  public static var name: String { "elman" }
  /// The number of features of an input step.
  public let inputSize: Int
  /// The number of hidden units.
  public let hiddenSize: Int

  /// A cell of the given sizes.
  ///
  /// - Precondition: both are positive.
  public init(inputSize: Int, hiddenSize: Int) {
    precondition(inputSize > 0 && hiddenSize > 0, "sizes must be positive; found \(inputSize) and \(hiddenSize)")
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
  }

  /// One pre-activation, of input and hidden state.
  public var gates: [GateSource] { [.inputAndHidden] }
  /// None.
  public var forgetGate: Int? { nil }
  /// Backward needs nothing but the new state itself.
  public var savedSize: Int { 0 }

  /// Computes h' = tanh(z).
  public func forward(_ step: CellStep) {
    kernels.elmanForward(step.block, step.gates + step.offset, step.next + step.offset)
  }

  /// Computes dz = dh' (1 - h'²), since tanh' = 1 - tanh².
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    kernels.elmanBackward(
      step.block, step.gates + step.offset, step.next + step.offset, gradient.hidden + step.offset)
  }
}
