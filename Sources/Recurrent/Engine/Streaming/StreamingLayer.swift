import RecurrentKernels

/// A layer whose units are lanes.
///
/// Legend: I input features, H hidden units, P features of the hidden state, N and M = H and P padded to whole vectors,
/// G gates, R = G N.
struct StreamingLayer: Sendable {
  /// Steps whose input products are computed together: the number of rows of a block of the product.
  private static let stepsAtOnce = 8

  let plan: DirectionPlan
  /// Whether the layer's input is added to its output.
  let isResidual: Bool
  private let hasZoneout: Bool
  /// M, N and R: the floats of an output, of a row of units, and of a row of all their pre-activations.
  let outputWidth: Int
  private let width: Int
  private let row: Int
  /// Offsets among the weights: Wᵀ `[I, R]`, Uᵀ `[P, R]`, b `[R]`, the per-unit parameters and W_hrᵀ `[H, M]`.
  private let input: Int
  private let hidden: Int
  private let bias: Int
  private let unitParameters: Int
  private let projection: Int
  /// Offsets in a stream's memory: the state between runs, pre-activations, gated rows and the tape.
  private let state: Int
  private let gates: Int
  private let gated: Int
  private let tape: Int

  /// Floats of a state: its components, `[N]` each, the hidden state first; if that is projected, `[M]` before them.
  let stateSize: Int
  /// The offset in a state of the part that the cell sees.
  private let cellState: Int
  /// Floats that a step leaves for the layer above: the state, and the output if it differs from the hidden state.
  var sizePerStep: Int { stateSize + (isResidual ? outputWidth : 0) }

  init(_ plan: DirectionPlan, isResidual: Bool, parameters: [Float], weights: inout [Float], memorySize: inout Int) {
    self.plan = plan
    self.isResidual = isResidual
    hasZoneout = plan.regularization.hasZoneout
    width = padded(plan.hiddenSize)
    outputWidth = padded(plan.outputSize)
    cellState = plan.isProjected ? outputWidth : 0
    stateSize = cellState + plan.stateCount * width
    row = plan.gateRows / plan.hiddenSize * width
    let (width, outputWidth, row) = (width, outputWidth, row)
    func transposed(_ first: Int, columns: Int, _ weightRow: (DirectionPlan.Segment) -> Int?) -> [Float] {
      var result = [Float](repeating: 0, count: columns * row)
      for segment in plan.segments {
        guard let start = weightRow(segment) else { continue }
        for gate in 0..<segment.gateCount {
          for unit in 0..<plan.hiddenSize {
            let from = first + (start + gate * plan.hiddenSize + unit) * columns
            let to = (segment.firstGate + gate) * width + unit
            for column in 0..<columns { result[column * row + to] = parameters[from + column] }
          }
        }
      }
      return result
    }
    input = weights.count
    weights += transposed(plan.inputWeights, columns: plan.inputSize) { $0.inputRow }
    if plan.readsTokens && !plan.normalizes { Self.addBiases(plan, parameters, to: &weights, from: input, row: row) }
    hidden = weights.count
    weights += transposed(plan.hiddenWeights, columns: plan.outputSize) { $0.hiddenRow }
    bias = weights.count
    // A normalizing cell has them among its per-unit parameters.
    if !plan.normalizes { weights += transposed(plan.bias, columns: 1) { $0.firstGate * plan.hiddenSize } }
    unitParameters = weights.count
    for index in 0..<plan.unitParameterCount {
      let first = plan.unitParameters + index * plan.hiddenSize
      weights += parameters[first..<first + plan.hiddenSize]
      weights += Array(repeating: 0, count: width - plan.hiddenSize)
    }
    projection = weights.count
    if plan.isProjected {
      for unit in 0..<plan.hiddenSize {
        for i in 0..<outputWidth {
          weights.append(i < plan.outputSize ? parameters[plan.projection + i * plan.hiddenSize + unit] : 0)
        }
      }
    }
    // The next layer's weights are aligned to a cache line too.
    weights += Array(repeating: 0, count: wholeLines(weights.count) - weights.count)

    // Pre-activations first, aligned to a cache line, since they are the largest part.
    gates = wholeLines(memorySize)
    state = gates + Self.stepsAtOnce * row
    gated = state + stateSize
    tape = gated + (plan.phaseCount == 2 ? width : 0)
    memorySize = wholeLines(tape + plan.tapeSize / plan.hiddenSize * width)
  }

  /// Adds biases to the columns that tokens select, as the batch form does in its tables.
  private static func addBiases(
    _ plan: DirectionPlan, _ parameters: [Float], to weights: inout [Float], from first: Int, row: Int
  ) {
    let width = padded(plan.hiddenSize)
    for segment in plan.segments where segment.inputRow != nil {
      for gate in segment.firstGate..<segment.firstGate + segment.gateCount {
        for unit in 0..<plan.hiddenSize {
          let bias = parameters[plan.bias + gate * plan.hiddenSize + unit]
          for token in 0..<plan.inputSize { weights[first + token * row + gate * width + unit] += bias }
        }
      }
    }
  }

  /// The input of a layer at some steps.
  enum Input {
    /// Rows of features, `stride` floats apart.
    case rows(UnsafePointer<Float>, stride: Int)
    /// Tokens that select columns of the weights.
    case tokens(UnsafePointer<Int32>)
  }

  /// Runs the layer over some steps and leaves the state after each in `states`, `[steps, stateSize]`.
  func run(_ x: Input, steps: Int, weights: UnsafePointer<Float>, memory: Floats, states: Floats) {
    run(plan.cell, x, steps: steps, weights: weights, memory: memory, states: states)
  }

