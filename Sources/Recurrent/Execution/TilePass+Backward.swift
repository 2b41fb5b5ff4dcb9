import RecurrentKernels

extension TilePass {
  /// Runs a layer backward through time and writes its weight gradients into `gradient`.
  ///
  /// With dz(t) the gradient of the pre-activations of step t:
  ///
  /// ```
  /// dh(t-1) += Uᵀ dz(t)      dx(t) = Wᵀ dz(t)
  /// d[W U]  += dz(t) [x(t) h(t-1)]ᵀ      db += Σ over lanes of dz(t)
  /// ```
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
    var isFirst = true
    for t in (0..<layout.steps).reversed() {
      let count = running(t)
      if count == 0 { continue }
      let after = running(t + 1)
      let step = step(plan, place, at: t, units: units)
      let dh = hiddenGradient + (t + 1) * place.hiddenGradientSlot
      if after < count {
        if place.hiddenGradientSlot == 0 { clear(dh, rows: units, lanes: padded(after)..<step.lanes) }
        addFinalGradients(plan, place, to: dh, lanes: after..<count, units: units)
      }
      cell.backward(step, CellGradient(hidden: dh, state: stateGradient))
      if t > 0 && running(t - 1) > count { clearFinished(plan, place, step: step, from: count, units: units) }
      let scratch = base + layout.scratch + (t & 1) * layout.scratchSize
      transposeInputs(plan, x: input(of: index, at: t), h: step.previous, to: scratch, count: count)
      team.wait()

      if t > 0 || needsInitialGradient {
        let before = hiddenGradient + t * place.hiddenGradientSlot
        backpropagate(
          plan, step: step, to: before, rows: units,
          from: t == 0 || place.hiddenGradientSlot == 0 ? RK_FROM_ZERO : RK_FROM_C,
          matrix: transposed + plan.transposedHidden, width: plan.hiddenRows, ofInput: false)
      }
      if let dx = inputGradient(of: index, at: t) {
        backpropagate(
          plan, step: step, to: dx, rows: team.share(of: plan.inputSize), from: RK_FROM_ZERO,
          matrix: transposed + plan.transposedInput, width: plan.inputRows, ofInput: true)
      }
      accumulate(plan, step: step, scratch: scratch, count: count, gradient: gradient, isFirst: isFirst)
      isFirst = false
    }
    if isFirst { clearGradient(plan, gradient) }
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
    matrix: UnsafePointer<Float>, width: Int, ofInput: Bool
  ) {
    var start = start
    for segment in plan.segments {
      guard let column = ofInput ? segment.inputRow : segment.hiddenRow else { continue }
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
  private func transposeInputs(_ plan: LayerPlan, x: Floats, h: Floats, to scratch: Floats, count: Int) {
    transpose(plan, x, features: team.share(of: plan.inputSize), column: 0, to: scratch, count: count)
    transpose(plan, h, features: team.share(of: plan.hiddenSize), column: plan.hiddenColumn, to: scratch, count: count)
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
        let isRead =
          plan.segments.count == 1
          || (panel.column < plan.hiddenColumn ? segment.inputRow : segment.hiddenRow) != nil
        if !isRead { continue }
        product(
          gradient + plan.weightGradient + rows.lowerBound * plan.columns + panel.column, plan.columns,
          rows: rows.count, lanes: panel.width, from: start,
          rk_term(
            a: step.gates + rows.lowerBound * step.laneStride, aRow: step.laneStride,
            b: scratch + panel.column * layout.lanes, bRow: panel.width, k: count))
      }
    }
    let biases = gradient + plan.biasGradient + mine.lowerBound
    if isFirst { biases.update(repeating: 0, count: mine.count) }
    kernels.rowSums(step.gates + mine.lowerBound * step.laneStride, step.laneStride, biases, mine.count, count)
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
