import RecurrentKernels

/// The dense layer on the outputs, its own outputs as lanes.
///
/// An output is the chain of multiply-adds of the batch form: a dot product, which adds eight sums, would be shorter but
/// have other bits.
struct StreamingHead: Sendable {
  let outputSize: Int
  /// Floats of a row of outputs.
  let width: Int
  private let inputSize: Int
  /// c `[width]`, then Vᵀ `[inputs, width]`.
  private let weights: AlignedFloats

  init(_ plan: HeadPlan, parameters: [Float]) {
    (inputSize, outputSize) = (plan.inputSize, plan.outputSize)
    width = padded(outputSize)
    var weights = [Float](repeating: 0, count: (inputSize + 1) * width)
    for k in 0..<outputSize {
      weights[k] = parameters[plan.bias + k]
      for i in 0..<inputSize { weights[(i + 1) * width + k] = parameters[plan.weights + k * inputSize + i] }
    }
    self.weights = AlignedFloats(weights)
  }

  /// y = V h + c for some steps, `[steps, width]`.
  func run(_ h: StreamingLayer.Rows, steps: Int, outputs: Floats) {
    if steps == 1 && width == Int(RK_LANE_MULTIPLE) {
      kernels.streamHead(weights.base, inputSize, h.base, outputs)
    } else {
      product(
        outputs, width, rows: steps, lanes: width, from: RK_FROM_ROW, bias: weights.base,
        rk_term(a: h.base, aRow: h.stride, b: weights.base + width, bRow: width, k: inputSize))
    }
  }
}
