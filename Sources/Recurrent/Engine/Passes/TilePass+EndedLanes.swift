import RecurrentKernels

/// Lanes whose sequences have ended, or, in the backward pass, have not begun yet.
///
/// They share vectors with running lanes, so the arithmetic continues in them and may leave any value there, including
/// infinity and NaN. None of these may reach a gradient, and multiplying by zero does not prevent it: 0 · ∞ is NaN.
extension TilePass {
  /// The lanes between the last one running at step t and the end of its vector, if some of them begin at a later step
  /// of this backward pass.
  @inline(__always)
  func endingLanes(_ plan: DirectionPlan, at t: Int) -> Range<Int> {
    let count = running(t)
    let isFollowed = plan.isReverse ? count < running(0) : t > 0 && running(t - 1) > count
    return count..<(isFollowed ? padded(count) : count)
  }

  /// Clears what the arithmetic left in ending lanes: their backward pass begins at an earlier step, here or in the
  /// layer below, with zero gradients from this one.
  func clearEnding(_ plan: DirectionPlan, _ regions: TileLayout.Direction, _ step: BackwardStep, share: RowShare) {
    for gate in 0..<plan.gateRows / plan.hiddenSize {
      clear(step.cell.gates + gate * step.cell.gateStride, rows: share.units, lanes: step.ending)
    }
    for component in 1..<max(plan.stateCount, 1) {
      clear(
        regions.stateGradient(base, row: (component - 1) * plan.hiddenSize), rows: share.units, lanes: step.ending)
    }
    for component in 0..<plan.stateCount where plan.regularization.zoneout(component: component) > 0 {
      clear(regions.zoned(base, row: plan.row(of: component)), rows: share[component], lanes: step.ending)
    }
  }

  /// Whether the cell adds to the gradient of the step before's outputs, which ending lanes already have.
  @inline(__always)
  func keepsEnding(_ plan: DirectionPlan, _ step: BackwardStep) -> Bool {
    plan.hasDirectStatePath && !plan.isReverse && !step.ending.isEmpty
  }

  /// Saves the gradients of the outputs of the step before, in ending lanes.
  func keepEnding(_ regions: TileLayout.Direction, _ step: BackwardStep, rows: Range<Int>) {
    for row in rows {
      regions.endingGradient(base, row: row).update(
        from: step.before + row * lanes + step.ending.lowerBound, count: step.ending.count)
    }
  }

  /// Restores the gradients that ``keepEnding(_:_:rows:)`` saved.
  func putBackEnding(_ regions: TileLayout.Direction, _ step: BackwardStep, rows: Range<Int>) {
    if step.isFresh { return clear(step.before, rows: rows, lanes: step.ending) }
    for row in rows {
      (step.before + row * lanes + step.ending.lowerBound).update(
        from: regions.endingGradient(base, row: row), count: step.ending.count)
    }
  }

  /// Keeps the gradients of the initial states of lanes that read in reverse and began with this step.
  func keepInitialGradients(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, _ step: BackwardStep, share: RowShare
  ) {
    if !layout.purpose.hasInitialGradient { return }
    for component in 0..<plan.stateCount {
      let gradient = stateGradient(plan, component: component, dh: step.before)
      for row in share[component] {
        let initial = regions.initialGradient(base, row: plan.row(of: component) + row)
        for lane in step.earlier..<step.running { initial[lane] = gradient[row * lanes + lane] }
      }
    }
  }
}
