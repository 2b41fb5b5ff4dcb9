import RecurrentKernels

extension TilePass {
  /// What a gradient is carried back to.
  private enum Operand {
    case input, hidden, gated
  }

  /// Runs a layer backward through time and writes its weight gradients into `gradient`.
  ///
  /// With dz(t) the gradient of the pre-activations of step t:
  ///
  /// ```
  /// dh(t-1) += Uᵀ dz(t)      dx(t) = Wᵀ dz(t)
  /// d[W U]  += dz(t) [x(t) h(t-1)]ᵀ      db += Σ over lanes of dz(t)
  /// ```
  ///
  /// A cell with gated gates goes through its phases in reverse: dz of the gated gates, then dq = Uᵀ dz, then the rest.
  ///
  /// - Parameters:
  ///   - transposed: Wᵀ and Uᵀ of all layers.
  ///   - gradient: where this tile's weight gradients go, overwritten.
  ///   - needsInitialGradient: whether the gradient of the state before the first step is wanted.
  func backward(
    layer index: Int, transposed: UnsafePointer<Float>, gradient: Floats, needsInitialGradient: Bool = false
  ) {
    let plan = network.layers[index]
    let place = layout.layers[index]
    let cell = plan.cell
    let units = team.share(of: plan.hiddenSize)
    let lanes = layout.lanes
    let stateGradient = base + place.stateGradient
    let hiddenGradient = base + place.hiddenGradient
    for component in 1..<max(plan.stateCount, 1) {
      let first = ((component - 1) * plan.hiddenSize + units.lowerBound) * lanes
      (stateGradient + first).update(repeating: 0, count: units.count * lanes)
    }
    for vector in 0..<plan.vectorCount {
      let first = place.vectorGradient + (vector * plan.hiddenSize + units.lowerBound) * lanes
      (base + first).update(repeating: 0, count: units.count * lanes)
    }
    var isFirst = true
    for t in (0..<layout.steps).reversed() {
      let count = running(t)
      if count == 0 { continue }
      let after = running(t + 1)
      let step = step(plan, place, at: t, phase: 0, units: units)
      let dh = hiddenGradient + (t + 1) * place.hiddenGradientSlot
      if after < count {
        if place.hiddenGradientSlot == 0 { clear(dh, rows: units, lanes: padded(after)..<step.lanes) }
        addFinalGradients(plan, place, to: dh, lanes: after..<count, units: units)
      }
      let before = hiddenGradient + t * place.hiddenGradientSlot
      let isFresh = t == 0 || place.hiddenGradientSlot == 0
      let cellGradient = CellGradient(
        hidden: dh, state: stateGradient, previousHidden: before, isFresh: isFresh,
        gated: base + place.gatedGradient, vectors: base + place.vectorGradient)
      if plan.phaseCount == 2 {
        cell.backward(self.step(plan, place, at: t, phase: 1, units: units), cellGradient)
        team.wait()
        backpropagate(
          plan, step: step, to: cellGradient.gated, rows: units, from: RK_FROM_ZERO,
          matrix: transposed + plan.transposedHidden, width: plan.hiddenRows, operand: .gated)
      }
      cell.backward(step, cellGradient)
      if t > 0 && running(t - 1) > count { clearFinished(plan, place, step: step, from: count, units: units) }
      let scratch = base + layout.scratch + (t & 1) * layout.scratchSize
      transposeInputs(plan, x: input(of: index, at: t), step: step, to: scratch)
      team.wait()

      if t > 0 || needsInitialGradient {
        backpropagate(
          plan, step: step, to: before, rows: units,
          from: isFresh && !plan.carriesHidden ? RK_FROM_ZERO : RK_FROM_C,
          matrix: transposed + plan.transposedHidden, width: plan.hiddenRows, operand: .hidden)
      }
      if let dx = inputGradient(of: index, at: t) {
        backpropagate(
          plan, step: step, to: dx, rows: team.share(of: plan.inputSize), from: RK_FROM_ZERO,
          matrix: transposed + plan.transposedInput, width: plan.inputRows, operand: .input)
      }
      accumulate(plan, step: step, scratch: scratch, count: count, gradient: gradient, isFirst: isFirst)
      isFirst = false
    }
    if isFirst { clearGradient(plan, gradient) }
    sumVectorGradients(plan, place, gradient: gradient, units: units)
    team.wait()
  }

