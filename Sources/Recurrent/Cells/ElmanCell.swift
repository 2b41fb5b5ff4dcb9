import RecurrentKernels

/// The simplest recurrent cell: the new state is a squashed sum of input and old state.
///
/// ```
/// h' = tanh(W x + U h + b)
/// ```
///
/// or with any other ``Activation`` in place of tanh, such as `.relu`.
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
    /// The hidden state, `[batch, hidden]`.
    public let components: [Tensor]

    /// A state from its hidden state.
    ///
    /// - Parameter hidden: `[batch, hidden]`.
    public init(hidden: Tensor) { components = [hidden] }

    /// A state from its one component.
    ///
    /// - Parameter components: the hidden state alone, `[batch, hidden]`.
    /// - Precondition: there is one component.
    public init(components: [Tensor]) {
      precondition(components.count == 1, "an Elman state has one component; found \(components.count)")
      self.components = components
    }
  }

  /// The name `elman`.
  public static var name: String { "elman" }
  /// `elman`, and its activation where that is not the usual one.
  public var kind: String { activation == .tanh ? Self.name : "\(Self.name) \(activation)" }
  /// The number of features of an input step.
  public let inputSize: Int
  /// The number of hidden units.
  public let hiddenSize: Int
  /// The function in place of tanh.
  public let activation: Activation

  /// A cell of the given sizes.
  ///
  /// - Parameters:
  ///   - inputSize: I, the number of features of an input step.
  ///   - hiddenSize: H, the number of hidden units.
  ///   - activation: the function in place of tanh.
  /// - Precondition: both sizes are positive.
  public init(inputSize: Int, hiddenSize: Int, activation: Activation = .tanh) {
    precondition(inputSize > 0 && hiddenSize > 0, "sizes must be positive; found \(inputSize) and \(hiddenSize)")
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.activation = activation
  }

  /// One pre-activation, of input and hidden state.
  public var gates: [GateSource] { [.inputAndHidden] }
  /// None.
  public var forgetGate: Int? { nil }
  /// Backward needs nothing but the pre-activations and the new state itself.
  public var savedSize: Int { 0 }

  /// Computes h' = tanh(z).
  public func forward(_ step: CellStep) {
    let at = step.offset
    if activation == .tanh {
      kernels.elmanForward(step.block, step.gates + at, step.next + at)
    } else {
      kernels.activate(step.block, activation.kernel, step.gates + at, step.next + at)
    }
  }

  /// Computes dz = dh' (1 - h'²), since tanh' = 1 - tanh², or with the slope of the activation.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    let at = step.offset
    if activation == .tanh {
      kernels.elmanBackward(step.block, step.gates + at, step.next + at, gradient.hidden + at)
    } else {
      kernels.activateBackward(
        step.block, activation.kernel, step.gates + at, step.next + at, gradient.hidden + at)
    }
  }
}
