import RecurrentKernels

/// The gradients of a direction's own parameters: transposed inputs, and the products and sums over them.
extension TilePass {
  /// Sets the sums that backward accumulates in each lane to zero.
  func clearSums(_ plan: DirectionPlan, _ regions: TileLayout.Direction, share: RowShare) {
    for component in 1..<max(plan.stateCount, 1) {
      clear(regions.stateGradient(base, row: (component - 1) * plan.hiddenSize), rows: share.units)
    }
    for index in 0..<plan.unitParameterCount {
      clear(regions.unitParameterGradient(base, row: index * plan.hiddenSize), rows: share.units)
    }
  }

  /// Sets the gradients of the columns that tokens select to zero.
  func clearTokenGradient(_ plan: DirectionPlan, _ gradient: Floats) {
    if !plan.readsTokens { return }
    let tokens = team.share(of: plan.inputSize)
    (gradient + plan.tokenGradient + tokens.lowerBound * plan.inputRows)
      .update(repeating: 0, count: tokens.count * plan.inputRows)
    team.wait()
  }

  /// Writes [x h]ᵀ of the running lanes into panels, each `[lanes, width]`.
  @inline(__always)
  func transposeInputs(_ plan: DirectionPlan, _ regions: TileLayout.Direction, _ step: BackwardStep) {
    let count = step.running
    let hidden = team.share(of: plan.outputSize)
    for source in plan.sources where source.size > 0 {
      transpose(
        plan.panels, rows(of: source, at: step.t), features: team.share(of: source.size), column: source.column,
        to: step.transposedInputs, count: count)
    }
    transpose(
      plan.panels, hiddenState(plan, regions, at: step.t), features: hidden, column: plan.hiddenColumn,
      to: step.transposedInputs, count: count)
    if plan.phaseCount == 2 {
      // The panels of h once more, after the others.
      transpose(
        plan.panels, step.cell.gated, features: hidden, column: plan.hiddenColumn,
        to: step.transposedInputs + (plan.columns - plan.hiddenColumn) * lanes, count: count)
    }
  }

  @inline(__always)
  private func transpose(
    _ panels: [DirectionPlan.Panel], _ from: Floats, features: Range<Int>, column: Int, to scratch: Floats, count: Int
  ) {
    for panel in panels {
      let first = max(features.lowerBound + column, panel.column)
      let end = min(features.upperBound + column, panel.column + panel.width)
      if first >= end { continue }
      kernels.transpose(
        from + (first - column) * lanes, lanes,
        scratch + panel.column * lanes + laneRange.lowerBound * panel.width + (first - panel.column), panel.width,
        end - first, count)
    }
  }

  /// Keeps the operands of the projection's gradient until the step's gradient is added: h̃ᵀ of the running lanes in
  /// panels after those of [x h]ᵀ, followed by dh, whose own memory the step before may need.
  func keepProjected(_ plan: DirectionPlan, _ step: BackwardStep, share: RowShare) {
    let panels = step.transposedInputs + plan.columns * lanes
    transpose(
      plan.projectionPanels, step.cell.next, features: share.units, column: 0, to: panels, count: step.running)
    let first = share.outputs.lowerBound * lanes
    kernels.scale(
      block(rows: share.outputs.count, running: step.running), 1, step.dh + first,
      panels + plan.projectionColumns * lanes + laneRange.lowerBound + first, 0)
  }

