import RecurrentKernels

extension GRUCell {
  /// Options beyond the plain GRU equations: other activation functions, and clipping of the pre-activations.
  ///
  /// ```swift
  /// GRUCell(hiddenSize: 20, options: .init(preactivationClip: 3, gateActivation: .hardSigmoid()))
  /// ```
  ///
  /// Cost: a kernel that is slower than the plain one by 5 to 12 % of a training step, and 3 H more floats per sample
  /// and step in training.
  ///
  /// Source: the ONNX operator specification, GRU, attributes `clip` and `activations`.
  public struct Options: Sendable, Hashable, GateOptions {
    /// Clips the pre-activations of all gates to [-x, x], the candidate's after the reset gate is applied: ONNX's
    /// `clip`; nil for none.
    public var preactivationClip: Float?
    /// The function of reset and update gate, φ: ONNX's f.
    public var gateActivation: Activation
    /// The function of the candidate, γ: ONNX's g.
    public var candidateActivation: Activation

    /// Options; by default those of the plain cell.
    ///
    /// - Parameters:
    ///   - preactivationClip: the clip of the pre-activations; nil for none.
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

    /// The options that differ from the plain cell, a space before each, as in ` input-clip=3.0 candidate=relu`.
    var description: String { gateWords }

    func check() throws(ConfigurationError) {
      try GRUCell.check(limits: ("preactivationClip", preactivationClip))
    }
  }
}

/// The arithmetic of a cell with options, with the same phases as the plain cell.
extension GRUCell {
  func forwardWithOptions(_ step: CellStep) {
    let at = step.offset
    let result = isFirstOfTwo(step) ? step.gated : step.next
    kernels.gruOptionsForward(
      step.block, kernelOptions(step), step.gates + at, step.gateStride, step.previous + at, result + at,
      step.tape + at)
  }

  func backwardWithOptions(_ step: CellStep, _ gradient: CellGradient) {
    let at = step.offset
    // The gradient through r ⊙ h is added to that of the second phase, which ran before.
    let addsOnly = isFirstOfTwo(step)
    kernels.gruOptionsBackward(
      step.block, kernelOptions(step), step.gates + at, step.gateStride, step.previous + at, step.tape + at,
      (addsOnly ? gradient.gated : gradient.hidden) + at, gradient.previousHidden + at,
      gradient.isFresh && !addsOnly ? 1 : 0)
  }

  /// Whether the step is the first of two phases, which computes the gates and r ⊙ h only.
  private func isFirstOfTwo(_ step: CellStep) -> Bool { !resetAfter && step.phase == 0 }

  private func kernelOptions(_ step: CellStep) -> rk_gru {
    let part = resetAfter ? RK_GRU_WHOLE : step.phase == 0 ? RK_GRU_GATES : RK_GRU_UPDATE
    return rk_gru(
      part: Int32(part.rawValue), preactivationClip: options.preactivationClip ?? .infinity,
      gate: options.gateActivation.kernel,
      candidate: options.candidateActivation.kernel)
  }
}
