import RecurrentKernels

extension TilePass {
  /// Runs a layer over all steps: what it gives at step t is the hidden state after that step.
  ///
  /// ```
  /// z(t) = b + W x(t) + U h(t-1)        one product per segment of gates
  /// state(t) = cell(z(t), state(t-1))   the cell's own arithmetic
  /// h(t) = W_hr h̃(t)                    where the hidden state is projected, h̃ being what the cell computed
  /// ```
  ///
  /// A cell with gated gates does this twice a step: their U meets what the first arithmetic has written.
  ///
  /// In reverse, time runs backwards: more and more lanes join, each with its initial state at its own last step.
  func forward(layer index: Int) {
    let plan = network.layers[index]
    let place = layout.layers[index]
    let cell = plan.cell
    let share = share(of: plan)
    let units = share.units
    let (initial, final) = (base + place.initial, base + place.final)
    copyState(plan, from: initial, to: final, lanes: running(0)..<tile.sampleCount, share: share)
    if plan.isReverse {
      var longest = layout.steps
      while longest > 0 && running(longest - 1) == 0 { longest -= 1 }
      join(plan, place, before: longest, share: share)
      team.wait()
    }
    for number in 0..<layout.steps {
      let t = plan.isReverse ? layout.steps - 1 - number : number
      let count = running(t)
      if count == 0 { continue }
      for phase in 0..<plan.phaseCount {
        if phase > 0 { team.wait() }
        let step = step(plan, place, at: t, phase: phase, units: units)
        if phase == 0 && masksHidden(plan) {
          maskHidden(
            plan, state(plan, place, before: t), to: hiddenState(plan, place, at: t), rows: share.outputs,
            running: count, adds: false)
          team.wait()
        }
        for segment in plan.segments where segment.phase == phase {
          // A member alone computes the rows of all gates at once, one of several those of its units, gate by gate.
          let parts = team.size == 1 ? 1 : segment.gateCount
          let rows = team.size == 1 ? segment.gateCount * plan.hiddenSize : units.count
          for part in 0..<parts {
            let first = part * plan.hiddenSize + units.lowerBound
            preactivate(
              plan, segment, first: first, rows: rows, at: t, hidden: hiddenState(plan, place, at: t), step: step)
          }
        }
        cell.forward(step)
        if phase < plan.phaseCount - 1 && masksHidden(plan) {
          maskHidden(plan, step.gated, to: step.gated, rows: units, running: count, adds: false)
        }
      }
      if plan.isProjected {
        team.wait()
        project(plan, place, at: t, rows: share.outputs)
      }
      zoneOut(plan, place, at: t, share: share)
      if plan.isReverse {
        join(plan, place, before: t, share: share)
      } else {
        copyState(
          plan, from: state(plan, place, after: t), to: final, lanes: running(t + 1)..<count, share: share)
      }
      team.wait()
    }
    if plan.isReverse {
      copyState(plan, from: base + place.state, to: final, lanes: 0..<running(0), share: share)
      team.wait()
    }
    // Where no step ran, nobody has waited for the states that were handed through.
    if running(0) == 0 { team.wait() }
  }

  /// The places of step t of a layer.
  @inline(__always)
  func step(
    _ plan: LayerPlan, _ place: TileLayout.Layer, at t: Int, phase: Int, units: Range<Int>
  ) -> CellStep {
    CellStep(
      units: units, phase: phase, lanes: padded(running(t)), samples: running(t), laneStride: layout.lanes,
      hiddenSize: plan.hiddenSize, gates: base + place.gates + t * place.gateSlot,
      saved: base + place.saved + t * place.savedSlot, gated: base + place.gated + t * place.gatedSlot,
      vectors: UnitParameters(
        base: parameters + plan.vectors, vectorStride: plan.hiddenSize, unitStride: 1, laneStride: 0),
      previous: state(plan, place, before: t) + plan.cellRow * layout.lanes,
      next: state(plan, place, after: t) + plan.cellRow * layout.lanes)
  }

