import RecurrentKernels

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
/// Cost: 4 H (I + H) multiply-adds, 3 H σ and 2 H tanh per sample and step; backward about twice that.
///
/// Source: Hochreiter and Schmidhuber, *Long Short-Term Memory*, Neural Computation 9, 1997; the forget gate from Gers,
/// Schmidhuber and Cummins, *Learning to Forget*, 2000.
public struct LSTMCell: RecurrentCell {
  /// The gates in the order of their rows in weights and biases: the single statement of that order.
  public enum Gate: Int, CaseIterable, Sendable {
    case input, forget, candidate, output
  }

  /// The state of an LSTM layer.
  public struct State: RecurrentState {
    /// Always 2.
    public static var componentCount: Int { 2 }
    /// The hidden state, then the cell state.
    public let components: [Tensor]
    /// The cell state, `[batch, hidden]`.
    public var cell: Tensor { components[1] }

    /// A state from hidden and cell state, both `[batch, hidden]`.
    public init(hidden: Tensor, cell: Tensor) { self.init(components: [hidden, cell]) }

    /// A state from its two components.
    public init(components: [Tensor]) {
      precondition(components.count == 2, "an LSTM state has two components; found \(components.count)")
      precondition(components[0].shape == components[1].shape, "hidden and cell state have one shape")
      self.components = components
    }
  }

  /// The name `lstm`.
  public static var name: String { "lstm" }
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

  /// Four gates, all of input and hidden state.
  public var gates: [GateSource] { Gate.allCases.map { _ in .inputAndHidden } }
  /// The row of the forget gate.
  public var forgetGate: Int? { Gate.forget.rawValue }
  /// The forget gate keeps, the input gate writes.
  public var memoryGates: (keep: Int, write: Int?)? { (Gate.forget.rawValue, Gate.input.rawValue) }
  /// tanh(c'), for each unit.
  public var savedSize: Int { hiddenSize }

  /// Computes c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c').
  public func forward(_ step: CellStep) {
    let at = step.offset
    kernels.lstmForward(
      step.block, step.gates + at, step.gateStride, step.previous + step.gateStride + at,
      step.next + step.gateStride + at, step.saved + at, step.next + at)
  }

  /// The chain rule through the equations above; the formulas stand beside the kernel.
  public func backward(_ step: CellStep, _ gradient: CellGradient) {
    let at = step.offset
    kernels.lstmBackward(
      step.block, step.gates + at, step.gateStride, step.previous + step.gateStride + at, step.saved + at,
      gradient.hidden + at, gradient.state + at)
  }
}