  /// Where the gradient of what a layer reads at step t goes, or nil where nobody asks for it.
  @inline(__always)
  private func inputGradient(of layer: Int, at t: Int) -> Floats? {
    if layer > 0 {
      let below = layout.layers[layer - 1]
      return base + below.hiddenGradient + (t + 1) * below.hiddenGradientSlot
    }
    return layout.hasInputGradient ? base + layout.inputGradient + t * network.inputSize * layout.lanes : nil
  }

  /// to[rows] = start + matrix[rows] · dz, matrix being Wᵀ or Uᵀ with one column per pre-activation that reads the
  /// operand.
  @inline(__always)
  private func backpropagate(
    _ plan: LayerPlan, step: CellStep, to: Floats, rows: Range<Int>, from start: rk_start,
    matrix: UnsafePointer<Float>, width: Int, operand: Operand
  ) {
    var start = start
    for segment in plan.segments {
      let isRead = operand == .input || segment.isGated == (operand == .gated)
      guard isRead, let column = operand == .input ? segment.inputRow : segment.hiddenRow else { continue }
      product(
        to + rows.lowerBound * step.laneStride, step.laneStride, rows: rows.count, lanes: step.lanes, from: start,
        rk_term(
          a: matrix + rows.lowerBound * width + column, aRow: width,
          b: step.gates + segment.firstGate * plan.hiddenSize * step.laneStride, bRow: step.laneStride,
          k: segment.gateCount * plan.hiddenSize))
      start = RK_FROM_C
    }
  }

  /// Adds what the final states' gradients say to the lanes that end at this step.
  private func addFinalGradients(
    _ plan: LayerPlan, _ place: TileLayout.Layer, to dh: Floats, lanes: Range<Int>, units: Range<Int>
  ) {
    let final = base + place.finalGradient
    let state = base + place.stateGradient
    for component in 0..<plan.stateCount {
      for unit in units {
        let from = final + (component * plan.hiddenSize + unit) * layout.lanes
        let to = (component == 0 ? dh : state + (component - 1) * plan.hiddenSize * layout.lanes) + unit * layout.lanes
        for lane in lanes { to[lane] += from[lane] }
      }
    }
  }

  /// Clears what the arithmetic left in lanes between the last one running and the end of its vector: they begin
  /// their own way back at an earlier step, with nothing from here.
  private func clearFinished(
    _ plan: LayerPlan, _ place: TileLayout.Layer, step: CellStep, from count: Int, units: Range<Int>
  ) {
    if count == step.lanes { return }
    let finished = count..<step.lanes
    for gate in 0..<plan.gateRows / plan.hiddenSize {
      clear(step.gates + gate * step.gateStride, rows: units, lanes: finished)
    }
    for component in 1..<max(plan.stateCount, 1) {
      clear(base + place.stateGradient + (component - 1) * step.gateStride, rows: units, lanes: finished)
    }
  }

  private func clear(_ rows: Floats, rows range: Range<Int>, lanes: Range<Int>) {
    for row in range { (rows + row * layout.lanes + lanes.lowerBound).update(repeating: 0, count: lanes.count) }
  }

  /// Writes [x h]ᵀ of the running lanes into panels, each `[lanes, width]`.
  @inline(__always)
  private func transposeInputs(_ plan: LayerPlan, x: Floats, step: CellStep, to scratch: Floats) {
    let count = step.samples
    let hidden = team.share(of: plan.hiddenSize)
    transpose(plan, x, features: team.share(of: plan.inputSize), column: 0, to: scratch, count: count)
    transpose(plan, step.previous, features: hidden, column: plan.hiddenColumn, to: scratch, count: count)
    if plan.phaseCount == 2 {
      // The panels of h once more, behind the others.
      transpose(
        plan, step.gated, features: hidden, column: plan.hiddenColumn,
        to: scratch + (plan.columns - plan.hiddenColumn) * layout.lanes, count: count)
    }
  }

  @inline(__always)
  private func transpose(
    _ plan: LayerPlan, _ from: Floats, features: Range<Int>, column: Int, to scratch: Floats, count: Int
  ) {
    for panel in plan.panels {
      let first = max(features.lowerBound + column, panel.column)
      let end = min(features.upperBound + column, panel.column + panel.width)
      if first >= end { continue }
      kernels.transpose(
        from + (first - column) * layout.lanes, layout.lanes,
        scratch + panel.column * layout.lanes + (first - panel.column), panel.width, end - first, count)
    }
  }

