import RecurrentKernels

/// A direction's forward pass: time steps, each a list of stages.
extension TilePass {
  /// Runs a direction over all steps: its output at step t is the hidden state after that step.
  ///
  /// ```
  /// z(t) = b + W x(t) + U h(t-1)        one product per segment of gates
  /// state(t) = cell(z(t), state(t-1))   the cell's own arithmetic
  /// h(t) = W_hr h̃(t)                    if the hidden state is projected, h̃ being what the cell computed
  /// ```
  ///
  /// A cell with gated gates does this twice a step: their U multiplies what the first arithmetic has written.
  ///
  /// In reverse, time runs backwards: more and more lanes join, each with its initial state at its own last step.
  func forward(_ index: Int) {
    let plan = network.directions[index]
    let regions = layout.directions[index]
    let share = share(of: plan)
    let stages = masksState(plan) ? plan.forwardStages.masked : plan.forwardStages.plain
    copyState(
      plan, from: regions.initial(base), to: regions.final(base), lanes: running(0)..<sampleCount, share: share)
    if plan.isReverse { joinLongest(plan, regions, share: share) }
    for number in 0..<layout.steps {
      let t = plan.isReverse ? layout.steps - 1 - number : number
      if running(t) == 0 { continue }
      for stage in stages {
        switch stage {
        case .maskState:
          maskState(
            plan, regions.state(base, slot: plan.slot(before: t)), to: hiddenState(plan, regions, at: t),
            rows: share.outputs, running: running(t), adds: false)
        case .preactivate(let phase): preactivate(plan, regions, at: t, phase: phase, share: share)
        case .cell(let phase):
          runCell(plan, at: t, share: share) { pass, _, units in
            plan.cell.forward(pass.step(plan, regions, at: t, phase: phase, units: units))
          }
        case .maskGated:
          let gated = regions.gated(base, slot: layout.isTraining ? t : 0)
          maskState(plan, gated, to: gated, rows: share.units, running: running(t), adds: false)
        case .project: project(plan, regions, at: t, rows: share.outputs)
        case .zoneout: zoneOut(plan, regions, at: t, share: share)
        case .wait: team.wait()
        }
      }
      handOn(plan, regions, after: t, share: share)
      team.wait()
    }
    if plan.isReverse {
      copyState(plan, from: regions.state(base), to: regions.final(base), lanes: 0..<running(0), share: share)
      team.wait()
    }
    // If no step ran, nobody has waited for the states that were handed through.
    if running(0) == 0 { team.wait() }
  }

  /// The memory of step t of a direction, as its cell sees it.
  @inline(__always)
  func step(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, at t: Int, phase: Int, units: Range<Int>
  ) -> CellStep {
    let slot = layout.isTraining ? t : 0
    return CellStep(
      units: units, phase: phase, lanes: padded(running(t)), samples: running(t), laneStride: lanes,
      hiddenSize: plan.hiddenSize, gates: regions.gates(base, slot: slot), tape: regions.tape(base, slot: slot),
      gated: regions.gated(base, slot: slot),
      unitParameters: UnitParameters(
        base: parameters + plan.unitParameters, parameterStride: plan.hiddenSize, unitStride: 1, laneStride: 0),
      previous: regions.state(base, slot: plan.slot(before: t), row: plan.cellRow),
      next: regions.state(base, slot: plan.slot(after: t), row: plan.cellRow))
  }

  /// z = b + W x + U h of the gates whose sums are complete in this phase.
  private func preactivate(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, at t: Int, phase: Int, share: RowShare
  ) {
    let slot = layout.isTraining ? t : 0
    let width = padded(running(t))
    for segment in plan.segments where segment.phase == phase {
      // One worker alone computes the rows of all gates, one of several those of its units in each gate.
      let rows =
        team.size == 1
        ? rk_rows(segment.gateCount * plan.hiddenSize)
        : rk_rows(m: share.units.count, parts: segment.gateCount, stride: plan.hiddenSize)
      let first = share.units.lowerBound
      let row = segment.firstGate * plan.hiddenSize + first
      let z = regions.gates(base, slot: slot, row: row)
      var start = plan.normalizes ? RK_FROM_ZERO : RK_FROM_BIAS
      var terms = rk_terms()
      if let inputRow = segment.inputRow {
        if plan.readsTokens {
          for part in 0..<rows.parts {
            kernels.gatherFloats(
              transposed + plan.transposedInput + inputRow + first + part * rows.stride, plan.inputStride,
              tokens(at: t), running(t), rows.m, 1, z + part * rows.stride * lanes, lanes, width)
          }
          start = RK_FROM_C
        } else {
          // One source, or the two directions of the layer below.
          for source in plan.sources {
            terms.append(
              rk_term(
                a: parameters + plan.inputWeights + (inputRow + first) * plan.inputSize + source.column,
                aRow: plan.inputSize, b: self.rows(of: source, at: t), bRow: lanes, k: source.size))
          }
        }
      }
      if let hiddenRow = segment.hiddenRow {
        terms.append(
          rk_term(
            a: parameters + plan.hiddenWeights + (hiddenRow + first) * plan.outputSize, aRow: plan.outputSize,
            b: segment.isGated ? regions.gated(base, slot: slot) : hiddenState(plan, regions, at: t), bRow: lanes,
            k: plan.outputSize))
      }
      kernels.product(z, lanes, rows, width, start, parameters + plan.bias + row, &terms)
    }
  }

  /// h = W_hr h̃ after step t.
  private func project(_ plan: DirectionPlan, _ regions: TileLayout.Direction, at t: Int, rows: Range<Int>) {
    let h = regions.state(base, slot: plan.slot(after: t))
    product(
      h + rows.lowerBound * lanes, lanes, rows: rows.count, lanes: padded(running(t)), from: RK_FROM_ZERO,
      rk_term(
        a: parameters + plan.projection + rows.lowerBound * plan.hiddenSize, aRow: plan.hiddenSize,
        b: h + plan.cellRow * lanes, bRow: lanes, k: plan.hiddenSize))
  }

  /// Keeps the states of lanes that end at step t; in reverse, brings in those that begin at the step before.
  @inline(__always)
  private func handOn(_ plan: DirectionPlan, _ regions: TileLayout.Direction, after t: Int, share: RowShare) {
    if plan.isReverse {
      join(plan, regions, before: t, share: share)
    } else {
      copyState(
        plan, from: regions.state(base, slot: plan.slot(after: t)), to: regions.final(base),
        lanes: running(t + 1)..<running(t), share: share)
    }
  }

  /// Brings the longest sequences in, before the last step of all.
  private func joinLongest(_ plan: DirectionPlan, _ regions: TileLayout.Direction, share: RowShare) {
    var longest = layout.steps
    while longest > 0 && running(longest - 1) == 0 { longest -= 1 }
    join(plan, regions, before: longest, share: share)
    team.wait()
  }

  /// Gives the lanes whose last step is t - 1 the state they begin with, in the slot before that step.
  private func join(_ plan: DirectionPlan, _ regions: TileLayout.Direction, before t: Int, share: RowShare) {
    if t == 0 { return }
    copyState(
      plan, from: regions.initial(base), to: regions.state(base, slot: t), lanes: running(t)..<running(t - 1),
      share: share)
  }
}
