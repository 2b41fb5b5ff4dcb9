import RecurrentKernels

extension TilePass {
  /// What a gradient is carried back to.
  private enum Operand {
    case input, hidden, gated
  }

  /// Runs a layer backward through time and writes its weight gradients into `gradient`.
  ///
  /// With dz(t) the gradient of the pre-activations of step t:
  ///
  /// ```
  /// dh(t-1) += Uᵀ dz(t)      dx(t) = Wᵀ dz(t)
  /// d[W U]  += dz(t) [x(t) h(t-1)]ᵀ      db += Σ over lanes of dz(t)
  /// ```
  ///
  /// A cell with gated gates goes through its phases in reverse: dz of the gated gates, then dq = Uᵀ dz, then the rest.
  /// Where the hidden state is projected, h = W_hr h̃, the cell is given
  ///
  /// ```
  /// dh̃(t) = W_hrᵀ dh(t)      and dW_hr += dh(t) h̃(t)ᵀ
  /// ```
  ///
  /// - Parameters:
  ///   - transposed: Wᵀ and Uᵀ of all layers.
  ///   - gradient: where this tile's weight gradients go, overwritten.
  ///   - needsInitialGradient: whether the gradient of the state before the first step is wanted.
  func backward(
    layer index: Int, transposed: UnsafePointer<Float>, gradient: Floats, needsInitialGradient: Bool = false
  ) {
    let plan = network.layers[index]
    let place = layout.layers[index]
    let cell = plan.cell
    let share = share(of: plan)
    let units = share.units
    let lanes = layout.lanes
    let stateGradient = base + place.stateGradient
    let hiddenGradient = base + place.hiddenGradient
    for component in 1..<max(plan.stateCount, 1) {
      let first = ((component - 1) * plan.hiddenSize + units.lowerBound) * lanes
      (stateGradient + first).update(repeating: 0, count: units.count * lanes)
    }
    for vector in 0..<plan.vectorCount {
      let first = place.vectorGradient + (vector * plan.hiddenSize + units.lowerBound) * lanes
      (base + first).update(repeating: 0, count: units.count * lanes)
    }
    // The steps whose weight gradients are still to be added, and whether any have been.
    var pending = 0..<0
    var isFirst = true
    func flush() {
      if pending.isEmpty { return }
      accumulate(plan, place, numbers: pending, gradient: gradient, isFirst: isFirst)
      pending = pending.upperBound..<pending.upperBound
      isFirst = false
    }
    for number in 0..<layout.steps {
      let t = step(plan, number)
      let count = running(t)
      if count == 0 { continue }
      let step = step(plan, place, at: t, phase: 0, units: units)
      let dh = hiddenGradient + plan.slot(after: t) * place.hiddenGradientSlot
      // Forward in time, lanes end at their own last steps; in reverse all end at step 0.
      let ended = plan.isReverse ? (t == 0 ? 0 : count) : running(t + 1)
      if ended < count {
        if place.hiddenGradientSlot == 0 { clear(dh, rows: share.outputs, lanes: padded(ended)..<step.lanes) }
        addFinalGradients(plan, place, to: dh, lanes: ended..<count, share: share)
      }
      let before = hiddenGradient + plan.slot(before: t) * place.hiddenGradientSlot
      // How many lanes have a step before this one, with a gradient of its output.
      let earlier = plan.isReverse ? running(t + 1) : t == 0 ? 0 : count
      let isFresh = earlier == 0 || place.hiddenGradientSlot == 0
      if !isFresh && earlier < count { clear(before, rows: share.outputs, lanes: earlier..<step.lanes) }
      let cellGradient = CellGradient(
        hidden: plan.isProjected ? base + place.unprojectedGradient : dh, state: stateGradient, previousHidden: before,
        isFresh: isFresh,
        gated: base + place.gatedGradient, vectors: base + place.vectorGradient, scratch: base + place.scratch)
      let ending = endingLanes(plan, at: t)
      let keepsEnding = plan.hasDirectStatePath && !plan.isReverse && !ending.isEmpty
      if keepsEnding { keepEnding(place, before, rows: share.outputs, lanes: ending) }
      takeZoned(plan, place, dh: dh, at: t, share: share)
      if plan.isProjected {
        team.wait()
        product(
          cellGradient.hidden + units.lowerBound * lanes, lanes, rows: units.count, lanes: step.lanes,
          from: RK_FROM_ZERO,
          rk_term(
            a: transposed + plan.transposedProjection + units.lowerBound * plan.outputSize, aRow: plan.outputSize,
            b: dh, bRow: lanes, k: plan.outputSize))
        keepProjected(plan, place, dh: dh, step: step, share: share, to: scratch(number))
      }
      if plan.phaseCount == 2 {
        cell.backward(self.step(plan, place, at: t, phase: 1, units: units), cellGradient)
        team.wait()
        backpropagate(
          plan, step: step, to: cellGradient.gated, rows: units, from: RK_FROM_ZERO,
          matrix: transposed + plan.transposedHidden, width: plan.hiddenRows, operand: .gated)
        if masksHidden(plan) {
          maskHidden(plan, cellGradient.gated, to: cellGradient.gated, rows: units, running: count, adds: false)
        }
      }
      cell.backward(step, cellGradient)
      if !ending.isEmpty { clearEnding(plan, place, step: step, lanes: ending, share: share) }
      if keepsEnding { putBackEnding(place, before, isFresh: isFresh, rows: share.outputs, lanes: ending) }
      transposeInputs(plan, place, at: t, step: step, to: scratch(number))
      team.wait()

      if earlier > 0 || needsInitialGradient {
        let masks = masksHidden(plan)
        let isEmpty = isFresh && !plan.hasDirectStatePath
        backpropagate(
          plan, step: step, to: masks ? base + place.maskedGradient : before, rows: share.outputs,
          from: isEmpty || masks ? RK_FROM_ZERO : RK_FROM_C, matrix: transposed + plan.transposedHidden,
          width: plan.hiddenRows, operand: .hidden)
        if masks {
          maskHidden(
            plan, base + place.maskedGradient, to: before, rows: share.outputs, running: count, adds: !isEmpty)
        }
      }
      addZoned(plan, place, dh: before, at: t, share: share)
      for source in plan.sources {
        guard let dx = gradientRows(of: source, at: t) else { continue }
        backpropagate(
          plan, step: step, to: dx, rows: team.share(of: source.size),
          from: plan.beginsInputGradient ? RK_FROM_ZERO : RK_FROM_C,
          matrix: transposed + plan.transposedInput + source.column * plan.inputRows, width: plan.inputRows,
          operand: .input)
      }
      if plan.isReverse && needsInitialGradient {
        keepInitialGradients(plan, place, from: before, lanes: earlier..<count, share: share)
      }
      if !plan.normalizes {
        accumulateBiases(plan, step: step, gradient: gradient, isFirst: isFirst && pending.isEmpty)
      }
      pending = (pending.isEmpty ? number : pending.lowerBound)..<number + 1
      if pending.count == layout.stepsPerSum { flush() }
    }
    flush()
    if isFirst { clearGradient(plan, gradient) }
    sumVectorGradients(plan, place, gradient: gradient, units: units)
    team.wait()
  }

