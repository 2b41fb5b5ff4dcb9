import RecurrentKernels

/// A layer of any cell: products with one row, then the cell's own arithmetic.
///
/// Legend: I input features, H hidden units, P features of the hidden state, N and M = H and P padded to whole vectors,
/// G gates, R = G N.
final class CellLayer<Cell: RecurrentCell>: StreamingLayer, @unchecked Sendable {
  /// Steps whose input products are computed together: the number of rows of a block of the product.
  private let stepsAtOnce = 8

  // In memory of their own: to read an array or an existential counts references.
  private let cell: UnsafeMutablePointer<Cell>
  private let products: UnsafeMutableBufferPointer<GateProduct>
  private let zoneouts: UnsafeMutableBufferPointer<ZoneoutPart>
  private let weights: AlignedFloats
  private let inputSize: Int
  private let hiddenSize: Int
  private let outputSize: Int
  private let phaseCount: Int
  private let isProjected: Bool
  private let normalizes: Bool
  /// N and R: the floats of a row of units, and of a row of all their pre-activations.
  private let width: Int
  private let row: Int
  /// M.
  private let outputWidth: Int
  /// Offsets among the weights: Wᵀ `[I, R]`, Uᵀ `[P, R]`, b `[R]`, the per-unit parameters and W_hrᵀ `[H, M]`.
  private let input: Int
  private let hidden: Int
  private let bias: Int
  private let unitParameters: Int
  private let projection: Int
  /// The floats of a state.
  private let stateSize: Int
  /// Offsets from the states, of which there are two that take turns: pre-activations, gated rows and the tape.
  private let gates: Int
  private let gated: Int
  private let tape: Int
  /// The offset in a state of the part that the cell sees: a state is its components, `[N]` each, the hidden state
  /// first; if that is projected, `[M]` before them.
  private let cellState: Int

  init(_ cell: Cell, _ plan: DirectionPlan, isResidual: Bool, parameters: [Float], memorySize: inout Int) {
    self.cell = .allocate(capacity: 1)
    self.cell.initialize(to: cell)
    width = padded(plan.hiddenSize)
    row = plan.gateRows / plan.hiddenSize * width
    outputWidth = padded(plan.outputSize)
    cellState = plan.isProjected ? outputWidth : 0
    stateSize = wholeLines(cellState + plan.stateCount * width)
    (inputSize, hiddenSize, outputSize) = (plan.inputSize, plan.hiddenSize, plan.outputSize)
    (phaseCount, isProjected, normalizes) = (plan.phaseCount, plan.isProjected, plan.normalizes)
    let width = width
    products = .copy(
      plan.segments.map {
        GateProduct(
          first: $0.firstGate * width, lanes: $0.gateCount * width, phase: $0.phase, readsInput: $0.inputRow != nil,
          readsHidden: $0.hiddenRow != nil, isGated: $0.isGated)
      })
    let (cellState, outputWidth) = (cellState, outputWidth)
    zoneouts = .copy(
      (0..<plan.stateCount).map {
        let rate = plan.regularization.zoneout(component: $0)
        return $0 == 0
          ? ZoneoutPart(rate: rate, first: 0, count: outputWidth)
          : ZoneoutPart(rate: rate, first: cellState + $0 * width, count: width)
      }.filter { $0.rate != 0 })
    var transposed = TransposedWeights(plan, parameters)
    input = transposed.addInput()
    hidden = transposed.addHidden()
    bias = transposed.addBias()
    unitParameters = transposed.addUnitParameters()
    projection = transposed.addProjection()
    weights = AlignedFloats(transposed.values)

    gates = 2 * stateSize
    gated = gates + stepsAtOnce * row
    tape = gated + (plan.phaseCount == 2 ? width : 0)
    super.init(plan, isResidual: isResidual, state: wholeLines(memorySize), outputRow: stateSize)
    memorySize = state + tape + plan.tapeSize / plan.hiddenSize * width
  }

  deinit {
    cell.deinitialize(count: 1)
    cell.deallocate()
    products.deallocate()
    zoneouts.deallocate()
  }

  override func offset(of component: Int, isOdd: Bool) -> Int {
    (isOdd ? stateSize : 0) + (component == 0 ? 0 : cellState + component * width)
  }

