import RecurrentKernels

/// The gradients of a layer's own parameters: transposed inputs, and the products and sums over them.
extension TilePass {
  /// Writes [x h]ᵀ of the running lanes into panels, each `[lanes, width]`.
  @inline(__always)
  func transposeInputs(
    _ plan: LayerPlan, _ place: TileLayout.Layer, at t: Int, step: CellStep, to scratch: Floats
  ) {
    let count = step.samples
    let hidden = team.share(of: plan.outputSize)
    for source in plan.sources {
      transpose(
        plan.panels, rows(of: source, at: t), features: team.share(of: source.size), column: source.column,
        to: scratch, count: count)
    }
    transpose(
      plan.panels, hiddenState(plan, place, at: t), features: hidden, column: plan.hiddenColumn, to: scratch,
      count: count)
    if plan.phaseCount == 2 {
      // The panels of h once more, behind the others.
      transpose(
        plan.panels, step.gated, features: hidden, column: plan.hiddenColumn,
        to: scratch + (plan.columns - plan.hiddenColumn) * layout.lanes, count: count)
    }
  }

  @inline(__always)
  private func transpose(
    _ panels: [LayerPlan.Panel], _ from: Floats, features: Range<Int>, column: Int, to scratch: Floats, count: Int
  ) {
    for panel in panels {
      let first = max(features.lowerBound + column, panel.column)
      let end = min(features.upperBound + column, panel.column + panel.width)
      if first >= end { continue }
      kernels.transpose(
        from + (first - column) * layout.lanes, layout.lanes,
        scratch + panel.column * layout.lanes + (first - panel.column), panel.width, end - first, count)
    }
  }

  /// Writes what the gradient of a projection is made of, until that of the step is added: h̃ᵀ of the running lanes into
  /// panels behind those of [x h]ᵀ, and behind these dh, whose own place the step before may need.
  func keepProjected(
    _ plan: LayerPlan, _ place: TileLayout.Layer, dh: Floats, step: CellStep, share: LayerShare, to scratch: Floats
  ) {
    let panels = scratch + plan.columns * layout.lanes
    transpose(plan.projectionPanels, step.next, features: share.units, column: 0, to: panels, count: step.samples)
    let first = share.outputs.lowerBound * layout.lanes
    kernels.scale(
      block(rows: share.outputs.count, running: step.samples), 1, dh + first,
      panels + plan.projectionColumns * layout.lanes + first, 0)
  }

  /// Adds the parts of some steps to the gradients of weights, over the running lanes alone.
  ///
  /// Several steps at a time where the gradient outgrows the nearer caches: it then comes and goes that much less often.
  /// The sums are the same, step after step.
  ///
  /// - Parameter numbers: the steps, in the order in which backward came to them.
  func accumulate(
    _ plan: LayerPlan, _ place: TileLayout.Layer, numbers: Range<Int>, gradient: Floats, isFirst: Bool
  ) {
    let mine = team.share(of: plan.gateRows)
    let start = isFirst ? RK_FROM_ZERO : RK_FROM_C
    withUnsafeTemporaryAllocation(of: rk_term.self, capacity: numbers.count) { terms in
      guard let terms = terms.baseAddress else { return }
      /// gradient += Σ over steps of a(t) · panel(t)
      func add(
        _ panel: LayerPlan.Panel, column: Int, rows: Int, to gradient: Floats, row: Int, _ a: (_ number: Int) -> Floats
      ) {
        for (index, number) in numbers.enumerated() {
          terms[index] = rk_term(
            a: a(number), aRow: layout.lanes, b: scratch(number) + column * layout.lanes, bRow: panel.width,
            k: running(step(plan, number)))
        }
        kernels.product(gradient + panel.column, row, rows, panel.width, start, nil, terms, numbers.count)
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
          ) { base + place.gates + step(plan, $0) * place.gateSlot + rows.lowerBound * layout.lanes }
        }
      }
      if !plan.isProjected { return }
      let rows = team.share(of: plan.outputSize)
      for panel in plan.projectionPanels {
        add(
          panel, column: plan.columns + panel.column, rows: rows.count,
          to: gradient + plan.projectionGradient + rows.lowerBound * plan.projectionColumns,
          row: plan.projectionColumns
        ) { scratch($0) + (plan.columns + plan.projectionColumns + rows.lowerBound) * layout.lanes }
      }
    }
  }

  /// The step that backward comes to as the n-th.
  @inline(__always)
  func step(_ plan: LayerPlan, _ number: Int) -> Int { plan.isReverse ? number : layout.steps - 1 - number }

  /// Where the transposed inputs of backward's n-th step lie.
  ///
  /// There are twice as many places as steps that are accumulated together: while one thread still reads them, others
  /// may already write the next.
  @inline(__always)
  func scratch(_ number: Int) -> Floats {
    base + layout.scratch + number % (2 * layout.stepsPerSum) * layout.scratchSize
  }

  /// Adds one step's part to the gradients of biases.
  @inline(__always)
  func accumulateBiases(_ plan: LayerPlan, step: CellStep, gradient: Floats, isFirst: Bool) {
    let mine = team.share(of: plan.gateRows)
    let biases = gradient + plan.biasGradient + mine.lowerBound
    if isFirst { biases.update(repeating: 0, count: mine.count) }
    kernels.rowSums(step.gates + mine.lowerBound * step.laneStride, step.laneStride, biases, mine.count, step.samples)
  }

  /// Adds up the lanes of the gradients of the cell's own parameters.
  func sumVectorGradients(_ plan: LayerPlan, _ place: TileLayout.Layer, gradient: Floats, units: Range<Int>) {
    for vector in 0..<plan.vectorCount {
      let first = vector * plan.hiddenSize + units.lowerBound
      let sums = gradient + plan.vectorGradient + first
      sums.update(repeating: 0, count: units.count)
      kernels.rowSums(
        base + place.vectorGradient + first * layout.lanes, layout.lanes, sums, units.count, tile.sampleCount)
    }
  }

  func clearGradient(_ plan: LayerPlan, _ gradient: Floats) {
    guard team.member == 0 else { return }
    (gradient + plan.weightGradient).update(repeating: 0, count: plan.gateRows * plan.columns)
    if !plan.normalizes { (gradient + plan.biasGradient).update(repeating: 0, count: plan.gateRows) }
    (gradient + plan.projectionGradient).update(repeating: 0, count: plan.outputSize * plan.projectionColumns)
  }
}