  /// to[rows] = start + matrix[rows] · dz, matrix being Wᵀ or Uᵀ with one column per pre-activation that reads the
  /// operand.
  @inline(__always)
  private func backpropagate(
    _ plan: LayerPlan, step: CellStep, to: Floats, rows: Range<Int>, from start: rk_start,
    matrix: UnsafePointer<Float>, width: Int, operand: Operand
  ) {
    var start = start
    for segment in plan.segments {
      let isRead = operand == .input || segment.isGated == (operand == .gated)
      guard isRead, let column = operand == .input ? segment.inputRow : segment.hiddenRow else { continue }
      product(
        to + rows.lowerBound * step.laneStride, step.laneStride, rows: rows.count, lanes: step.lanes, from: start,
        rk_term(
          a: matrix + rows.lowerBound * width + column, aRow: width,
          b: step.gates + segment.firstGate * plan.hiddenSize * step.laneStride, bRow: step.laneStride,
          k: segment.gateCount * plan.hiddenSize))
      start = RK_FROM_C
    }
  }

  /// Adds what the final states' gradients say to the lanes that end at this step.
  private func addFinalGradients(
    _ plan: LayerPlan, _ place: TileLayout.Layer, to dh: Floats, lanes: Range<Int>, share: LayerShare
  ) {
    eachGradientRow(plan, place, dh: dh, share: share) { gradient, row in
      let final = base + place.finalGradient + row
      for lane in lanes { gradient[lane] += final[lane] }
    }
  }

