import RecurrentKernels

/// Recurrent dropout and zoneout, which act on states between one step and the next.
extension TilePass {
  /// Whether the recurrent weights of a direction read a masked state.
  @inline(__always)
  func masksState(_ plan: DirectionPlan) -> Bool {
    masks != nil && layout.isTraining && plan.regularization.recurrentDropout > 0
  }

  /// The hidden state that the recurrent weights read at step t: the state before it, masked if there is recurrent
  /// dropout.
  @inline(__always)
  func hiddenState(_ plan: DirectionPlan, _ regions: TileLayout.Direction, at t: Int) -> Floats {
    masksState(plan) ? regions.masked(base, slot: t) : regions.state(base, slot: plan.slot(before: t))
  }

  /// to (+)= mask ⊙ from / (1 - rate) for some rows; one mask for all steps.
  func maskState(
    _ plan: DirectionPlan, _ from: Floats, to: Floats, rows: Range<Int>, running count: Int, adds: Bool
  ) {
    let rate = plan.regularization.recurrentDropout
    guard let masks else { preconditionFailure("recurrent dropout in a pass without masks") }
    let mask = masks.mask(
      .recurrentDropout, layer: plan.index, step: 0, rate: rate, row: rows.lowerBound, lanes: lanes,
      lane: laneRange.lowerBound)
    let first = rows.lowerBound * lanes
    kernels.dropout(
      block(rows: rows.count, running: count), mask, 1 / (1 - rate), from + first, to + first, adds ? 1 : 0)
  }

  /// Restores the old state of some units after a step; in a pass without masks, mixes old and new state by their
  /// expected value.
  func zoneOut(_ plan: DirectionPlan, _ regions: TileLayout.Direction, at t: Int, share: RowShare) {
    for component in 0..<plan.stateCount {
      let rate = plan.regularization.zoneout(component: component)
      if rate == 0 { continue }
      let block = self.block(rows: share[component].count, running: running(t))
      let row = plan.row(of: component) + share[component].lowerBound
      let old = regions.state(base, slot: plan.slot(before: t), row: row)
      let new = regions.state(base, slot: plan.slot(after: t), row: row)
      if let mask = zoneoutMask(plan, component: component, at: t, share: share) {
        kernels.zoneout(block, mask, old, new)
      } else {
        kernels.mix(block, rate, old, new)
      }
    }
  }

  /// Moves the old state's part of the gradient of the new state into separate memory.
  func takeZoned(_ plan: DirectionPlan, _ regions: TileLayout.Direction, dh: Floats, at t: Int, share: RowShare) {
    eachZoned(plan, regions, dh: dh, at: t, share: share) { block, component, rate, gradient, zoned in
      if let mask = zoneoutMask(plan, component: component, at: t, share: share) {
        kernels.zoneoutBackward(block, mask, gradient, zoned, 0)
      } else {
        kernels.scale(block, rate, gradient, zoned, 0)
        kernels.scale(block, 1 - rate, gradient, gradient, 0)
      }
    }
  }

  /// Adds that part to the gradient of the old state.
  func addZoned(_ plan: DirectionPlan, _ regions: TileLayout.Direction, dh: Floats, at t: Int, share: RowShare) {
    eachZoned(plan, regions, dh: dh, at: t, share: share) { block, _, _, gradient, zoned in
      kernels.scale(block, 1, zoned, gradient, 1)
    }
  }

  private func eachZoned(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, dh: Floats, at t: Int, share: RowShare,
    _ body: (_ block: rk_block, _ component: Int, _ rate: Float, _ gradient: Floats, _ zoned: Floats) -> Void
  ) {
    for component in 0..<plan.stateCount {
      let rate = plan.regularization.zoneout(component: component)
      if rate == 0 { continue }
      let rows = share[component]
      body(
        block(rows: rows.count, running: running(t)), component, rate,
        stateGradient(plan, component: component, dh: dh) + rows.lowerBound * lanes,
        regions.zoned(base, row: plan.row(of: component) + rows.lowerBound))
    }
  }

  private func zoneoutMask(_ plan: DirectionPlan, component: Int, at t: Int, share: RowShare) -> rk_mask? {
    guard layout.isTraining else { return nil }
    return masks?.mask(
      .zoneout, layer: plan.index << 4 + component, step: window.lowerBound + t,
      rate: plan.regularization.zoneout(component: component), row: share[component].lowerBound, lanes: lanes,
      lane: laneRange.lowerBound)
  }
}
