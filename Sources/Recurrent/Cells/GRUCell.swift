import RecurrentKernels
import RecurrentSupport

/// The gated recurrent unit: a state that is partly kept and partly replaced by a candidate.
///
/// With the reset gate after the product, as in PyTorch, cuDNN and Keras:
///
/// ```
/// r = σ(W_r x + U_r h + b_r)                      reset gate
/// z = σ(W_z x + U_z h + b_z)                      update gate
/// n = tanh(W_n x + b_n + r ⊙ (U_n h + b_hn))      candidate
/// h' = (1 - z) ⊙ n + z ⊙ h
/// ```
///
/// With it before the product, as in the last version of the paper:
///
/// ```
/// n = tanh(W_n x + b_n + U_n (r ⊙ h))
/// ```
///
/// With ``Options``, any functions φ and γ replace σ and tanh, in both forms; here the first:
///
/// ```
/// r = φ(±k(W_r x + U_r h + b_r))
/// z = φ(±k(W_z x + U_z h + b_z))
/// n = γ(±k(W_n x + b_n + r ⊙ (U_n h + b_hn)))
/// h' = (1 - z) ⊙ n + z ⊙ h
/// ```
///
/// where ±k(a) clips a to [-k, k] and passes no gradient if it clips.
///
/// Shapes: x `[I]`, h `[H]`, W `[3H, I]`, U `[3H, H]`, the gates in the order of ``Gate``. There is one bias per
/// pre-activation, so that `bias_ih` has four parts with the reset gate after the product (reset, update, candidate of
/// the input, candidate of the hidden state), and three with it before.
///
/// Cost: 3 H (I + H) multiply-adds, 2 H σ and H tanh per sample and step; backward about twice that.
///
/// Source: Cho et al., *Learning Phrase Representations using RNN Encoder-Decoder*, 2014; the form with the reset after
/// the product is that of its first version.
public struct GRUCell: RecurrentCell {
  /// The gates in the order of their rows in weights.
  public enum Gate: Int, CaseIterable, Sendable {
    /// r, how much of the old state the candidate sees.
    case reset
    /// z, how much of the old state is kept.
    case update
    /// n, what replaces the rest.
    case candidate
  }

  /// The state of a GRU layer: its hidden state.
  public typealias State = ElmanCell.State

  /// The name `gru`.
  public static var name: String { "gru" }
  /// `gru`, or `gru-reset-before` with the reset gate before the product, and its options, as in
  /// `gru input-clip=3.0 candidate=relu`.
  public var kind: String { Self.name + (resetAfter ? "" : "-reset-before") + options.description }
  /// The number of hidden units.
  public let hiddenSize: Int
  /// Whether the reset gate is applied to `U h + b`, after the candidate's product; else to h, before it.
  ///
  /// After is faster: one product serves all gates.
  public let resetAfter: Bool
  /// Options beyond the plain equations.
  public let options: Options
  // Cached because `forward` runs at every time step.
  private let isPlain: Bool

  /// A cell of the given width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the number of hidden units.
  ///   - resetAfter: whether the reset gate is applied after the candidate's product, Keras's `reset_after`.
  ///   - options: options beyond the plain equations.
  /// - Precondition: `hiddenSize` and the clip among the options are positive.
  public init(hiddenSize: Int, resetAfter: Bool = true, options: Options = Options()) {
    require { () throws(ConfigurationError) in try Self.check(hiddenSize: hiddenSize) }
    require { () throws(ConfigurationError) in try options.check() }
    self.hiddenSize = hiddenSize
    self.resetAfter = resetAfter
    self.options = options
    isPlain = options.hasUsualGates
  }

  /// Reset and update gate read input and hidden state; the candidate's two sums are separate, or the second waits for
  /// the reset gate.
  public var gates: [GateSource] {
    resetAfter
      ? [.inputAndHidden, .inputAndHidden, .input, .hidden]
      : [.inputAndHidden, .inputAndHidden, .inputAndGated]
  }

  /// `reset`, `update` and `candidate`.
  public var gateNames: [String] { Gate.allCases.map { "\($0)" } }

  /// The update gate both keeps and writes.
  public var memoryGates: (keep: Int, write: Int?)? { (Gate.update.rawValue, nil) }

  /// 0, since gates and states are enough for backward; with options the pre-activations of r, z and n.
  public var tapeSize: Int { isPlain ? 0 : 3 * hiddenSize }
  /// Through z ⊙ h.
  public var hasDirectStatePath: Bool { true }

  /// Computes the new state; with the reset before the product, r ⊙ h comes first.
  public func forward(_ step: CellStep) {
    if !isPlain { return forwardWithOptions(step) }
    let at = step.offset
    switch (resetAfter, step.phase) {
    case (true, _):
      kernels.gruForward(step.block, step.gates + at, step.gateStride, step.previous + at, step.next + at)
    case (false, 0):
      kernels.gruGate(step.block, step.gates + at, step.gateStride, step.previous + at, step.gated + at)
    case (false, _):
      kernels.gruUpdate(step.block, step.gates + at, step.gateStride, step.previous + at, step.next + at)
    }
  }

  /// The chain rule through the equations above; the formulas are beside the kernels.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    if !isPlain { return backwardWithOptions(step, gradient) }
    let at = step.offset
    let isFresh: Int32 = gradient.isFresh ? 1 : 0
    switch (resetAfter, step.phase) {
    case (true, _):
      kernels.gruBackward(
        step.block, step.gates + at, step.gateStride, step.previous + at, gradient.hidden + at,
        gradient.previousHidden + at, isFresh)
    case (false, 1):
      kernels.gruUpdateBackward(
        step.block, step.gates + at, step.gateStride, step.previous + at, gradient.hidden + at,
        gradient.previousHidden + at, isFresh)
    case (false, _):
      kernels.gruGateBackward(
        step.block, step.gates + at, step.gateStride, step.previous + at, gradient.gated + at,
        gradient.previousHidden + at)
    }
  }
}
