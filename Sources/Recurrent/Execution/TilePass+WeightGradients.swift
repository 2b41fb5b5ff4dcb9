import RecurrentKernels

/// The gradients of a layer's own parameters: transposed inputs, and the products and sums over them.
extension TilePass {
  /// Writes [x h]ᵀ of the running lanes into panels, each `[lanes, width]`.
  @inline(__always)
  func transposeInputs(
    _ plan: LayerPlan, _ place: TileLayout.Layer, at t: Int, step: CellStep, to scratch: Floats
  ) {
    let count = step.samples
    let hidden = team.share(of: plan.hiddenSize)
    for source in plan.sources {
      transpose(
        plan, rows(of: source, at: t), features: team.share(of: source.size), column: source.column, to: scratch,
        count: count)
    }
    transpose(
      plan, hiddenState(plan, place, at: t), features: hidden, column: plan.hiddenColumn, to: scratch, count: count)
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
      for segment in plan.segments {
        let rows = mine.clamped(
          to: segment.firstGate * plan.hiddenSize..<(segment.firstGate + segment.gateCount) * plan.hiddenSize)
        if rows.isEmpty { continue }
        for panel in plan.panels {
          if panel.operand == .input && segment.inputRow == nil { continue }
          if panel.operand == .hidden && segment.hiddenRow == nil { continue }
          let isGated = panel.operand == .hidden && segment.isGated
          let column = panel.column + (isGated ? plan.columns - plan.hiddenColumn : 0)
          for (index, number) in numbers.enumerated() {
            let t = step(plan, number)
            let gates = base + place.gates + t * place.gateSlot
            terms[index] = rk_term(
              a: gates + rows.lowerBound * layout.lanes, aRow: layout.lanes,
              b: scratch(number) + column * layout.lanes, bRow: panel.width, k: running(t))
          }
          kernels.product(
            gradient + plan.weightGradient + rows.lowerBound * plan.columns + panel.column, plan.columns, rows.count,
            panel.width, start, nil, terms, numbers.count)
        }
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
    (gradient + plan.biasGradient).update(repeating: 0, count: plan.gateRows)
  }
}
