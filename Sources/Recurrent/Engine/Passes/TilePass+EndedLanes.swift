import RecurrentKernels

/// Lanes whose sequences have ended, or, on the way back, have not begun yet.
///
/// They share vectors with running lanes, so the arithmetic goes on in them and leaves anything there, infinities and NaN
/// included. None of it may reach a gradient: not by a product with zeros, for 0 · ∞ is NaN.
extension TilePass {
  /// The lanes between the last one running at step t and the end of its vector, if some of them begin their own way
  /// back at a later step of this pass.
  @inline(__always)
  func endingLanes(_ plan: DirectionPlan, at t: Int) -> Range<Int> {
    let count = running(t)
    let isFollowed = plan.isReverse ? count < running(0) : t > 0 && running(t - 1) > count
    return count..<(isFollowed ? padded(count) : count)
  }

  /// Clears what the arithmetic left in ending lanes: they begin their own way back at an earlier step, here or in the
  /// layer below, with nothing from this one.
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

  /// Whether the cell adds to the gradient of the outputs of the step before, where ending lanes already have theirs.
  @inline(__always)
  func keepsEnding(_ plan: DirectionPlan, _ step: BackwardStep) -> Bool {
    plan.hasDirectStatePath && !plan.isReverse && !step.ending.isEmpty
  }

  /// Sets the gradients of the outputs of the step before aside, in ending lanes.
  func keepEnding(_ regions: TileLayout.Direction, _ step: BackwardStep, rows: Range<Int>) {
    for row in rows {
      regions.endingGradient(base, row: row).update(
        from: step.before + row * lanes + step.ending.lowerBound, count: step.ending.count)
    }
  }

  /// Puts them back.
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
