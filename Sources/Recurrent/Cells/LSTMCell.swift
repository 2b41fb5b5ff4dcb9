import RecurrentKernels
import RecurrentSupport

/// Long short-term memory: a cell state that is kept, written and read through gates.
///
/// ```
/// i = σ(Wᵢ x + Uᵢ h + bᵢ)      input gate: how much of the candidate is written
/// f = σ(W_f x + U_f h + b_f)   forget gate: how much of the old cell state is kept
/// g = tanh(W_g x + U_g h + b_g)  candidate: what could be written
/// o = σ(W_o x + U_o h + b_o)   output gate: how much of the cell state is shown
/// c' = f ⊙ c + i ⊙ g
/// h' = o ⊙ tanh(c')
/// ```
///
/// Shapes: x `[I]`, h and c `[H]`, W `[4H, I]`, U `[4H, H]`, b `[4H]`, the gates one after another in the order of
/// ``Gate``. TensorFlow 1's forget bias of 1, which it adds at run time, is part of b here.
///
/// With all ``Options`` and any functions, a step is
///
/// ```
/// i = φ(±k(Wᵢ x + Uᵢ h + bᵢ + pᵢ ⊙ c))        or, coupled, i = 1 - f
/// f = φ(±k(W_f x + U_f h + b_f + p_f ⊙ c))
/// g = γ(±k(W_g x + U_g h + b_g))
/// c' = ±v(f ⊙ c + i ⊙ g)
/// o = φ(±k(W_o x + U_o h + b_o + p_o ⊙ c'))
/// h' = o ⊙ η(c')
/// ```
///
/// where ±k(z) clips z to [-k, k] and passes no gradient if it clips.
///
/// With a projection, the hidden state, which is also the output, is narrower than the cell state, and so are the
/// products with it. W_hr is `[P, H]` with 0 < P < H; h is `[P]`, U `[4H, P]`:
///
/// ```
/// h' = W_hr (o ⊙ tanh(c'))      with options: W_hr times the h' above
/// ```
///
/// Cost: 4 H (I + H) multiply-adds, 3 H σ and 2 H tanh per sample and step; backward about twice that. Peepholes add
/// 3 H multiply-adds; coupled gates need three quarters of the products, and with a projection these are
/// 4 H (I + P) + P H multiply-adds.
///
/// Source: Hochreiter and Schmidhuber, *Long Short-Term Memory*, Neural Computation 9, 1997; the forget gate from Gers,
/// Schmidhuber and Cummins, *Learning to Forget*, 2000; the projection from Sak, Senior and Beaufays, *Long Short-Term
/// Memory Recurrent Neural Network Architectures for Large Scale Acoustic Modeling*, 2014.
public struct LSTMCell: RecurrentCell {
  /// The gates in the order of their rows in weights and biases; that order is stated only here.
  public enum Gate: Int, CaseIterable, Sendable {
    /// i, how much of the candidate is written.
    case input
    /// f, how much of the old cell state is kept.
    case forget
    /// g, what could be written.
    case candidate
    /// o, how much of the cell state is shown.
    case output
  }

  /// The state of an LSTM layer.
  public struct State: RecurrentState {
    /// Always 2.
    public static var componentCount: Int { 2 }
    /// The hidden state, then the cell state, `[batch, hidden]` each; a projected hidden state is
    /// `[batch, projection]`.
    public let components: [Tensor]
    /// The cell state, `[batch, hidden]`.
    public var cell: Tensor { components[1] }

    /// A state from hidden and cell state.
    ///
    /// - Parameters:
    ///   - hidden: `[batch, hidden]`, or with a projection `[batch, projection]`.
    ///   - cell: `[batch, hidden]`.
    /// - Precondition: both have the same batch size.
    /// - Complexity: O(1).
    public init(hidden: Tensor, cell: Tensor) { self.init(components: [hidden, cell]) }

    /// A state from its two components.
    ///
    /// - Parameter components: hidden and cell state, as in ``components``.
    /// - Precondition: there are two components of the same batch size.
    public init(components: [Tensor]) {
      require(components.count == 2, "an LSTM state has two components; found \(components.count)")
      require(components[0].shape[0] == components[1].shape[0], "hidden and cell state need the same batch size")
      self.components = components
    }
  }

  /// The name `lstm`.
  public static var name: String { "lstm" }
  /// `lstm` and its options, as in `lstm peepholes cell-clip=10.0`; a projection appears only in ``outputSize``.
  public var kind: String { Self.name + options.description }
  /// The number of hidden units.
  public let hiddenSize: Int
  /// The width of the hidden state: P with a projection, else H.
  public let outputSize: Int
  /// The width of the projection, P; nil if the hidden state is not projected.
  public var projectionSize: Int? { isProjected ? outputSize : nil }
  /// Options beyond the plain equations.
  public let options: Options
  // Cached because `forward` runs at every time step.
  private let isPlain: Bool
  private let isGeneral: Bool