  override func run(_ x: rk_stream_input, steps: Int, turn: Int, memory: Floats, outputs: Floats?) {
    var previous = memory + turn * stateSize
    for first in stride(from: 0, to: steps, by: stepsAtOnce) {
      let count = min(stepsAtOnce, steps - first)
      if let features = x.features {
        addInputs(features + first * x.row, x.row, steps: count, memory: memory)
      } else if let tokens = x.tokens {
        pickInputs(tokens + first, steps: count, memory: memory)
      }
      for t in 0..<count {
        let next = outputs.map { $0 + (first + t) * stateSize } ?? memory + ((turn + first + t + 1) & 1) * stateSize
        step(z: memory + gates + t * row, previous: previous, next: next, memory: memory)
        previous = next
      }
    }
    if outputs != nil { (memory + ((turn + steps) & 1) * stateSize).update(from: previous, count: stateSize) }
  }

  /// z = W[:, token] + b for some steps.
  private func pickInputs(_ tokens: UnsafePointer<Int32>, steps: Int, memory: Floats) {
    for t in 0..<steps {
      for part in products where part.readsInput {
        (memory + gates + t * row + part.first).update(
          from: weights.base + input + Int(tokens[t]) * row + part.first, count: part.lanes)
      }
    }
  }

  /// z = b + W x for some steps: one block of rows, which reads the weights only once.
  private func addInputs(_ x: UnsafePointer<Float>, _ xRow: Int, steps: Int, memory: Floats) {
    for part in products where part.readsInput {
      product(
        memory + gates + part.first, row, rows: steps, lanes: part.lanes,
        from: normalizes ? RK_FROM_ZERO : RK_FROM_ROW, bias: weights.base + bias + part.first,
        rk_term(a: x, aRow: xRow, b: weights.base + input + part.first, bRow: row, k: inputSize))
    }
  }

  /// z += U h, or z = b + U h for gates that do not read the input; then the cell.
  private func step(z: Floats, previous: Floats, next: Floats, memory: Floats) {
    let weights = UnsafePointer(weights.base)
    for phase in 0..<phaseCount {
      for part in products where part.phase == phase && part.readsHidden {
        product(
          z + part.first, row, rows: 1, lanes: part.lanes,
          from: part.readsInput ? RK_FROM_C : RK_FROM_ROW, bias: weights + bias + part.first,
          rk_term(
            a: part.isGated ? memory + gated : previous, aRow: 0, b: weights + hidden + part.first, bRow: row,
            k: outputSize))
      }
      // To the cell, a row of units looks like one unit with many lanes.
      cell.pointee.forward(
        CellStep(
          units: 0..<1, phase: phase, lanes: width, samples: width, laneStride: width, hiddenSize: 1, gates: z,
          tape: memory + tape, gated: memory + gated,
          unitParameters: UnitParameters(
            base: weights + unitParameters, parameterStride: width, unitStride: 0, laneStride: 1),
          previous: previous + cellState, next: next + cellState))
    }
    if isProjected {
      product(
        next, outputWidth, rows: 1, lanes: outputWidth, from: RK_FROM_ZERO,
        rk_term(a: next + cellState, aRow: 0, b: weights + projection, bRow: outputWidth, k: hiddenSize))
    }
    for zoneout in zoneouts {
      kernels.mix(
        rk_block(rows: 1, n: zoneout.count, row: zoneout.count), zoneout.rate, previous + zoneout.first,
        next + zoneout.first)
    }
  }
}

// Not inside the class, which is generic: the types would then be made when they are first used.

/// A product of adjacent gates: z (+)= W x, and U h.
private struct GateProduct {
  /// The first of its columns in a row of pre-activations, and how many there are.
  let first: Int
  let lanes: Int
  let phase: Int
  let readsInput: Bool
  let readsHidden: Bool
  let isGated: Bool
}

/// A part of the state that keeps a fraction of its old value.
private struct ZoneoutPart {
  let rate: Float
  let first: Int
  let count: Int
}

extension UnsafeMutableBufferPointer {
  /// Memory of its own for some elements.
  fileprivate static func copy(_ elements: [Element]) -> Self {
    let copy = Self.allocate(capacity: elements.count)
    _ = copy.initialize(from: elements)
    return copy
  }
}
