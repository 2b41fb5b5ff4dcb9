import RecurrentKernels

/// The dense layer on the outputs, its own outputs as lanes.
///
/// An output is the chain of multiply-adds of the batch form: a dot product, which adds eight sums, would be shorter but
/// have other bits.
///
/// It refers to memory that the network owns, so that a copy counts no reference.
struct StreamingHead {
  let outputSize: Int
  /// Floats of a row of outputs.
  let width: Int
  private let inputSize: Int
  /// c `[width]`, then Vᵀ `[inputs, width]`.
  private let weights: UnsafePointer<Float>

  /// A head, and its weights, which have to live as long.
  static func make(_ plan: HeadPlan, parameters: [Float]) -> (head: StreamingHead, weights: AlignedFloats) {
    let width = padded(plan.outputSize)
    let weights = AlignedFloats(count: (plan.inputSize + 1) * width)
    for k in 0..<plan.outputSize {
      weights.base[k] = parameters[plan.bias + k]
      for i in 0..<plan.inputSize {
        weights.base[(i + 1) * width + k] = parameters[plan.weights + k * plan.inputSize + i]
      }
    }
    let head = StreamingHead(
      outputSize: plan.outputSize, width: width, inputSize: plan.inputSize, weights: UnsafePointer(weights.base))
    return (head, weights)
  }

  /// y = V h + c for some steps, `[steps, width]`.
  func run(_ h: StreamingLayer.Rows, steps: Int, outputs: Floats) {
    if steps == 1 && width == Int(RK_LANE_MULTIPLE) {
      kernels.streamHead(weights, inputSize, h.base, outputs)
    } else {
      product(
        outputs, width, rows: steps, lanes: width, from: RK_FROM_ROW, bias: weights,
        rk_term(a: h.base, aRow: h.stride, b: weights + width, bRow: width, k: inputSize))
    }
  }
}
