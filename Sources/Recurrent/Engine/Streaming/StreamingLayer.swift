import RecurrentKernels
import RecurrentSupport

/// A layer that reads one sequence, with its units as lanes.
///
/// A step of a small layer takes less than a tenth of a microsecond, so nothing on its way may allocate, lock or count
/// references: what a step needs is computed when the layer is made, and lies where a pointer leads to it.
///
/// Safe to share among threads since it never changes; what a stream changes is passed to the functions of its ``stage``.
class StreamingLayer: @unchecked Sendable {
  let plan: DirectionPlan
  /// Whether the layer's input is added to its output.
  let isResidual: Bool
  /// The offset of its state in the memory of a stream, in floats.
  let state: Int
  /// Floats from one of its outputs to the next.
  let outputRow: Int
  /// Floats that a step writes for the layer above: its output, and the sum with its input.
  var sizePerStep: Int { isResidual ? 2 * outputRow : outputRow }

  init(_ plan: DirectionPlan, isResidual: Bool, state: Int, outputRow: Int) {
    self.plan = plan
    self.isResidual = isResidual
    self.state = state
    self.outputRow = outputRow
  }

  /// The fastest form of a layer.
  static func make(
    _ plan: DirectionPlan, isResidual: Bool, parameters: [Float], embedding: InputPlan?, format: WeightFormat,
    memorySize: inout Int
  ) -> StreamingLayer {
    func cellLayer(_ cell: some RecurrentCell) -> StreamingLayer {
      CellLayer(cell, plan, isResidual: isResidual, parameters: parameters, memorySize: &memorySize)
    }
    let fused = FusedLayer(
      plan, isResidual: isResidual, parameters: parameters, embedding: embedding, format: format,
      memorySize: &memorySize)
    if let fused { return fused }
    require(format.precision == .float, "layers with other weights than floats are fused")
    return cellLayer(plan.cell)
  }

  /// The layer as a network's loop sees it, valid as long as the layer lives: a function that calls ``run``, unless the
  /// layer is a kernel.
  var stage: rk_stream_stage {
    rk_stream_stage(
      run: { layer, _, features, row, tokens, steps, turn, state, outputs in
        Unmanaged<StreamingLayer>.fromOpaque(UnsafeRawPointer(layer))._withUnsafeGuaranteedRef {
          $0.run(
            rk_stream_input(features: features, row: row, tokens: tokens), steps: steps, turn: turn, memory: state,
            outputs: outputs)
        }
      },
      layer: Unmanaged.passUnretained(self).toOpaque(), packed: nil, row: outputRow, state: state,
      hidden: (state + offset(of: 0, isOdd: false), state + offset(of: 0, isOdd: true)),
      residual: isResidual ? plan.outputSize : 0)
  }

  /// Runs some steps, as `rk_stream_kernel` says, for a layer that is not a kernel.
  func run(_ x: rk_stream_input, steps: Int, turn: Int, memory: Floats, outputs: Floats?) {
    preconditionFailure("the layer is a kernel")
  }

  /// The offset of a component of the state from ``state``, after an even or an odd number of steps.
  func offset(of component: Int, isOdd: Bool) -> Int { preconditionFailure("a layer is fused or runs a cell") }

  /// Sets the state to that of one sequence before its first step, see ``StackState``.
  final func setState(from values: [Float], memory: Floats) {
    for component in 0..<plan.stateCount {
      let first = plan.stateOffset + plan.offset(of: component)
      let to = memory + state + offset(of: component, isOdd: false)
      for i in 0..<plan.size(of: component) { to[i] = values[first + i] }
    }
  }

  /// Copies the state to that of one sequence.
  final func copyState(to values: inout [Float], isOdd: Bool, memory: Floats) {
    for component in 0..<plan.stateCount {
      let first = plan.stateOffset + plan.offset(of: component)
      let from = memory + state + offset(of: component, isOdd: isOdd)
      for i in 0..<plan.size(of: component) { values[first + i] = from[i] }
    }
  }
}
