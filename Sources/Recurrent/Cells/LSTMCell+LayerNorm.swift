import RecurrentKernels

/// Layer normalisation inside the cell; the equations stand beside ``LSTMCell/Options/hasLayerNorm``.
extension LSTMCell: NormalizingCell {
  var normalizes: Bool { options.hasLayerNorm }

  /// A gradient for each gate unit.
  var scratchSize: Int { gateOrder.count * hiddenSize }

  /// The gains of the gates, gain and shift of the cell state; those of the gates are shifted by the biases.
  var normNames: [String] {
    if !options.hasLayerNorm { return [] }
    return (options.isCoupled ? [] : ["norm_i"]) + ["norm_f", "norm_g", "norm_o", "norm_c", "shift_c"]
  }

  func forwardNormalized(_ step: CellStep) {
    kernels.lstmNormForward(
      step.block, kernelNorm(step), step.gates, step.gateStride, step.previous + step.gateStride,
      step.next + step.gateStride, step.saved, step.next)
  }

  func backwardNormalized(_ step: CellStep, _ gradient: CellGradient) {
    kernels.lstmNormBackward(
      step.runningBlock, kernelNorm(step), step.gates, step.gateStride, step.previous + step.gateStride, step.saved,
      gradient.hidden, gradient.state, gradient.vectors, gradient.scratch)
  }

  private func kernelNorm(_ step: CellStep) -> rk_norm_lstm {
    rk_norm_lstm(
      isCoupled: options.isCoupled ? 1 : 0, hasPeepholes: options.hasPeepholes ? 1 : 0, units: hiddenSize,
      cellClip: options.cellClip ?? .infinity, epsilon: options.normEpsilon, vectors: step.vectors.kernel(step.units))
  }
}
