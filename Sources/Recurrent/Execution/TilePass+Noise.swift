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
      ? base + place.masked + t * plan.hiddenSize * layout.lanes
      : base + place.state + plan.slot(before: t) * place.stateSlot
  }

  /// to (+)= mask ⊙ from / (1 - rate) for some units; one mask for all steps.
  func maskHidden(_ plan: LayerPlan, _ from: Floats, to: Floats, units: Range<Int>, running count: Int, adds: Bool) {
    let rate = plan.regularization.recurrentDropout
    guard let noise else { return }
    let mask = noise.mask(
      .recurrentDropout, layer: plan.number, step: 0, rate: rate, row: units.lowerBound, lanes: layout.lanes)
    let first = units.lowerBound * layout.lanes
    kernels.dropout(
      block(rows: units.count, running: count), mask, 1 / (1 - rate), from + first, to + first, adds ? 1 : 0)
  }

  /// After a step, lets some units keep their old state; where nothing is random, mixes old and new as the average has
  /// it.
  func zoneOut(_ plan: LayerPlan, _ place: TileLayout.Layer, at t: Int, units: Range<Int>) {
    if !plan.regularization.hasZoneout { return }
    let block = self.block(rows: units.count, running: running(t))
    for component in 0..<plan.stateCount {
      let rate = plan.regularization.zoneout(component: component)
      if rate == 0 { continue }
      let row = (component * plan.hiddenSize + units.lowerBound) * layout.lanes
      let old = base + place.state + plan.slot(before: t) * place.stateSlot + row
      let new = base + place.state + plan.slot(after: t) * place.stateSlot + row
      if let mask = zoneoutMask(plan, component: component, at: t, units: units) {
        kernels.zoneout(block, mask, old, new)
      } else {
        kernels.mix(block, rate, old, new)
      }
    }
  }

  /// Takes from the gradient of the new state what belongs to the old one, and keeps it aside.
  func takeZoned(_ plan: LayerPlan, _ place: TileLayout.Layer, dh: Floats, at t: Int, units: Range<Int>) {
    eachZoned(plan, place, dh: dh, at: t, units: units) { block, component, rate, gradient, zoned in
      if let mask = zoneoutMask(plan, component: component, at: t, units: units) {
        kernels.zoneoutBackward(block, mask, gradient, zoned, 0)
      } else {
        kernels.scale(block, rate, gradient, zoned, 0)
        kernels.scale(block, 1 - rate, gradient, gradient, 0)
      }
    }
  }

  /// Adds it to the gradient of the old state.
  func addZoned(_ plan: LayerPlan, _ place: TileLayout.Layer, dh: Floats, at t: Int, units: Range<Int>) {
    eachZoned(plan, place, dh: dh, at: t, units: units) { block, _, _, gradient, zoned in
      kernels.scale(block, 1, zoned, gradient, 1)
    }
  }

  private func eachZoned(
    _ plan: LayerPlan, _ place: TileLayout.Layer, dh: Floats, at t: Int, units: Range<Int>,
    _ body: (_ block: rk_block, _ component: Int, _ rate: Float, _ gradient: Floats, _ zoned: Floats) -> Void
  ) {
    let block = self.block(rows: units.count, running: running(t))
    for component in 0..<plan.stateCount {
      let rate = plan.regularization.zoneout(component: component)
      if rate == 0 { continue }
      let row = units.lowerBound * layout.lanes
      let gradient =
        component == 0 ? dh : base + place.stateGradient + (component - 1) * plan.hiddenSize * layout.lanes
      body(
        block, component, rate, gradient + row, base + place.zoned + component * plan.hiddenSize * layout.lanes + row)
    }
  }

  private func zoneoutMask(_ plan: LayerPlan, component: Int, at t: Int, units: Range<Int>) -> rk_mask? {
    guard layout.isTraining else { return nil }
    return noise?.mask(
      .zoneout, layer: plan.number << 4 + component, step: t, rate: plan.regularization.zoneout(component: component),
      row: units.lowerBound, lanes: layout.lanes)
  }
}
