import RecurrentKernels
import RecurrentSupport

/// The simplest recurrent cell: the new state is an activation of a weighted sum of input and old state.
///
/// ```
/// h' = tanh(W x + U h + b)
/// ```
///
/// Any other ``Activation`` may replace tanh, such as `.relu`; ``preactivationClip`` clips its argument.
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
      require(components.count == 1, "an Elman state has one component; found \(components.count)")
      self.components = components
    }
  }

  /// The name `elman`.
  public static var name: String { "elman" }
  /// `elman`, then its activation and clip unless they have default values, as in `elman relu input-clip=3.0`.
  public var kind: String {
    (activation == .tanh ? Self.name : "\(Self.name) \(activation)")
      + KindWord.text("input-clip", preactivationClip, unless: nil)
  }
  /// The number of hidden units.
  public let hiddenSize: Int
  /// The activation function.
  public let activation: Activation
  /// Clips the pre-activation to [-x, x], with gradient 0 beyond: ONNX's `clip`; nil for none.
  public let preactivationClip: Float?
  // Cached because `forward` runs at every time step.
  private let isPlain: Bool

  /// A cell of the given width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the number of hidden units.
  ///   - activation: the activation function.
  ///   - preactivationClip: the clip of its argument; nil for none.
  /// - Precondition: `hiddenSize` and the clip are positive.
  public init(hiddenSize: Int, activation: Activation = .tanh, preactivationClip: Float? = nil) {
    require { () throws(ConfigurationError) in try Self.check(hiddenSize: hiddenSize) }
    require { () throws(ConfigurationError) in try Self.check(limits: ("preactivationClip", preactivationClip)) }
    self.hiddenSize = hiddenSize
    self.activation = activation
    self.preactivationClip = preactivationClip
    isPlain = activation == .tanh && preactivationClip == nil
  }

  /// One pre-activation, of input and hidden state.
  public var gates: [GateSource] { [.inputAndHidden] }
  /// None.
  public var forgetGate: Int? { nil }
  /// 0: backward needs only the pre-activations and the new state.
  public var tapeSize: Int { 0 }

  /// Computes h' = tanh(z), or the activation of the clipped z.
  public func forward(_ step: CellStep) {
    let at = step.offset
    if isPlain {
      kernels.elmanForward(step.block, step.gates + at, step.next + at)
    } else {
      kernels.activate(step.block, activation.kernel, preactivationClip ?? .infinity, step.gates + at, step.next + at)
    }
  }

  /// Computes dz = dh' (1 - h'²), since tanh' = 1 - tanh², or with the derivative of the activation, which is 0 beyond
  /// the clip.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    let at = step.offset
    if isPlain {
      kernels.elmanBackward(step.block, step.gates + at, step.next + at, gradient.hidden + at)
    } else {
      kernels.activateBackward(
        step.block, activation.kernel, preactivationClip ?? .infinity, step.gates + at, step.next + at,
        gradient.hidden + at)
    }
  }
}
