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
    let units = team.share(of: plan.hiddenSize)
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
        if place.hiddenGradientSlot == 0 { clear(dh, rows: units, lanes: padded(ended)..<step.lanes) }
        addFinalGradients(plan, place, to: dh, lanes: ended..<count, units: units)
      }
      let before = hiddenGradient + plan.slot(before: t) * place.hiddenGradientSlot
      // How many lanes have a step before this one, with a gradient of its output.
      let earlier = plan.isReverse ? running(t + 1) : t == 0 ? 0 : count
      let isFresh = earlier == 0 || place.hiddenGradientSlot == 0
      if !isFresh && earlier < count { clear(before, rows: units, lanes: earlier..<step.lanes) }
      let cellGradient = CellGradient(
        hidden: dh, state: stateGradient, previousHidden: before, isFresh: isFresh,
        gated: base + place.gatedGradient, vectors: base + place.vectorGradient)
      takeZoned(plan, place, dh: dh, at: t, units: units)
      if plan.phaseCount == 2 {
        cell.backward(self.step(plan, place, at: t, phase: 1, units: units), cellGradient)
        team.wait()
        backpropagate(
          plan, step: step, to: cellGradient.gated, rows: units, from: RK_FROM_ZERO,
          matrix: transposed + plan.transposedHidden, width: plan.hiddenRows, operand: .gated)
        if masksHidden(plan) {
          maskHidden(plan, cellGradient.gated, to: cellGradient.gated, units: units, running: count, adds: false)
        }
      }
      cell.backward(step, cellGradient)
      if plan.isReverse ? count < running(0) : t > 0 && running(t - 1) > count {
        clearFinished(plan, place, step: step, from: count, units: units)
      }
      transposeInputs(plan, place, at: t, step: step, to: scratch(number))
      team.wait()

      if earlier > 0 || needsInitialGradient {
        let masks = masksHidden(plan)
        let isEmpty = isFresh && !plan.carriesHidden
        backpropagate(
          plan, step: step, to: masks ? base + place.maskedGradient : before, rows: units,
          from: isEmpty || masks ? RK_FROM_ZERO : RK_FROM_C, matrix: transposed + plan.transposedHidden,
          width: plan.hiddenRows, operand: .hidden)
        if masks {
          maskHidden(
            plan, base + place.maskedGradient, to: before, units: units, running: count, adds: !isEmpty)
        }
      }
      addZoned(plan, place, dh: before, at: t, units: units)
      for source in plan.sources {
        guard let dx = gradientRows(of: source, at: t) else { continue }
        backpropagate(
          plan, step: step, to: dx, rows: team.share(of: source.size),
          from: plan.beginsInputGradient ? RK_FROM_ZERO : RK_FROM_C,
          matrix: transposed + plan.transposedInput + source.column * plan.inputRows, width: plan.inputRows,
          operand: .input)
      }
      if plan.isReverse && needsInitialGradient {
        keepInitialGradients(plan, place, from: before, lanes: earlier..<count, units: units)
      }
      accumulateBiases(plan, step: step, gradient: gradient, isFirst: isFirst && pending.isEmpty)
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
    _ plan: LayerPlan, _ place: TileLayout.Layer, to dh: Floats, lanes: Range<Int>, units: Range<Int>
  ) {
    let final = base + place.finalGradient
    let state = base + place.stateGradient
    for component in 0..<plan.stateCount {
      for unit in units {
        let from = final + (component * plan.hiddenSize + unit) * layout.lanes
        let to = (component == 0 ? dh : state + (component - 1) * plan.hiddenSize * layout.lanes) + unit * layout.lanes
        for lane in lanes { to[lane] += from[lane] }
      }
    }
  }

  /// Keeps the gradients of the initial states of lanes that have come to where they began.
  private func keepInitialGradients(
    _ plan: LayerPlan, _ place: TileLayout.Layer, from dh: Floats, lanes: Range<Int>, units: Range<Int>
  ) {
    let state = base + place.stateGradient
    for component in 0..<plan.stateCount {
      for unit in units {
        let to = base + place.initialGradient + (component * plan.hiddenSize + unit) * layout.lanes
        let from =
          (component == 0 ? dh : state + (component - 1) * plan.hiddenSize * layout.lanes) + unit * layout.lanes
        for lane in lanes { to[lane] = from[lane] }
      }
    }
  }

  /// Clears what the arithmetic left in lanes between the last one running and the end of its vector: they begin
  /// their own way back at an earlier step, here or in the layer below, with nothing from this one.
  private func clearFinished(
    _ plan: LayerPlan, _ place: TileLayout.Layer, step: CellStep, from count: Int, units: Range<Int>
  ) {
    if count == step.lanes { return }
    let finished = count..<step.lanes
    for gate in 0..<plan.gateRows / plan.hiddenSize {
      clear(step.gates + gate * step.gateStride, rows: units, lanes: finished)
    }
    for component in 1..<max(plan.stateCount, 1) {
      clear(base + place.stateGradient + (component - 1) * step.gateStride, rows: units, lanes: finished)
    }
  }

  private func clear(_ rows: Floats, rows range: Range<Int>, lanes: Range<Int>) {
    for row in range { (rows + row * layout.lanes + lanes.lowerBound).update(repeating: 0, count: lanes.count) }
  }

  /// Writes [x h]ᵀ of the running lanes into panels, each `[lanes, width]`.
  @inline(__always)
  private func transposeInputs(
    _ plan: LayerPlan, _ place: TileLayout.Layer, at t: Int, step: CellStep, to scratch: Floats
  ) {
    let count = step.samples
    let hidden = team.share(of: plan.hiddenSize)
    for source in plan.sources {
      transpose(
        plan, rows(of: source, at: t), features: team.share(of: source.size), column: source.column, to: scratch,
        count: count)
    }
    transpose(
      plan, hiddenState(plan, place, at: t), features: hidden, column: plan.hiddenColumn, to: scratch, count: count)
    if plan.phaseCount == 2 {
      // The panels of h once more, behind the others.
      transpose(
        plan, step.gated, features: hidden, column: plan.hiddenColumn,
        to: scratch + (plan.columns - plan.hiddenColumn) * layout.lanes, count: count)
    }
  }

  @inline(__always)
  private func transpose(
    _ plan: LayerPlan, _ from: Floats, features: Range<Int>, column: Int, to scratch: Floats, count: Int
  ) {
    for panel in plan.panels {
      let first = max(features.lowerBound + column, panel.column)
      let end = min(features.upperBound + column, panel.column + panel.width)
      if first >= end { continue }
      kernels.transpose(
        from + (first - column) * layout.lanes, layout.lanes,
        scratch + panel.column * layout.lanes + (first - panel.column), panel.width, end - first, count)
    }
  }

  /// Adds the parts of some steps to the gradients of weights, over the running lanes alone.
  ///
  /// Several steps at a time where the gradient outgrows the nearer caches: it then comes and goes that much less often.
  /// The sums are the same, step after step.
  ///
  /// - Parameter numbers: the steps, in the order in which backward came to them.
  private func accumulate(
    _ plan: LayerPlan, _ place: TileLayout.Layer, numbers: Range<Int>, gradient: Floats, isFirst: Bool
  ) {
    let mine = team.share(of: plan.gateRows)
    let start = isFirst ? RK_FROM_ZERO : RK_FROM_C
    withUnsafeTemporaryAllocation(of: rk_term.self, capacity: numbers.count) { terms in
      guard let terms = terms.baseAddress else { return }
      for segment in plan.segments {
        let rows = mine.clamped(
          to: segment.firstGate * plan.hiddenSize..<(segment.firstGate + segment.gateCount) * plan.hiddenSize)
        if rows.isEmpty { continue }
        for panel in plan.panels {
          if panel.operand == .input && segment.inputRow == nil { continue }
          if panel.operand == .hidden && segment.hiddenRow == nil { continue }
          let isGated = panel.operand == .hidden && segment.isGated
          let column = panel.column + (isGated ? plan.columns - plan.hiddenColumn : 0)
          for (index, number) in numbers.enumerated() {
            let t = step(plan, number)
            let gates = base + place.gates + t * place.gateSlot
            terms[index] = rk_term(
              a: gates + rows.lowerBound * layout.lanes, aRow: layout.lanes,
              b: scratch(number) + column * layout.lanes, bRow: panel.width, k: running(t))
          }
          kernels.product(
            gradient + plan.weightGradient + rows.lowerBound * plan.columns + panel.column, plan.columns, rows.count,
            panel.width, start, nil, terms, numbers.count)
        }
      }
    }
  }

  /// The step that backward comes to as the n-th.
  @inline(__always)
  private func step(_ plan: LayerPlan, _ number: Int) -> Int { plan.isReverse ? number : layout.steps - 1 - number }

  /// Where the transposed inputs of backward's n-th step lie.
  ///
  /// There are twice as many places as steps that are accumulated together: while one thread still reads them, others
  /// may already write the next.
  @inline(__always)
  private func scratch(_ number: Int) -> Floats {
    base + layout.scratch + number % (2 * layout.stepsPerSum) * layout.scratchSize
  }

  /// Adds one step's part to the gradients of biases.
  @inline(__always)
  private func accumulateBiases(_ plan: LayerPlan, step: CellStep, gradient: Floats, isFirst: Bool) {
    let mine = team.share(of: plan.gateRows)
    let biases = gradient + plan.biasGradient + mine.lowerBound
    if isFirst { biases.update(repeating: 0, count: mine.count) }
    kernels.rowSums(step.gates + mine.lowerBound * step.laneStride, step.laneStride, biases, mine.count, step.samples)
  }

  /// Adds up the lanes of the gradients of the cell's own parameters.
  private func sumVectorGradients(_ plan: LayerPlan, _ place: TileLayout.Layer, gradient: Floats, units: Range<Int>) {
    for vector in 0..<plan.vectorCount {
      let first = vector * plan.hiddenSize + units.lowerBound
      let sums = gradient + plan.vectorGradient + first
      sums.update(repeating: 0, count: units.count)
      kernels.rowSums(
        base + place.vectorGradient + first * layout.lanes, layout.lanes, sums, units.count, tile.sampleCount)
    }
  }

  private func clearGradient(_ plan: LayerPlan, _ gradient: Floats) {
    guard team.member == 0 else { return }
    (gradient + plan.weightGradient).update(repeating: 0, count: plan.gateRows * plan.columns)
    (gradient + plan.biasGradient).update(repeating: 0, count: plan.gateRows)
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

  /// Turns logits into losses and their gradient, and carries that through the head to the top layer's final state.
  ///
  /// ```
  /// dlogits = (softmax(logits) - one-hot) / batch
  /// dV = dlogits hᵀ    dc = Σ over lanes of dlogits    dh = Vᵀ dlogits
  /// ```
  func backwardHead(transposed: UnsafePointer<Float>, gradient: Floats, batchSize: Int) {
    guard let head = network.head else { return }
    if team.member == 0 {
      let lanes = layout.lanes
      let count = tile.sampleCount
      let logits = base + layout.logits
      kernels.softmaxCrossEntropy(
        logits, lanes, head.classCount, count, tile.labels, 1 / Float(batchSize), base + layout.losses, tile.correct)
      for source in network.outputs {
        kernels.transpose(
          base + lastOutput(of: source), lanes, base + layout.features + source.column, head.columns, source.size, count
        )
      }
      product(
        gradient + head.weightGradient, head.columns, rows: head.classCount, lanes: head.columns, from: RK_FROM_ZERO,
        rk_term(a: logits, aRow: lanes, b: base + layout.features, bRow: head.columns, k: count))
      let biases = gradient + head.biasGradient
      biases.update(repeating: 0, count: head.classCount)
      kernels.rowSums(logits, lanes, biases, head.classCount, count)
      for source in network.outputs {
        guard let layer = source.layer else { continue }
        let joint = layout.joints[network.layers[layer].level]
        product(
          base + (joint.map { $0.lastGradient + source.column * lanes } ?? layout.layers[layer].finalGradient), lanes,
          rows: source.size, lanes: padded(count),
          from: RK_FROM_ZERO,
          rk_term(
            a: transposed + head.transposed + source.column * head.classCount, aRow: head.classCount, b: logits,
            bRow: lanes, k: head.classCount))
      }
    }
    team.wait()
  }
}
