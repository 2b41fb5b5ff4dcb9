import RecurrentKernels

extension GRUCell {
  /// What a GRU cell may have besides the plain equations: other functions, and a limit of what they are given.
  ///
  /// ```swift
  /// GRUCell(hiddenSize: 20, options: .init(preactivationClip: 3, gateActivation: .hardSigmoid()))
  /// ```
  ///
  /// Cost: a slower kernel than the plain one, by 5 to 12 % of a training step, which keeps 3 H floats more for each
  /// sample and step in training.
  ///
  /// Source: the ONNX operator specification, GRU, attributes `clip` and `activations`.
  public struct Options: Sendable, Hashable, GateOptions {
    /// The limit that the pre-activations of all gates are held within, that of the candidate with what the reset gate
    /// lets through: ONNX's `clip`; nil for none.
    public var preactivationClip: Float?
    /// The function of reset and update gate, φ: ONNX's f.
    public var gateActivation: Activation
    /// The function of the candidate, γ: ONNX's g.
    public var candidateActivation: Activation

    /// Options; what is not given is as in the plain cell.
    ///
    /// - Parameters:
    ///   - preactivationClip: the limit of the pre-activations; nil for none.
    ///   - gateActivation: φ, the function of reset and update gate.
    ///   - candidateActivation: γ, the function of the candidate.
    public init(
      preactivationClip: Float? = nil, gateActivation: Activation = .sigmoid, candidateActivation: Activation = .tanh
    ) {
      self.preactivationClip = preactivationClip
      self.gateActivation = gateActivation
      self.candidateActivation = candidateActivation
    }

    static let plain = Options()

    /// What is not as in the plain cell, in words with blanks before them, as in ` input-clip=3.0 candidate=relu`.
    var description: String { gateWords }

    func check() throws(ConfigurationError) {
      try GRUCell.check(limits: ("preactivationClip", preactivationClip))
    }
  }
}

/// The arithmetic of a cell with options, part by part as that of a plain one.
extension GRUCell {
  func forwardWithOptions(_ step: CellStep) {
    let at = step.offset
    let result = isFirstOfTwo(step) ? step.gated : step.next
    kernels.gruOptionsForward(
      step.block, kernelOptions(step), step.gates + at, step.gateStride, step.previous + at, result + at,
      step.saved + at)
  }

  func backwardWithOptions(_ step: CellStep, _ gradient: CellGradient) {
    let at = step.offset
    // What flows back through r ⊙ h is added to what the second phase, which came before, has left.
    let addsOnly = isFirstOfTwo(step)
    kernels.gruOptionsBackward(
      step.block, kernelOptions(step), step.gates + at, step.gateStride, step.previous + at, step.saved + at,
      (addsOnly ? gradient.gated : gradient.hidden) + at, gradient.previousHidden + at,
      gradient.isFresh && !addsOnly ? 1 : 0)
  }

  /// Whether the step is the phase in which gates and r ⊙ h are computed, and no more.
  private func isFirstOfTwo(_ step: CellStep) -> Bool { !resetAfter && step.phase == 0 }

  private func kernelOptions(_ step: CellStep) -> rk_gru {
    let part = resetAfter ? RK_GRU_WHOLE : step.phase == 0 ? RK_GRU_GATES : RK_GRU_UPDATE
    return rk_gru(
      part: Int32(part.rawValue), preactivationClip: options.preactivationClip ?? .infinity,
      gate: options.gateActivation.kernel,
      candidate: options.candidateActivation.kernel)
  }
}
