import RecurrentKernels

/// A layer of a plain cell, all of whose arithmetic is one call of a kernel, see `rk_streaming.h`.
final class FusedLayer: StreamingLayer, @unchecked Sendable {
  private let layer: UnsafeMutablePointer<rk_stream_layer>
  private let weights: AlignedFloats

  /// A layer, or nil if it has an option that the kernel does not have.
  ///
  /// - Parameter embedding: tokens whose embeddings are the layer's input; nil if it reads what the network passes on.
  init?(
    _ plan: DirectionPlan, isResidual: Bool, parameters: [Float], embedding: InputPlan?, format: WeightFormat,
    memorySize: inout Int
  ) {
    guard let cell = plan.streamCell else { return nil }
    let unit = Int(RK_STREAM_ROW)
    let row = (plan.hiddenSize + unit - 1) / unit * unit
    layer = .allocate(capacity: 1)
    layer.initialize(
      to: rk_stream_layer(
        cell: Int32(cell.rawValue), readsTokens: plan.readsTokens || embedding != nil ? 1 : 0,
        inputs: embedding?.size ?? plan.inputSize, features: embedding == nil ? 0 : plan.inputSize, embeddings: nil,
        units: plan.hiddenSize, row: row, precision: Int32(format.precision.kernelValue.rawValue),
        readsStates: format.readsStates ? 1 : 0, pack: nil, run: nil, parts: (rk_stream_part(), rk_stream_part())))
    weights = AlignedFloats(count: kernels.streamPlan(layer))
    super.init(plan, isResidual: isResidual, state: wholeLines(memorySize), outputRow: row)
    memorySize = state + Int(RK_STREAM_ROWS.rawValue) * row
    if format.precision == .int8 { memorySize += rk_stream_bytes(row) + rk_stream_bytes(plan.inputSize) }
    parameters.withPointer { parameters in
      layer.pointee.embeddings = embedding.map { parameters + $0.table }
      layer.pointee.pack?(
        layer, parameters + plan.inputWeights, parameters + plan.hiddenWeights, parameters + plan.bias, weights.base)
      layer.pointee.embeddings = nil
    }
  }

  deinit { layer.deallocate() }

  override var stage: rk_stream_stage {
    var stage = super.stage
    (stage.run, stage.layer, stage.packed) = (layer.pointee.run, UnsafeRawPointer(layer), UnsafePointer(weights.base))
    return stage
  }

  override func offset(of component: Int, isOdd: Bool) -> Int {
    let part = component > 0 ? Int(RK_STREAM_CELL.rawValue) : isOdd ? 1 : 0
    return part * outputRow
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

extension InputPlan {
  /// The most tokens for which a layer computes b + W x in advance, which takes a row of all gates for each.
  private static let mostTokens = 256

  /// Whether a layer is packed with b + W x of each token's embedding.
  ///
  /// It then reads neither the embedding nor W: a fifth of the weights that a step of a usual model of characters reads.
  /// A residual layer adds the embedding to its output.
  func isComputedInAdvance(isResidual: Bool, _ plan: DirectionPlan) -> Bool {
    guard case .embedded(let tokens, _) = form else { return false }
    return tokens <= Self.mostTokens && !isResidual && plan.streamCell != nil
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
