import RecurrentKernels

/// Layer normalization inside the cell; see ``LSTMCell/Options/hasLayerNorm`` for the equations.
extension LSTMCell: NormalizingCell {
  var normalizes: Bool { options.hasLayerNorm }

  private var normCount: Int { gateOrder.count + 1 }
  private var keptBlocks: Int { Int(RK_NORM_GATES.rawValue) + gateOrder.count }

  /// The blocks of units and the rows of norms that forward keeps.
  var normTapeSize: Int { keptBlocks * hiddenSize + Int(RK_NORM_ROWS.rawValue) * normCount }

  /// The blocks and rows that one pass over the units leaves for the next.
  var scratchSize: Int { Int(RK_NORM_BLOCKS.rawValue) * hiddenSize + 2 * normCount }

  /// The gains of the gates, and gain and shift of the cell state; the biases are the gates' shifts.
  var normNames: [String] {
    if !options.hasLayerNorm { return [] }
    return (options.couplesInputAndForgetGates ? [] : ["norm_i"]) + ["norm_f", "norm_g", "norm_o", "norm_c", "shift_c"]
  }

  func forwardNormalized(_ step: CellStep) {
    kernels.lstmNormForward(
      step.block, kernelNorm(step), step.gates, step.gateStride, step.previous + step.gateStride,
      step.next + step.gateStride, step.tape, statistics(step), step.next)
  }

  func backwardNormalized(_ step: CellStep, _ gradient: CellGradient) {
    kernels.lstmNormBackward(
      step.block, kernelNorm(step), step.gates, step.gateStride, step.previous + step.gateStride, step.tape,
      statistics(step), gradient.hidden, gradient.state, gradient.scratch, gradient.unitParameters, step.samples)
  }

  /// The rows of all norms, after the blocks of units.
  private func statistics(_ step: CellStep) -> UnsafeMutablePointer<Float> {
    step.tape + keptBlocks * step.gateStride
  }

  private func kernelNorm(_ step: CellStep) -> rk_norm_lstm {
    rk_norm_lstm(
      couplesInputAndForgetGates: options.couplesInputAndForgetGates ? 1 : 0,
      hasPeepholes: options.hasPeepholes ? 1 : 0, units: hiddenSize,
      cellClip: options.cellClip ?? .infinity, epsilon: options.normEpsilon,
      vectors: step.unitParameters.kernel(step.units))
  }
}
