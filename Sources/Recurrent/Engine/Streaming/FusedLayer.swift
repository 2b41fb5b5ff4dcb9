import RecurrentKernels

/// A layer of a plain cell, all of whose arithmetic is one call of a kernel, see `rk_streaming.h`.
final class FusedLayer: StreamingLayer, @unchecked Sendable {
  private let layer: UnsafeMutablePointer<rk_stream_layer>
  private let kernel: rk_stream_kernel
  private let weights: AlignedFloats
  /// The offset of its rows in a stream's memory.
  private let state: Int

  /// A layer, or nil if it has an option that the kernel does not have.
  init?(
    _ plan: DirectionPlan, isResidual: Bool, parameters: [Float], format: WeightFormat, memorySize: inout Int
  ) {
    guard let cell = plan.streamCell else { return nil }
    let unit = Int(RK_STREAM_ROW)
    let row = (plan.hiddenSize + unit - 1) / unit * unit
    layer = .allocate(capacity: 1)
    layer.initialize(
      to: rk_stream_layer(
        cell: Int32(cell.rawValue), readsTokens: plan.readsTokens ? 1 : 0, inputs: plan.inputSize,
        units: plan.hiddenSize, row: row, precision: Int32(format.precision.kernelValue.rawValue),
        readsStates: format.readsStates ? 1 : 0, pack: nil, run: nil, parts: (rk_stream_part(), rk_stream_part())))
    weights = AlignedFloats(count: kernels.streamPlan(layer))
    guard let pack = layer.pointee.pack, let run = layer.pointee.run else {
      preconditionFailure("a planned layer has kernels")
    }
    kernel = run
    state = wholeLines(memorySize)
    memorySize = state + Int(RK_STREAM_ROWS.rawValue) * row
    if format.precision == .int8 { memorySize += rk_stream_bytes(row) + rk_stream_bytes(plan.inputSize) }
    super.init(plan, isResidual: isResidual, outputWidth: row, rowSize: row)
    parameters.withPointer {
      pack(
        layer, $0 + plan.inputWeights, $0 + plan.hiddenWeights, $0 + plan.bias, weights.base)
    }
  }

  deinit { layer.deallocate() }

  override func run(
    _ x: Input, steps: Int, isOdd: Bool, everyStep: Bool, memory: Floats, buffer: Floats
  ) -> Rows {
    let outputs = everyStep && steps > 1 ? buffer : nil
    switch x {
    case .rows(let x, let stride):
      kernel(layer, weights.base, x, stride, nil, steps, isOdd ? 1 : 0, memory + state, outputs)
    case .tokens(let tokens):
      kernel(layer, weights.base, nil, 0, tokens, steps, isOdd ? 1 : 0, memory + state, outputs)
    }
    let endsOdd = isOdd != (steps & 1 == 1)
    return Rows(base: outputs ?? memory + offset(of: 0, isOdd: endsOdd), stride: rowSize)
  }

  override func offset(of component: Int, isOdd: Bool) -> Int {
    let row = component > 0 ? Int(RK_STREAM_CELL.rawValue) : isOdd ? 1 : 0
    return state + row * rowSize
  }
}

/// How the weights of a layer are packed.
struct WeightFormat {
  var precision = WeightPrecision.float
  /// Whether the layer reads states of the one below, which lie within ±1.
  var readsStates = false
}

extension WeightPrecision {
  var kernelValue: rk_stream_precision {
    switch self {
    case .float: RK_STREAM_FLOAT
    case .bf16: RK_STREAM_BF16
    case .int8: RK_STREAM_INT8
    }
  }
}

extension DirectionPlan {
  /// The cell of the kernels for one sequence; nil if they lack the cell or one of its options.
  var streamCell: rk_stream_cell? {
    if regularization.hasZoneout || isProjected { return nil }
    return switch cell {
    case let cell as LSTMCell where cell.options == .plain: RK_STREAM_LSTM
    case let cell as GRUCell where cell.options == .plain: cell.resetAfter ? RK_STREAM_GRU : RK_STREAM_GRU_BEFORE
    case let cell as MGUCell: cell.resetAfter ? RK_STREAM_MGU : RK_STREAM_MGU_BEFORE
    case let cell as ElmanCell where cell.preactivationClip == nil && cell.activation == .tanh: RK_STREAM_TANH
    case let cell as ElmanCell where cell.preactivationClip == nil && cell.activation == .relu: RK_STREAM_RELU
    default: nil
    }
  }
}
