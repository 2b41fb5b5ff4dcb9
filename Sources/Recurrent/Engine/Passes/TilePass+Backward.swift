import RecurrentKernels

/// A direction's backward pass: time steps in reverse order, each a list of stages.
extension TilePass {
  /// What the stages of one backward time step read and write.
  struct BackwardStep {
    /// The step, and its index in the backward order.
    let t: Int
    let index: Int
    let cell: CellStep
    let gradient: CellGradient
    /// The gradient of the hidden state after this step, and the destination of the gradient before it.
    let dh: Floats
    let before: Floats
    /// The number of lanes in which the step before this one already has a gradient of its output; the others have
    /// none.
    let earlier: Int
    /// Overwrite `before` instead of accumulating.
    let isFresh: Bool
    /// Lanes after the running ones whose own last step is still to come in the backward order.
    let startingLater: Range<Int>
    /// [x h] of this step, transposed, `[L, columns]`, for the weight gradients.
    let transposedInputs: Floats

    var running: Int { cell.samples }
  }

  /// Runs backpropagation through time for a direction and writes its weight gradients.
  ///
  /// With dz(t) the gradient of the pre-activations of step t:
  ///
  /// ```
  /// dh(t-1) += Uᵀ dz(t)      dx(t) = Wᵀ dz(t)
  /// d[W U]  += dz(t) [x(t) h(t-1)]ᵀ      db += Σ over lanes of dz(t)
  /// ```
  ///
  /// A cell with gated gates runs its phases in reverse: dz of the gated gates, then dq = Uᵀ dz, then the rest. If the
  /// hidden state is projected, h = W_hr h̃, the cell receives
  ///
  /// ```
  /// dh̃(t) = W_hrᵀ dh(t)      and dW_hr += dh(t) h̃(t)ᵀ
  /// ```
  ///
  /// - Parameter gradient: receives this tile's weight gradients, overwritten.
  func backward(_ direction: Int, gradient: Floats) {
    let plan = network.directions[direction]
    let regions = layout.directions[direction]
    let share = share(of: plan)
    let whole = whole
    var stages = masksState(plan) ? plan.backwardStages.masked : plan.backwardStages.plain
    if layout.purpose.keepsHiddenGradients { stages.insert(.keepGradient, at: 0) }
    // The steps whose weight gradients are still to be added, and whether none have been added yet, here or in a later
    // window.
    var pending = 0..<0
    var isFirst = whole.running(steps(of: plan).upperBound) == 0
    if isFirst {
      clearSums(plan, regions, share: share)
      whole.clearTokenGradient(plan, gradient)
    }
    func flush() {
      if pending.isEmpty { return }
      waitForLanes()
      whole.accumulate(plan, regions, indices: pending, gradient: gradient, isFirst: isFirst)
      pending = pending.upperBound..<pending.upperBound
      isFirst = false
    }
    for index in 0..<steps(of: plan).count {
      let t = step(plan, index)
      if whole.running(t) == 0 { continue }
      if running(t) > 0 {
        let step = begin(plan, regions, index: index, share: share)
        for stage in stages { run(stage, step, plan, regions, share: share) }
      }
      pending = (pending.isEmpty ? index : pending.lowerBound)..<index + 1
      if pending.count == layout.stepsPerSum { flush() }
    }
    flush()
    if window.lowerBound == 0 {
      if isFirst {
        waitForLanes()
        whole.clearGradient(plan, gradient)
      }
      whole.sumUnitParameterGradients(plan, regions, gradient: gradient)
    }
    whole.team.wait()
  }

  @inline(__always)
  private func run(
    _ stage: BackwardStage, _ step: BackwardStep, _ plan: DirectionPlan, _ regions: TileLayout.Direction,
    share: RowShare
  ) {
    switch stage {
    case .keepGradient: keepGradient(regions, step, rows: share.outputs)
    case .takeZoned: takeZoned(plan, regions, dh: step.dh, at: step.t, share: share)
    case .unproject: unproject(plan, step, share: share)
    case .gatedPhase: gatedPhase(plan, regions, step, share: share)
    case .maskGated:
      maskState(
        plan, step.gradient.gated, to: step.gradient.gated, rows: share.units, running: step.running, adds: false)
    case .cell: cellPhase(plan, regions, step, share: share)
    case .transposeInputs: transposeInputs(plan, regions, step)
    case .stateGradient: addStateGradient(plan, regions, step, rows: share.outputs)
    case .addZoned: addZoned(plan, regions, dh: step.before, at: step.t, share: share)
    case .inputGradient: addInputGradients(plan, step)
    case .keepInitialGradient: keepInitialGradients(plan, regions, step, share: share)
    case .wait: team.wait()
    }
  }