  /// Keeps the gradients of the initial states of lanes that have come to where they began.
  private func keepInitialGradients(
    _ plan: LayerPlan, _ place: TileLayout.Layer, from dh: Floats, lanes: Range<Int>, share: LayerShare
  ) {
    eachGradientRow(plan, place, dh: dh, share: share) { gradient, row in
      let initial = base + place.initialGradient + row
      for lane in lanes { initial[lane] = gradient[lane] }
    }
  }

  /// Calls `body` with each row of the gradient of each component, dh being that of the hidden state, and with where that
  /// row begins in a state.
  private func eachGradientRow(
    _ plan: LayerPlan, _ place: TileLayout.Layer, dh: Floats, share: LayerShare,
    _ body: (_ gradient: Floats, _ row: Int) -> Void
  ) {
    for component in 0..<plan.stateCount {
      // The gradients of the components behind the hidden state lie together, without its.
      let gradient =
        component == 0 ? dh : base + place.stateGradient + (component - 1) * plan.hiddenSize * layout.lanes
      for row in share[component] {
        body(gradient + row * layout.lanes, (plan.row(of: component) + row) * layout.lanes)
      }
    }
  }

  /// The lanes between the last one running at step t and the end of its vector, if some of them begin their own way
  /// back at a later step of this pass.
  ///
  /// Their sequences have ended, but the arithmetic goes on in them and leaves anything there, infinities and NaN
  /// included. None of it may reach a gradient: not by a product with zeros, for 0 · ∞ is NaN.
  @inline(__always)
  private func endingLanes(_ plan: LayerPlan, at t: Int) -> Range<Int> {
    let count = running(t)
    let isFollowed = plan.isReverse ? count < running(0) : t > 0 && running(t - 1) > count
    return count..<(isFollowed ? padded(count) : count)
  }

  /// Clears what the arithmetic left in ending lanes: they begin their own way back at an earlier step, here or in the
  /// layer below, with nothing from this one.
  private func clearEnding(
    _ plan: LayerPlan, _ place: TileLayout.Layer, step: CellStep, lanes: Range<Int>, share: LayerShare
  ) {
    for gate in 0..<plan.gateRows / plan.hiddenSize {
      clear(step.gates + gate * step.gateStride, rows: share.units, lanes: lanes)
    }
    for component in 1..<max(plan.stateCount, 1) {
      clear(base + place.stateGradient + (component - 1) * step.gateStride, rows: share.units, lanes: lanes)
    }
    for component in 0..<plan.stateCount where plan.regularization.zoneout(component: component) > 0 {
      clear(base + place.zoned + plan.row(of: component) * layout.lanes, rows: share[component], lanes: lanes)
    }
  }

  /// Keeps the gradients of the outputs of the step before in ending lanes, to which a cell that carries its hidden
  /// state is about to add what its arithmetic makes there.
  private func keepEnding(_ place: TileLayout.Layer, _ dh: Floats, rows: Range<Int>, lanes: Range<Int>) {
    for row in rows {
      (base + place.endingGradient + row * padded(1)).update(
        from: dh + row * layout.lanes + lanes.lowerBound, count: lanes.count)
    }
  }

  /// Puts them back.
  private func putBackEnding(
    _ place: TileLayout.Layer, _ dh: Floats, isFresh: Bool, rows: Range<Int>, lanes: Range<Int>
  ) {
    if isFresh { return clear(dh, rows: rows, lanes: lanes) }
    for row in rows {
      (dh + row * layout.lanes + lanes.lowerBound).update(
        from: base + place.endingGradient + row * padded(1), count: lanes.count)
    }
  }

  private func clear(_ rows: Floats, rows range: Range<Int>, lanes: Range<Int>) {
    for row in range { (rows + row * layout.lanes + lanes.lowerBound).update(repeating: 0, count: lanes.count) }
  }

  /// Runs all layers backward through time.
  func backward(transposed: UnsafePointer<Float>, gradient: Floats, needsInitialGradient: Bool = false) {
    for (level, joint) in network.joints.enumerated().reversed() {
      backward(joint: level)
      for layer in joint.layers.reversed() {
        backward(
          layer: layer, transposed: transposed, gradient: gradient, needsInitialGradient: needsInitialGradient)
      }
    }
  }
}
