import RecurrentKernels

/// Recurrent dropout and zoneout: what happens to states between one step and the next.
extension TilePass {
  /// Whether the recurrent weights of a layer see a masked state.
  @inline(__always)
  func masksHidden(_ plan: LayerPlan) -> Bool {
    noise != nil && layout.isTraining && plan.regularization.recurrentDropout > 0
  }

  /// What the recurrent weights read at step t: the state before it, or what a mask leaves of that.
  @inline(__always)
  func hiddenState(_ plan: LayerPlan, _ place: TileLayout.Layer, at t: Int) -> Floats {
    masksHidden(plan)
      ? base + place.masked + t * plan.outputSize * layout.lanes : state(plan, place, before: t)
  }

  /// to (+)= mask ⊙ from / (1 - rate) for some rows; one mask for all steps.
  func maskHidden(_ plan: LayerPlan, _ from: Floats, to: Floats, rows: Range<Int>, running count: Int, adds: Bool) {
    let rate = plan.regularization.recurrentDropout
    guard let noise else { return }
    let mask = noise.mask(
      .recurrentDropout, layer: plan.number, step: 0, rate: rate, row: rows.lowerBound, lanes: layout.lanes)
    let first = rows.lowerBound * layout.lanes
    kernels.dropout(
      block(rows: rows.count, running: count), mask, 1 / (1 - rate), from + first, to + first, adds ? 1 : 0)
  }

  /// After a step, lets some units keep their old state; where nothing is random, mixes old and new as the average has
  /// it.
  func zoneOut(_ plan: LayerPlan, _ place: TileLayout.Layer, at t: Int, share: LayerShare) {
    if !plan.regularization.hasZoneout { return }
    for component in 0..<plan.stateCount {
      let rate = plan.regularization.zoneout(component: component)
      if rate == 0 { continue }
      let block = self.block(rows: share[component].count, running: running(t))
      let row = (plan.row(of: component) + share[component].lowerBound) * layout.lanes
      let old = state(plan, place, before: t) + row
      let new = state(plan, place, after: t) + row
      if let mask = zoneoutMask(plan, component: component, at: t, share: share) {
        kernels.zoneout(block, mask, old, new)
      } else {
        kernels.mix(block, rate, old, new)
      }
    }
  }

  /// Takes from the gradient of the new state what belongs to the old one, and keeps it aside.
  func takeZoned(_ plan: LayerPlan, _ place: TileLayout.Layer, dh: Floats, at t: Int, share: LayerShare) {
    eachZoned(plan, place, dh: dh, at: t, share: share) { block, component, rate, gradient, zoned in
      if let mask = zoneoutMask(plan, component: component, at: t, share: share) {
        kernels.zoneoutBackward(block, mask, gradient, zoned, 0)
      } else {
        kernels.scale(block, rate, gradient, zoned, 0)
        kernels.scale(block, 1 - rate, gradient, gradient, 0)
      }
    }
  }

  /// Adds it to the gradient of the old state.
  func addZoned(_ plan: LayerPlan, _ place: TileLayout.Layer, dh: Floats, at t: Int, share: LayerShare) {
    eachZoned(plan, place, dh: dh, at: t, share: share) { block, _, _, gradient, zoned in
      kernels.scale(block, 1, zoned, gradient, 1)
    }
  }

  private func eachZoned(
    _ plan: LayerPlan, _ place: TileLayout.Layer, dh: Floats, at t: Int, share: LayerShare,
    _ body: (_ block: rk_block, _ component: Int, _ rate: Float, _ gradient: Floats, _ zoned: Floats) -> Void
  ) {
    for component in 0..<plan.stateCount {
      let rate = plan.regularization.zoneout(component: component)
      if rate == 0 { continue }
      let block = self.block(rows: share[component].count, running: running(t))
      let row = share[component].lowerBound * layout.lanes
      let gradient =
        component == 0 ? dh : base + place.stateGradient + (component - 1) * plan.hiddenSize * layout.lanes
      body(
        block, component, rate, gradient + row, base + place.zoned + plan.row(of: component) * layout.lanes + row)
    }
  }

  private func zoneoutMask(_ plan: LayerPlan, component: Int, at t: Int, share: LayerShare) -> rk_mask? {
    guard layout.isTraining else { return nil }
    return noise?.mask(
      .zoneout, layer: plan.number << 4 + component, step: t, rate: plan.regularization.zoneout(component: component),
      row: share[component].lowerBound, lanes: layout.lanes)
  }
}