  /// Completes the gradient of the state after the step, at which sequences may end.
  private func begin(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, index: Int, share: RowShare
  ) -> BackwardStep {
    let t = step(plan, index)
    let count = running(t)
    let hidden = regions.hiddenGradient
    let dh = hidden(base, slot: hidden.hasSlots ? plan.slot(after: t) : 0)
    let before = hidden(base, slot: hidden.hasSlots ? plan.slot(before: t) : 0)
    let cell = step(plan, regions, at: t, phase: 0, units: share.units)
    // In a forward direction, lanes end at their own last steps; in reverse, all end at step 0.
    let ended = plan.isReverse ? (t == 0 ? 0 : count) : running(t + 1)
    if ended < count {
      // Lanes up to the end of the vector are zeros already: products of U with the dz that the step before cleared.
      if !hidden.hasSlots { clear(dh, rows: share.outputs, lanes: padded(ended)..<cell.lanes) }
      addFinalGradients(plan, regions, to: dh, lanes: ended..<count, share: share)
    }
    // The number of lanes with a step before this one, whose output has a gradient.
    let earlier = plan.isReverse ? running(t + 1) : isFirstStep(t) ? 0 : count
    let isFresh = earlier == 0 || !hidden.hasSlots
    if !isFresh && earlier < count { clear(before, rows: share.outputs, lanes: earlier..<cell.lanes) }
    let gradient = CellGradient(
      hidden: plan.isProjected ? regions.unprojectedGradient(base) : dh, state: regions.stateGradient(base),
      previousHidden: before, isFresh: isFresh, gated: regions.gatedGradient(base),
      unitParameters: regions.unitParameterGradient(base), scratch: regions.scratch(base))
    let step = BackwardStep(
      t: t, index: index, cell: cell, gradient: gradient, dh: dh, before: before, earlier: earlier, isFresh: isFresh,
      startingLater: lanesStartingLater(plan, at: t), transposedInputs: transposedInputs(index))
    if keepsLater(plan, step) { keepLater(regions, step, rows: share.outputs) }
    return step
  }

  /// Copies dh(t), before zoneout takes its part and the memory is used for the step before.
  private func keepGradient(_ regions: TileLayout.Direction, _ step: BackwardStep, rows: Range<Int>) {
    kernels.scale(
      block(rows: rows.count, running: step.running), 1, step.dh + rows.lowerBound * lanes,
      regions.keptGradient(base, slot: step.t, row: rows.lowerBound), 0)
  }

  /// dh̃ = W_hrᵀ dh.
  private func unproject(_ plan: DirectionPlan, _ step: BackwardStep, share: RowShare) {
    let units = share.units
    product(
      step.gradient.hidden + units.lowerBound * lanes, lanes, rows: units.count, lanes: step.cell.lanes,
      from: RK_FROM_ZERO,
      rk_term(
        a: transposed + plan.transposedProjection + units.lowerBound * plan.outputSize, aRow: plan.outputSize,
        b: step.dh, bRow: lanes, k: plan.outputSize))
    keepProjected(plan, step, share: share)
  }

  /// dz of the gated gates, and dq = Uᵀ dz.
  private func gatedPhase(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, _ step: BackwardStep, share: RowShare
  ) {
    runCell(plan, regions, step, phase: 1, share: share)
    team.wait()
    backpropagate(
      plan, step, to: step.gradient.gated, rows: share.units, from: RK_FROM_ZERO,
      matrix: transposed + plan.transposedHidden, stride: plan.hiddenStride, operand: .gated)
  }

