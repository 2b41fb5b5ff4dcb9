import RecurrentKernels

extension TilePass {
  /// Runs a layer over all steps: what it gives at step t is the hidden state in slot t + 1.
  ///
  /// ```
  /// z(t) = b + W x(t) + U h(t-1)        one product per segment of gates
  /// state(t) = cell(z(t), state(t-1))   the cell's own arithmetic
  /// ```
  ///
  /// A cell with gated gates does this twice a step: their U meets what the first arithmetic has written.
  func forward(layer index: Int) {
    let plan = network.layers[index]
    let place = layout.layers[index]
    let cell = plan.cell
    let units = team.share(of: plan.hiddenSize)
    finish(plan, place, slot: 0, lanes: running(0)..<tile.sampleCount, units: units)
    for t in 0..<layout.steps {
      let count = running(t)
      if count == 0 { break }
      let x = input(of: index, at: t)
      for phase in 0..<plan.phaseCount {
        if phase > 0 { team.wait() }
        let step = step(plan, place, at: t, phase: phase, units: units)
        for segment in plan.segments where segment.phase == phase {
          // A member alone computes the rows of all gates at once, one of several those of its units, gate by gate.
          let parts = team.size == 1 ? 1 : segment.gateCount
          let rows = team.size == 1 ? segment.gateCount * plan.hiddenSize : units.count
          for part in 0..<parts {
            let first = part * plan.hiddenSize + units.lowerBound
            preactivate(plan, segment, first: first, rows: rows, x: x, step: step)
          }
        }
        cell.forward(step)
      }
      finish(plan, place, slot: t + 1, lanes: running(t + 1)..<count, units: units)
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
      vectors: parameters + plan.vectors,
      previous: base + place.state + t * place.stateSlot, next: base + place.state + (t + 1) * place.stateSlot)
  }

  @inline(__always)
  private func preactivate(
    _ plan: LayerPlan, _ segment: LayerPlan.Segment, first: Int, rows: Int, x: Floats, step: CellStep
  ) {
    let row = segment.firstGate * plan.hiddenSize + first
    let z = step.gates + row * step.laneStride
    let bias = parameters + plan.bias + row
    let inputTerm = segment.inputRow.map {
      rk_term(
        a: parameters + plan.inputWeights + ($0 + first) * plan.inputSize, aRow: plan.inputSize, b: x,
        bRow: step.laneStride, k: plan.inputSize)
    }
    let hiddenTerm = segment.hiddenRow.map {
      rk_term(
        a: parameters + plan.hiddenWeights + ($0 + first) * plan.hiddenSize, aRow: plan.hiddenSize,
        b: segment.isGated ? step.gated : step.previous, bRow: step.laneStride, k: plan.hiddenSize)
    }
    switch (inputTerm, hiddenTerm) {
    case (let input?, let hidden?):
      product(z, step.laneStride, rows: rows, lanes: step.lanes, from: RK_FROM_BIAS, bias: bias, input, hidden)
    case (let only?, nil), (nil, let only?):
      product(z, step.laneStride, rows: rows, lanes: step.lanes, from: RK_FROM_BIAS, bias: bias, only)
    case (nil, nil):
      break
    }
  }

  /// Keeps the state of lanes that have come to their end.
  private func finish(_ plan: LayerPlan, _ place: TileLayout.Layer, slot: Int, lanes: Range<Int>, units: Range<Int>) {
    if lanes.isEmpty { return }
    let state = base + place.state + slot * place.stateSlot
    let final = base + place.final
    for component in 0..<plan.stateCount {
      for unit in units {
        let row = (component * plan.hiddenSize + unit) * layout.lanes + lanes.lowerBound
        (final + row).update(from: state + row, count: lanes.count)
      }
    }
  }

  /// Computes the logits of all lanes from their last outputs: V h + c.
  ///
  /// One member does it; all wait.
  func forwardHead() {
    guard let head = network.head, let top = layout.layers.last else { return }
    if team.member == 0 {
      product(
        base + layout.logits, layout.lanes, rows: head.classCount, lanes: padded(tile.sampleCount),
        from: RK_FROM_BIAS, bias: parameters + head.bias,
        rk_term(
          a: parameters + head.weights, aRow: head.inputSize, b: base + top.final, bRow: layout.lanes,
          k: head.inputSize))
    }
    team.wait()
  }

  /// Runs all layers and the head.
  func forward() {
    for layer in network.layers.indices { forward(layer: layer) }
    forwardHead()
  }
}