  /// h = W_hr h̃ after step t.
  private func project(_ plan: LayerPlan, _ place: TileLayout.Layer, at t: Int, rows: Range<Int>) {
    let h = state(plan, place, after: t)
    product(
      h + rows.lowerBound * layout.lanes, layout.lanes, rows: rows.count, lanes: padded(running(t)),
      from: RK_FROM_ZERO,
      rk_term(
        a: parameters + plan.projection + rows.lowerBound * plan.hiddenSize, aRow: plan.hiddenSize,
        b: h + plan.cellRow * layout.lanes, bRow: layout.lanes, k: plan.hiddenSize))
  }

  @inline(__always)
  private func preactivate(
    _ plan: LayerPlan, _ segment: LayerPlan.Segment, first: Int, rows: Int, at t: Int, hidden: Floats, step: CellStep
  ) {
    let row = segment.firstGate * plan.hiddenSize + first
    let z = step.gates + row * step.laneStride
    let bias = parameters + plan.bias + row
    let start = plan.normalizes ? RK_FROM_ZERO : RK_FROM_BIAS
    func term(_ source: NetworkPlan.Source, row: Int) -> rk_term {
      rk_term(
        a: parameters + plan.inputWeights + (row + first) * plan.inputSize + source.column, aRow: plan.inputSize,
        b: self.rows(of: source, at: t), bRow: step.laneStride, k: source.size)
    }
    // One source, or the two directions of the layer below.
    let inputTerm = segment.inputRow.map { term(plan.sources[0], row: $0) }
    let secondTerm = plan.sources.count == 1 ? nil : segment.inputRow.map { term(plan.sources[1], row: $0) }
    let hiddenTerm = segment.hiddenRow.map {
      rk_term(
        a: parameters + plan.hiddenWeights + ($0 + first) * plan.outputSize, aRow: plan.outputSize,
        b: segment.isGated ? step.gated : hidden, bRow: step.laneStride, k: plan.outputSize)
    }
    func product(_ first: rk_term, _ second: rk_term? = nil, _ third: rk_term? = nil) {
      Recurrent.product(
        z, step.laneStride, rows: rows, lanes: step.lanes, from: start, bias: bias, first, second, third)
    }
    switch (inputTerm, secondTerm, hiddenTerm) {
    case (let input?, let second?, let hidden): product(input, second, hidden)
    case (let input?, nil, let hidden): product(input, hidden)
    case (nil, _, let hidden?): product(hidden)
    case (nil, _, nil): break
    }
  }

  /// Gives the lanes whose last step is t - 1 the state they begin with, in the slot before that step.
  private func join(_ plan: LayerPlan, _ place: TileLayout.Layer, before t: Int, share: LayerShare) {
    if t == 0 { return }
    copyState(
      plan, from: base + place.initial, to: base + place.state + t * place.stateSlot,
      lanes: running(t)..<running(t - 1), share: share)
  }

  /// Makes the states after the steps before those of this window the ones it begins with.
  func carryStates() {
    for (plan, place) in zip(network.layers, layout.layers) {
      copyState(
        plan, from: base + place.final, to: base + place.initial, lanes: 0..<tile.sampleCount, share: share(of: plan))
    }
  }

  /// Copies some lanes of a state.
  private func copyState(_ plan: LayerPlan, from: Floats, to: Floats, lanes: Range<Int>, share: LayerShare) {
    if lanes.isEmpty { return }
    for component in 0..<plan.stateCount {
      for unit in share[component] {
        let row = (plan.row(of: component) + unit) * layout.lanes + lanes.lowerBound
        (to + row).update(from: from + row, count: lanes.count)
      }
    }
  }

  /// Runs all layers and the head.
  func forward() {
    for (level, joint) in network.joints.enumerated() {
      for layer in joint.layers { forward(layer: layer) }
      forward(joint: level)
    }
    forwardHead()
  }
}
