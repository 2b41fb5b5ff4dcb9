import RecurrentKernels

/// Lanes whose sequences have ended, or, in the backward pass, have not begun yet.
///
/// They share vectors with running lanes, so the arithmetic continues in them and may leave any value there, including
/// infinity and NaN. None of these may reach a gradient, and multiplying by zero does not prevent it: 0 · ∞ is NaN.
///
/// An example, three sequences of 5, 3 and 2 steps in the first lanes of a vector of eight:
///
/// ```
/// t                     0    1    2    3    4
/// running               3    3    2    1    1
///
/// a direction that reads forward; its backward pass goes from t = 4 to t = 0
/// lanes that begin      -    2    1    -    0         with the gradients of their final states
/// starting later        -    -    2…7  1…7  -         cleared, for they begin at an earlier step
///
/// a direction that reads in reverse; its backward pass goes from t = 0 to t = 4
/// lanes that begin      0…2  -    -    -    -
/// lanes that are done   -    2    1    -    0         their gradients are those of the initial states
/// starting later        -    -    2…7  1…7  1…7       cleared, so that nothing goes to the layer below
/// ```
extension TilePass {
  /// The lanes between the last one running at step t and the end of its vector, if some of them begin at a later step
  /// of this backward pass.
  @inline(__always)
  func lanesStartingLater(_ plan: DirectionPlan, at t: Int) -> Range<Int> {
    let count = running(t)
    let isFollowed = plan.isReverse ? count < running(0) : !isFirstStep(t) && running(t - 1) > count
    return count..<(isFollowed ? padded(count) : count)
  }

  /// Clears what the arithmetic left in lanes that start later: their backward pass begins at an earlier step, here or in the
  /// layer below, with zero gradients from this one.
  func clearLater(_ plan: DirectionPlan, _ regions: TileLayout.Direction, _ step: BackwardStep, share: RowShare) {
    for gate in 0..<plan.gateRows / plan.hiddenSize {
      clear(step.cell.gates + gate * step.cell.gateStride, rows: share.units, lanes: step.startingLater)
    }
    for component in 1..<max(plan.stateCount, 1) {
      clear(
        regions.stateGradient(base, row: (component - 1) * plan.hiddenSize), rows: share.units,
        lanes: step.startingLater)
    }
    for component in 0..<plan.stateCount where plan.regularization.zoneout(component: component) > 0 {
      clear(regions.zoned(base, row: plan.row(of: component)), rows: share[component], lanes: step.startingLater)
    }
  }

  /// Whether the cell adds to the gradient of the step before's outputs, which lanes that start later already have.
  @inline(__always)
  func keepsLater(_ plan: DirectionPlan, _ step: BackwardStep) -> Bool {
    plan.hasDirectStatePath && !plan.isReverse && !step.startingLater.isEmpty
  }

  /// Saves the gradients of the outputs of the step before, in lanes that start later.
  func keepLater(_ regions: TileLayout.Direction, _ step: BackwardStep, rows: Range<Int>) {
    for row in rows {
      regions.endingGradient(base, row: row).update(
        from: step.before + row * lanes + step.startingLater.lowerBound, count: step.startingLater.count)
    }
  }

  /// Restores the gradients that ``keepLater(_:_:rows:)`` saved.
  func restoreLater(_ regions: TileLayout.Direction, _ step: BackwardStep, rows: Range<Int>) {
    if step.isFresh { return clear(step.before, rows: rows, lanes: step.startingLater) }
    for row in rows {
      (step.before + row * lanes + step.startingLater.lowerBound).update(
        from: regions.endingGradient(base, row: row), count: step.startingLater.count)
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