  /// A cell of the given width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the number of hidden units.
  ///   - projectionSize: P, the width of the hidden state, PyTorch's `proj_size`; nil for no projection.
  ///   - options: options beyond the plain equations.
  /// - Precondition: sizes and clips are positive; a projection is narrower than `hiddenSize`; layer normalization does
  ///   not combine with ``Options/preactivationClip`` or other functions.
  public init(hiddenSize: Int, projectionSize: Int? = nil, options: Options = Options()) {
    require { () throws(ConfigurationError) in
      try Self.check(hiddenSize: hiddenSize, projectionSize: projectionSize, options: options)
    }
    self.hiddenSize = hiddenSize
    outputSize = projectionSize ?? hiddenSize
    self.options = options
    isPlain = options == Options()
    isGeneral = options.isGeneral
  }

  /// The gates that have weights, in the order of their rows: all four, or three if input and forget gate are coupled.
  public var gateOrder: [Gate] { options.couplesInputAndForgetGates ? [.forget, .candidate, .output] : Gate.allCases }
  /// All gates read input and hidden state.
  public var gates: [GateSource] { gateOrder.map { _ in .inputAndHidden } }
  /// `input`, `forget`, `candidate` and `output`; without `input` if it is coupled.
  public var gateNames: [String] { gateOrder.map { "\($0)" } }
  /// The index of the forget gate.
  public var forgetGate: Int? { options.couplesInputAndForgetGates ? 0 : Gate.forget.rawValue }
  /// The forget gate keeps, the input gate writes.
  public var memoryGates: (keep: Int, write: Int?)? {
    options.couplesInputAndForgetGates ? (0, nil) : (Gate.forget.rawValue, Gate.input.rawValue)
  }
  /// The peephole weights of input, forget and output gate, then the gains of layer normalization and the cell state's
  /// shift, if there are any.
  public var unitParameterNames: [String] {
    let peepholes =
      options.couplesInputAndForgetGates ? ["weight_fc", "weight_oc"] : ["weight_ic", "weight_fc", "weight_oc"]
    return (options.hasPeepholes ? peepholes : []) + normNames
  }
  /// Gains start as ones, all others as zeros.
  public func unitParameterRule(_ name: String) -> WeightRule { .constant(name.hasPrefix("norm_") ? 1 : 0) }
  /// tanh(c') for each unit; with options also c', which zoneout may replace in the state, and the pre-activations if
  /// activations alone do not determine the derivatives.
  ///
  /// With layer normalization: the tanh, the normalized pre-activations, and mean and 1 / √(variance + ε) of each gate
  /// and of the cell state.
  public var tapeSize: Int {
    if options.hasLayerNorm { return normTapeSize }
    return (isPlain ? 1 : isGeneral ? 2 + gateOrder.count : 2) * hiddenSize
  }

  /// Computes c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c').
  public func forward(_ step: CellStep) {
    if options.hasLayerNorm { return forwardNormalized(step) }
    let at = step.offset
    let (old, new) = (step.previous + step.gateStride + at, step.next + step.gateStride + at)
    if isPlain {
      kernels.lstmForward(step.block, step.gates + at, step.gateStride, old, new, step.tape + at, step.next + at)
    } else {
      kernels.lstmOptionsForward(
        step.block, kernelOptions(step), step.gates + at, step.gateStride, old, new, step.tape + at, step.next + at)
    }
  }

  /// The chain rule through the equations above; the formulas are beside the kernels.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    if options.hasLayerNorm { return backwardNormalized(step, gradient) }
    let at = step.offset
    let old = step.previous + step.gateStride + at
    if isPlain {
      kernels.lstmBackward(
        step.block, step.gates + at, step.gateStride, old, step.tape + at, gradient.hidden + at, gradient.state + at)
      return
    }
    kernels.lstmOptionsBackward(
      step.block, kernelOptions(step), step.gates + at, step.gateStride, old, step.tape + at, gradient.hidden + at,
      gradient.state + at, options.hasPeepholes ? gradient.unitParameters + at : nil, step.samples)
  }

  private func kernelOptions(_ step: CellStep) -> rk_lstm {
    rk_lstm(
      couplesInputAndForgetGates: options.couplesInputAndForgetGates ? 1 : 0, isGeneral: isGeneral ? 1 : 0,
      cellClip: options.cellClip ?? .infinity,
      preactivationClip: options.preactivationClip ?? .infinity, gate: options.gateActivation.kernel,
      candidate: options.candidateActivation.kernel, cell: options.cellActivation.kernel,
      peepholes: options.hasPeepholes ? step.unitParameters.kernel(step.units) : rk_vectors())
  }
}
