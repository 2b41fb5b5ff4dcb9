import RecurrentKernels
import RecurrentSupport

/// A minimal gated unit: one gate both forgets the old state and resets it for the candidate.
///
/// As published:
///
/// ```
/// f = σ(W_f x + U_f h + b_f)             forget gate
/// n = tanh(W_n x + b_n + U_n (f ⊙ h))    candidate
/// h' = (1 - f) ⊙ h + f ⊙ n
/// ```
///
/// With the gate after the product, so that one product serves both gates:
///
/// ```
/// n = tanh(W_n x + b_n + f ⊙ (U_n h + b_hn))
/// ```
///
/// Shapes: x `[I]`, h `[H]`, W `[2H, I]`, U `[2H, H]`, the gates in the order of ``Gate``. There is one bias per
/// pre-activation, so that `bias_ih` has two parts, and three with the gate after the product (forget, candidate of the
/// input, candidate of the hidden state). A large f replaces the state, so initializers do not raise its bias.
///
/// Cost: 2 H (I + H) multiply-adds, H σ and H tanh per sample and step; backward about twice that.
///
/// Source: Zhou et al., *Minimal Gated Unit for Recurrent Neural Networks*, 2016, equations 6 and 7.
public struct MGUCell: RecurrentCell {
  /// The gates in the order of their rows in weights.
  public enum Gate: Int, CaseIterable, Sendable {
    /// f, how much of the old state is replaced, and how much of it the candidate sees.
    case forget
    /// n, what replaces it.
    case candidate
  }

  /// The state of an MGU layer: its hidden state.
  public typealias State = ElmanCell.State

  /// The name `mgu`.
  public static var name: String { "mgu" }
  /// `mgu`, and `mgu-reset-after` with the gate after the product.
  public var kind: String { resetAfter ? "\(Self.name)-reset-after" : Self.name }
  /// The number of hidden units.
  public let hiddenSize: Int
  /// Whether the gate is applied to `U h + b`, after the candidate's product; else to h, before it.
  public let resetAfter: Bool

  /// A cell of the given width.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the number of hidden units.
  ///   - resetAfter: whether the gate is applied after the candidate's product.
  /// - Precondition: `hiddenSize` is positive.
  public init(hiddenSize: Int, resetAfter: Bool = false) {
    require { () throws(ConfigurationError) in try Self.check(hiddenSize: hiddenSize) }
    self.hiddenSize = hiddenSize
    self.resetAfter = resetAfter
  }

  /// The gate reads input and hidden state; the candidate's two sums are separate, or the second waits for the gate.
  public var gates: [GateSource] {
    resetAfter
      ? [.inputAndHidden, .input, .hidden]
      : [.inputAndHidden, .inputAndGated]
  }

  /// `forget` and `candidate`.
  public var gateNames: [String] { Gate.allCases.map { "\($0)" } }

  /// Space for what the second phase of backward computes for the first.
  public var tapeSize: Int { resetAfter ? 0 : hiddenSize }
  /// Through (1 - f) ⊙ h.
  public var hasDirectStatePath: Bool { true }

  /// Computes the new state; with the gate before the product, f ⊙ h comes first.
  public func forward(_ step: CellStep) {
    let at = step.offset
    switch (resetAfter, step.phase) {
    case (true, _):
      kernels.mguForward(step.block, step.gates + at, step.gateStride, step.previous + at, step.next + at)
    case (false, 0):
      kernels.mguGate(step.block, step.gates + at, step.previous + at, step.gated + at)
    case (false, _):
      kernels.mguUpdate(step.block, step.gates + at, step.gateStride, step.previous + at, step.next + at)
    }
  }

  /// The chain rule through the equations above; the formulas are beside the kernels.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    let at = step.offset
    let isFresh: Int32 = gradient.isFresh ? 1 : 0
    switch (resetAfter, step.phase) {
    case (true, _):
      kernels.mguBackward(
        step.block, step.gates + at, step.gateStride, step.previous + at, gradient.hidden + at,
        gradient.previousHidden + at, isFresh)
    case (false, 1):
      kernels.mguUpdateBackward(
        step.block, step.gates + at, step.gateStride, step.previous + at, gradient.hidden + at, step.tape + at,
        gradient.previousHidden + at, isFresh)
    case (false, _):
      kernels.mguGateBackward(
        step.block, step.gates + at, step.previous + at, gradient.gated + at, step.tape + at,
        gradient.previousHidden + at)
    }
  }
}