  /// dz of the other gates.
  private func cellPhase(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, _ step: BackwardStep, share: RowShare
  ) {
    runCell(plan, regions, step, phase: 0, share: share)
    if !step.startingLater.isEmpty {
      // Others have computed these lanes.
      if plan.normalizes { team.wait() }
      clearLater(plan, regions, step, share: share)
    }
    if keepsLater(plan, step) { restoreLater(regions, step, rows: share.outputs) }
  }

  /// The cell's arithmetic in one of its phases.
  @inline(__always)
  private func runCell(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, _ step: BackwardStep, phase: Int, share: RowShare
  ) {
    runCell(plan, at: step.t, share: share) { pass, lane, units in
      plan.cell.backward(
        pass.step(plan, regions, at: step.t, phase: phase, units: units), step.gradient.from(lane: lane))
    }
  }

  /// dh(t-1) += Uᵀ dz(t), if there is a step before this one or the gradient of the initial state is computed.
  private func addStateGradient(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, _ step: BackwardStep, rows: Range<Int>
  ) {
    if step.earlier == 0 && !layout.purpose.hasInitialGradient { return }
    let masks = masksState(plan)
    let isEmpty = step.isFresh && !plan.hasDirectStatePath
    let to = masks ? regions.maskedGradient(base) : step.before
    backpropagate(
      plan, step, to: to, rows: rows, from: isEmpty || masks ? RK_FROM_ZERO : RK_FROM_C,
      matrix: transposed + plan.transposedHidden, stride: plan.hiddenStride, operand: .hidden)
    if masks { maskState(plan, to, to: step.before, rows: rows, running: step.running, adds: !isEmpty) }
  }

  /// dx = Wᵀ dz, unless the input is a token.
  private func addInputGradients(_ plan: DirectionPlan, _ step: BackwardStep) {
    if plan.readsTokens { return }
    for source in plan.sources {
      guard let dx = gradientRows(of: source, at: step.t) else { continue }
      backpropagate(
        plan, step, to: dx, rows: team.share(of: source.size),
        from: plan.beginsInputGradient ? RK_FROM_ZERO : RK_FROM_C,
        matrix: transposed + plan.transposedInput + source.column * plan.inputStride, stride: plan.inputStride,
        operand: .input)
    }
  }

  /// The operand that a gradient is propagated to.
  private enum Operand {
    case input, hidden, gated
  }

  /// to[rows] = start + matrix[rows] · dz, where the matrix is Wᵀ or Uᵀ with one column per pre-activation that reads
  /// the operand.
  @inline(__always)
  private func backpropagate(
    _ plan: DirectionPlan, _ step: BackwardStep, to: Floats, rows: Range<Int>, from start: rk_start,
    matrix: UnsafePointer<Float>, stride: Int, operand: Operand
  ) {
    var start = start
    for segment in plan.segments {
      let isRead = operand == .input || segment.isGated == (operand == .gated)
      guard isRead, let column = operand == .input ? segment.inputRow : segment.hiddenRow else { continue }
      product(
        to + rows.lowerBound * lanes, lanes, rows: rows.count, lanes: step.cell.lanes, from: start,
        rk_term(
          a: matrix + rows.lowerBound * stride + column, aRow: stride,
          b: step.cell.gates + segment.firstGate * plan.hiddenSize * lanes, bRow: lanes,
          k: segment.gateCount * plan.hiddenSize))
      start = RK_FROM_C
    }
  }

  /// The step at an index of the backward order.
  @inline(__always)
  func step(_ plan: DirectionPlan, _ index: Int) -> Int {
    plan.isReverse ? index : steps(of: plan).upperBound - 1 - index
  }

  /// The steps of this window that a direction's backward pass takes.
  @inline(__always)
  private func steps(of plan: DirectionPlan) -> Range<Int> { backwardSteps(lag: lag(ofLevel: plan.level)) }

  /// Adds the final states' gradients to the lanes that end at this step.
  private func addFinalGradients(
    _ plan: DirectionPlan, _ regions: TileLayout.Direction, to dh: Floats, lanes range: Range<Int>, share: RowShare
  ) {
    for component in 0..<plan.stateCount {
      let gradient = stateGradient(plan, component: component, dh: dh)
      for row in share[component] {
        let final = regions.finalGradient(base, row: plan.row(of: component) + row)
        for lane in range { gradient[row * lanes + lane] += final[lane] }
      }
    }
  }
}