  /// Adds some steps' parts of the gradients of weights and biases, over the running lanes only.
  ///
  /// Several steps at a time if the gradient does not fit the nearer caches, which saves memory traffic. The order of
  /// summation is the same.
  ///
  /// - Parameter indices: the steps, as indices of the backward order.
  func accumulate(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, indices: Range<Int>, gradient: Floats, isFirst: Bool
  ) {
    let mine = team.share(of: plan.gateRows)
    let start = isFirst ? RK_FROM_ZERO : RK_FROM_C
    /// gradient += Σ over steps of a(t) · panel(t)
    func add(
      _ panel: DirectionPlan.Panel, column: Int, rows: Int, to gradient: Floats, row: Int,
      _ a: (_ index: Int) -> Floats
    ) {
      var terms = rk_terms()
      for index in indices {
        terms.append(
          rk_term(
            a: a(index), aRow: lanes, b: transposedInputs(index) + column * lanes, bRow: panel.width,
            k: running(step(plan, index))))
      }
      kernels.product(gradient + panel.column, row, rk_rows(rows), panel.width, start, nil, &terms)
    }
    for segment in plan.segments {
      let rows = mine.clamped(
        to: segment.firstGate * plan.hiddenSize..<(segment.firstGate + segment.gateCount) * plan.hiddenSize)
      if rows.isEmpty { continue }
      for panel in plan.panels {
        if panel.operand == .input && segment.inputRow == nil { continue }
        if panel.operand == .hidden && segment.hiddenRow == nil { continue }
        let isGated = panel.operand == .hidden && segment.isGated
        let column = panel.column + (isGated ? plan.columns - plan.hiddenColumn : 0)
        add(
          panel, column: column, rows: rows.count,
          to: gradient + plan.weightGradient + rows.lowerBound * plan.columns, row: plan.columns
        ) { regions.gates(base, slot: step(plan, $0), row: rows.lowerBound) }
      }
    }
    if !plan.normalizes { accumulateBiases(plan, regions, indices: indices, gradient: gradient, isFirst: isFirst) }
    if plan.readsTokens { addTokenGradients(plan, regions, indices: indices, gradient: gradient) }
    if !plan.isProjected { return }
    let rows = team.share(of: plan.outputSize)
    for panel in plan.projectionPanels {
      add(
        panel, column: plan.columns + panel.column, rows: rows.count,
        to: gradient + plan.projectionGradient + rows.lowerBound * plan.projectionColumns,
        row: plan.projectionColumns
      ) { transposedInputs($0) + (plan.columns + plan.projectionColumns + rows.lowerBound) * lanes }
    }
  }

  /// The transposed inputs of the step at an index of the backward order, those of the tile's first lane first.
  ///
  /// There are twice as many slots as steps that are accumulated together: while one thread still reads, others may
  /// already write the next.
  @inline(__always)
  func transposedInputs(_ index: Int) -> Floats {
    layout.transposedInputs(tile.base, slot: index % (2 * layout.stepsPerSum))
  }

  /// Adds some steps' parts of the bias gradients.
  private func accumulateBiases(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, indices: Range<Int>, gradient: Floats, isFirst: Bool
  ) {
    let mine = team.share(of: plan.gateRows)
    let biases = gradient + plan.biasGradient + mine.lowerBound
    if isFirst { biases.update(repeating: 0, count: mine.count) }
    for index in indices {
      let t = step(plan, index)
      kernels.rowSums(regions.gates(base, slot: t, row: mine.lowerBound), lanes, biases, mine.count, running(t))
    }
  }

  /// Adds dz of some steps to the gradients of the columns that tokens selected: dW[:, token] += dz.
  private func addTokenGradients(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, indices: Range<Int>, gradient: Floats
  ) {
    for t in indices.lazy.map({ step(plan, $0) }) {
      for segment in plan.segments {
        guard let row = segment.inputRow else { continue }
        let mine = team.share(of: segment.gateCount * plan.hiddenSize)
        kernels.scatterAddRows(
          regions.gates(base, slot: t, row: segment.firstGate * plan.hiddenSize + mine.lowerBound), lanes,
          padded(running(t)), tokens(at: t), running(t), mine.count,
          gradient + plan.tokenGradient + row + mine.lowerBound, plan.inputRows)
      }
    }
  }

  /// Sums the gradients of the cell's per-unit parameters over the lanes.
  func sumUnitParameterGradients(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, gradient: Floats
  ) {
    let units = team.share(of: plan.hiddenSize)
    for index in 0..<plan.unitParameterCount {
      let first = index * plan.hiddenSize + units.lowerBound
      let sums = gradient + plan.unitParameterGradient + first
      sums.update(repeating: 0, count: units.count)
      kernels.rowSums(regions.unitParameterGradient(base, row: first), lanes, sums, units.count, sampleCount)
    }
  }

  /// Sets the gradients of a direction that ran no step to zero.
  func clearGradient(_ plan: DirectionPlan, _ gradient: Floats) {
    if !team.isFirst { return }
    (gradient + plan.weightGradient).update(repeating: 0, count: plan.gateRows * plan.columns)
    if !plan.normalizes { (gradient + plan.biasGradient).update(repeating: 0, count: plan.gateRows) }
    (gradient + plan.projectionGradient).update(repeating: 0, count: plan.outputSize * plan.projectionColumns)
  }
}