  /// Adds one step's part to the gradients of weights and biases, over the running lanes alone.
  @inline(__always)
  private func accumulate(
    _ plan: LayerPlan, step: CellStep, scratch: Floats, count: Int, gradient: Floats, isFirst: Bool
  ) {
    let mine = team.share(of: plan.gateRows)
    let start = isFirst ? RK_FROM_ZERO : RK_FROM_C
    for segment in plan.segments {
      let rows = mine.clamped(
        to: segment.firstGate * plan.hiddenSize..<(segment.firstGate + segment.gateCount) * plan.hiddenSize)
      if rows.isEmpty { continue }
      for panel in plan.panels {
        if panel.operand == .input && segment.inputRow == nil { continue }
        if panel.operand == .hidden && segment.hiddenRow == nil { continue }
        let isGated = panel.operand == .hidden && segment.isGated
        let column = panel.column + (isGated ? plan.columns - plan.hiddenColumn : 0)
        product(
          gradient + plan.weightGradient + rows.lowerBound * plan.columns + panel.column, plan.columns,
          rows: rows.count, lanes: panel.width, from: start,
          rk_term(
            a: step.gates + rows.lowerBound * step.laneStride, aRow: step.laneStride,
            b: scratch + column * layout.lanes, bRow: panel.width, k: count))
      }
    }
    let biases = gradient + plan.biasGradient + mine.lowerBound
    if isFirst { biases.update(repeating: 0, count: mine.count) }
    kernels.rowSums(step.gates + mine.lowerBound * step.laneStride, step.laneStride, biases, mine.count, count)
  }

  /// Adds up the lanes of the gradients of the cell's own parameters.
  private func sumVectorGradients(_ plan: LayerPlan, _ place: TileLayout.Layer, gradient: Floats, units: Range<Int>) {
    for vector in 0..<plan.vectorCount {
      let first = vector * plan.hiddenSize + units.lowerBound
      let sums = gradient + plan.vectorGradient + first
      sums.update(repeating: 0, count: units.count)
      kernels.rowSums(
        base + place.vectorGradient + first * layout.lanes, layout.lanes, sums, units.count, tile.sampleCount)
    }
  }

  private func clearGradient(_ plan: LayerPlan, _ gradient: Floats) {
    guard team.member == 0 else { return }
    (gradient + plan.weightGradient).update(repeating: 0, count: plan.gateRows * plan.columns)
    (gradient + plan.biasGradient).update(repeating: 0, count: plan.gateRows)
  }

  /// Turns logits into losses and their gradient, and carries that through the head to the top layer's final state.
  ///
  /// ```
  /// dlogits = (softmax(logits) - one-hot) / batch
  /// dV = dlogits hᵀ    dc = Σ over lanes of dlogits    dh = Vᵀ dlogits
  /// ```
  func backwardHead(transposed: UnsafePointer<Float>, gradient: Floats, batchSize: Int) {
    guard let head = network.head, let top = layout.layers.last else { return }
    if team.member == 0 {
      let lanes = layout.lanes
      let count = tile.sampleCount
      let logits = base + layout.logits
      kernels.softmaxCrossEntropy(
        logits, lanes, head.classCount, count, tile.labels, 1 / Float(batchSize), base + layout.losses, tile.correct)
      kernels.transpose(base + top.final, lanes, base + layout.features, head.columns, head.inputSize, count)
      product(
        gradient + head.weightGradient, head.columns, rows: head.classCount, lanes: head.columns, from: RK_FROM_ZERO,
        rk_term(a: logits, aRow: lanes, b: base + layout.features, bRow: head.columns, k: count))
      let biases = gradient + head.biasGradient
      biases.update(repeating: 0, count: head.classCount)
      kernels.rowSums(logits, lanes, biases, head.classCount, count)
      product(
        base + top.finalGradient, lanes, rows: head.inputSize, lanes: padded(count), from: RK_FROM_ZERO,
        rk_term(
          a: transposed + head.transposed, aRow: head.classCount, b: logits, bRow: lanes, k: head.classCount))
    }
    team.wait()
  }
}
