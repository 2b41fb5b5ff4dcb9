import RecurrentKernels
import RecurrentSupport

/// A layer that reads one sequence, with its units as lanes.
///
/// A step of a small layer takes less than a tenth of a microsecond, so nothing on its way may allocate, lock or count
/// references: what a step needs is computed when the layer is made, and lies where a pointer leads to it.
///
/// Safe to share among threads since it never changes; what a stream changes is passed to `run`.
class StreamingLayer: @unchecked Sendable {
  /// The input of a layer at some steps.
  enum Input {
    /// Rows of features, `stride` floats apart.
    case rows(UnsafePointer<Float>, stride: Int)
    /// Tokens that select columns of the weights.
    case tokens(UnsafePointer<Int32>)
  }

  /// The outputs of a layer at some steps, `stride` floats apart.
  struct Rows {
    let base: UnsafePointer<Float>
    let stride: Int
  }

  let plan: DirectionPlan
  /// Whether the layer's input is added to its output.
  let isResidual: Bool
  /// Floats of a row of outputs.
  let outputWidth: Int
  /// Floats of the rows that a step leaves for the layer above, without the sum of a residual layer.
  let rowSize: Int
  /// Floats that a step writes.
  var sizePerStep: Int { rowSize + (isResidual ? outputWidth : 0) }

  init(_ plan: DirectionPlan, isResidual: Bool, outputWidth: Int, rowSize: Int) {
    self.plan = plan
    self.isResidual = isResidual
    self.outputWidth = outputWidth
    self.rowSize = rowSize
  }

  /// The fastest form of a layer.
  static func make(
    _ plan: DirectionPlan, isResidual: Bool, parameters: [Float], format: WeightFormat, memorySize: inout Int
  ) -> StreamingLayer {
    func cellLayer(_ cell: some RecurrentCell) -> StreamingLayer {
      CellLayer(cell, plan, isResidual: isResidual, parameters: parameters, memorySize: &memorySize)
    }
    let fused = FusedLayer(
      plan, isResidual: isResidual, parameters: parameters, format: format, memorySize: &memorySize)
    if let fused { return fused }
    require(format.precision == .float, "layers with other weights than floats are fused")
    return cellLayer(plan.cell)
  }

  /// Runs some steps.
  ///
  /// - Parameters:
  ///   - x: the inputs of the steps.
  ///   - steps: how many there are, at least 1.
  ///   - isOdd: whether an odd number of steps came before.
  ///   - everyStep: whether outputs of all steps are needed, rather than those of the last alone.
  ///   - memory: the memory of the stream.
  ///   - buffer: space for the outputs of the steps.
  /// - Returns: the outputs after every step, or after the last; valid until the next call.
  func run(_ x: Input, steps: Int, isOdd: Bool, everyStep: Bool, memory: Floats, buffer: Floats) -> Rows {
    preconditionFailure("a layer is fused or runs a cell")
  }

  /// The offset of a component of the state before a step in a stream's memory.
  func offset(of component: Int, isOdd: Bool) -> Int { preconditionFailure("a layer is fused or runs a cell") }

  /// y = h + x for some steps, `[steps, M]`.
  func addInputs(_ x: UnsafePointer<Float>, _ xRow: Int, states: Rows, steps: Int, to y: Floats) {
    let row = rk_block(rows: 1, n: plan.outputSize, row: outputWidth)
    for t in 0..<steps {
      kernels.scale(row, 1, states.base + t * states.stride, y + t * outputWidth, 0)
      kernels.scale(row, 1, x + t * xRow, y + t * outputWidth, 1)
    }
  }

  /// Sets the state to that of one sequence before its first step, see ``StackState``.
  final func setState(from state: [Float], memory: Floats) {
    for component in 0..<plan.stateCount {
      let (first, to) = (plan.stateOffset + plan.offset(of: component), offset(of: component, isOdd: false))
      for i in 0..<plan.size(of: component) { memory[to + i] = state[first + i] }
    }
  }

  /// Copies the state to that of one sequence.
  final func copyState(to state: inout [Float], isOdd: Bool, memory: Floats) {
    for component in 0..<plan.stateCount {
      let (first, from) = (plan.stateOffset + plan.offset(of: component), offset(of: component, isOdd: isOdd))
      for i in 0..<plan.size(of: component) { state[first + i] = memory[from + i] }
    }
  }
}
