import RecurrentKernels

/// The same layer by the kernels for batches: one sample in the first of eight lanes, units as rows.
struct StreamBatchForm {
  static let lanes = 8
  let layer: StreamTests.Layer
  let set: InstructionSet
  private let gates: Grid
  private let h: Grid
  private let cell: Grid
  private let spare: Grid
  private let next: Grid

  init(_ layer: StreamTests.Layer, _ set: InstructionSet) {
    (self.layer, self.set) = (layer, set)
    let state = layer.state(turn: 0)
    let units = layer.shape.units
    gates = Grid(layer.cell.sums * units, Self.lanes)
    h = Grid(units, Self.lanes) { unit, _ in state[0, unit] }
    cell = Grid(units, Self.lanes) { unit, _ in state[2, unit] }
    spare = Grid(units, Self.lanes)
    next = Grid(units, Self.lanes)
  }

  /// h after a step, as one row.
  var hidden: Grid { Grid(1, layer.shape.units) { _, unit in h[unit, 0] } }

  /// Sums of some gates, from the rows of weights from `row` on: b + W x + U q, or one of the two alone.
  private func product(_ sums: Range<Int>, row: Int, readsInput: Bool = true, _ q: Grid?, step t: Int) {
    let units = layer.shape.units
    let token = layer.shape.readsTokens ? Int(layer.tokens[t]) : nil
    let x = Grid(layer.shape.columns, Self.lanes) { i, _ in
      guard let token else { return layer.inputs[t, i] }
      // Without an embedding, a token is a row of ones and zeros, which adds just its column.
      return layer.shape.features > 0 ? layer.embeddings[token, i] : token == i ? 1 : 0
    }
    var terms = rk_terms()
    if readsInput {
      let weights = layer.inputWeights
      rk_append(
        &terms,
        rk_term(
          a: weights.base + row * units * weights.row, aRow: weights.row, b: x.base, bRow: x.row, k: x.rows))
    }
    if let q {
      let weights = layer.hiddenWeights
      rk_append(
        &terms,
        rk_term(a: weights.base + row * units * weights.row, aRow: weights.row, b: q.base, bRow: q.row, k: units))
    }
    set.kernels.product(
      gates.base + sums.lowerBound * units * gates.row, gates.row,
      rk_rows(m: sums.count * units, parts: 1, stride: 0), Self.lanes, RK_FROM_BIAS,
      layer.bias.base + sums.lowerBound * units, &terms)
    withExtendedLifetime(x) {}
  }

  func step(_ t: Int) {
    let (kernels, block, units) = (set.kernels, rk_block(h), layer.shape.units)
    let gate = units * gates.row
    let (cells, sums) = (layer.cell, layer.cell.sums)
    if cells.isInTwoParts {
      product(0..<sums - 1, row: 0, h, step: t)
      if cells.kind == RK_STREAM_GRU_BEFORE {
        kernels.gruGate(block, gates.base, gate, h.base, spare.base)
      } else {
        kernels.mguGate(block, gates.base, h.base, spare.base)
      }
      product(sums - 1..<sums, row: sums - 1, spare, step: t)
    } else if cells.isApart {
      product(0..<sums - 2, row: 0, h, step: t)
      product(sums - 2..<sums - 1, row: sums - 2, nil, step: t)
      product(sums - 1..<sums, row: sums - 2, readsInput: false, h, step: t)
    } else {
      product(0..<sums, row: 0, h, step: t)
    }
    switch cells.kind {
    case RK_STREAM_LSTM:
      kernels.lstmForward(block, gates.base, gate, cell.base, cell.base, spare.base, next.base)
    case RK_STREAM_GRU: kernels.gruForward(block, gates.base, gate, h.base, next.base)
    case RK_STREAM_GRU_BEFORE: kernels.gruUpdate(block, gates.base, gate, h.base, next.base)
    case RK_STREAM_MGU: kernels.mguForward(block, gates.base, gate, h.base, next.base)
    case RK_STREAM_MGU_BEFORE: kernels.mguUpdate(block, gates.base, gate, h.base, next.base)
    case RK_STREAM_TANH: kernels.elmanForward(block, gates.base, next.base)
    default:
      kernels.activate(
        block, rk_activation(kind: Int32(RK_RELU.rawValue), alpha: 0, beta: 0), .infinity, gates.base, next.base)
    }
    h.base.update(from: next.base, count: units * h.row)
  }
}