  /// Specialized for these cells, which avoids dynamic dispatch at each step.
  @_specialize(where Cell == LSTMCell)
  @_specialize(where Cell == GRUCell)
  @_specialize(where Cell == ElmanCell)
  private func run<Cell: RecurrentCell>(
    _ cell: Cell, _ x: Input, steps: Int, weights: UnsafePointer<Float>, memory: Floats, states: Floats
  ) {
    var previous = memory + state
    for first in stride(from: 0, to: steps, by: Self.stepsAtOnce) {
      let count = min(Self.stepsAtOnce, steps - first)
      switch x {
      case .rows(let x, let stride):
        addInputs(x + first * stride, stride, steps: count, weights: weights, memory: memory)
      case .tokens(let tokens): pickInputs(tokens + first, steps: count, weights: weights, memory: memory)
      }
      for t in 0..<count {
        let next = states + (first + t) * stateSize
        step(cell, z: memory + gates + t * row, previous: previous, next: next, weights: weights, memory: memory)
        previous = next
      }
    }
    (memory + state).update(from: previous, count: stateSize)
  }

  /// z = W[:, token] + b for some steps.
  private func pickInputs(
    _ tokens: UnsafePointer<Int32>, steps: Int, weights: UnsafePointer<Float>, memory: Floats
  ) {
    for t in 0..<steps {
      for segment in plan.segments where segment.inputRow != nil {
        let first = segment.firstGate * width
        (memory + gates + t * row + first).update(
          from: weights + input + Int(tokens[t]) * row + first, count: segment.gateCount * width)
      }
    }
  }

  /// Sets the state to that of one sequence, see ``StackState``.
  func setState(from state: [Float], memory: Floats) {
    for component in 0..<plan.stateCount {
      let first = plan.stateOffset + plan.offset(of: component)
      for i in 0..<plan.size(of: component) { memory[offset(of: component) + i] = state[first + i] }
    }
  }

  /// Copies the state to that of one sequence.
  func copyState(to state: inout [Float], memory: Floats) {
    for component in 0..<plan.stateCount {
      let first = plan.stateOffset + plan.offset(of: component)
      for i in 0..<plan.size(of: component) { state[first + i] = memory[offset(of: component) + i] }
    }
  }

  private func offset(of component: Int) -> Int { state + (component == 0 ? 0 : cellState + component * width) }

  /// y = h + x for some steps, `[steps, M]`.
  func addInputs(_ x: UnsafePointer<Float>, _ xRow: Int, states: Floats, steps: Int, to y: Floats) {
    let row = rk_block(rows: 1, n: plan.outputSize, row: outputWidth)
    for t in 0..<steps {
      kernels.scale(row, 1, states + t * stateSize, y + t * outputWidth, 0)
      kernels.scale(row, 1, x + t * xRow, y + t * outputWidth, 1)
    }
  }

  /// z = b + W x for some steps: one block of rows, which reads the weights only once.
  @inline(__always)
  private func addInputs(
    _ x: UnsafePointer<Float>, _ xRow: Int, steps: Int, weights: UnsafePointer<Float>, memory: Floats
  ) {
    for segment in plan.segments where segment.inputRow != nil {
      let first = segment.firstGate * width
      product(
        memory + gates + first, row, rows: steps, lanes: segment.gateCount * width,
        from: plan.normalizes ? RK_FROM_ZERO : RK_FROM_ROW, bias: weights + bias + first,
        rk_term(a: x, aRow: xRow, b: weights + input + first, bRow: row, k: plan.inputSize))
    }
  }

  /// z += U h, or z = b + U h for gates that do not read the input; then the cell.
  @inline(__always)
  private func step<Cell: RecurrentCell>(
    _ cell: Cell, z: Floats, previous: Floats, next: Floats, weights: UnsafePointer<Float>, memory: Floats
  ) {
    for phase in 0..<plan.phaseCount {
      for segment in plan.segments where segment.phase == phase && segment.hiddenRow != nil {
        let first = segment.firstGate * width
        product(
          z + first, row, rows: 1, lanes: segment.gateCount * width,
          from: segment.inputRow == nil ? RK_FROM_ROW : RK_FROM_C, bias: weights + bias + first,
          rk_term(
            a: segment.isGated ? memory + gated : previous, aRow: 0, b: weights + hidden + first, bRow: row,
            k: plan.outputSize))
      }
      // To the cell, a row of units looks like one unit with many lanes.
      cell.forward(
        CellStep(
          units: 0..<1, phase: phase, lanes: width, samples: width, laneStride: width, hiddenSize: 1, gates: z,
          tape: memory + tape, gated: memory + gated,
          unitParameters: UnitParameters(
            base: weights + unitParameters, parameterStride: width, unitStride: 0, laneStride: 1),
          previous: previous + cellState, next: next + cellState))
    }
    if plan.isProjected {
      product(
        next, outputWidth, rows: 1, lanes: outputWidth, from: RK_FROM_ZERO,
        rk_term(a: next + cellState, aRow: 0, b: weights + projection, bRow: outputWidth, k: plan.hiddenSize))
    }
    if !hasZoneout { return }
    for component in 0..<plan.stateCount {
      let rate = plan.regularization.zoneout(component: component)
      if rate == 0 { continue }
      let (first, count) = component == 0 ? (0, outputWidth) : (cellState + component * width, width)
      kernels.mix(rk_block(rows: 1, n: count, row: count), rate, previous + first, next + first)
    }
  }
}
