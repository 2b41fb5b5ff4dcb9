import RecurrentKernels

/// The outputs of a layer from those of its directions, see ``LayerPlan``.
extension TilePass {
  /// Computes a layer's outputs from those of its directions, at all steps and after each lane's last.
  ///
  /// ```
  /// y = dropout(merge(h→, h←) + x)
  /// ```
  func merge(_ level: Int) {
    // Outputs that are read where the cells wrote them need no pass.
    guard let regions = layout.merged[level] else { return }
    let plan = network.layers[level]
    let mine = team.share(of: plan.size)
    for t in 0..<layout.steps where running(t) > 0 {
      let y = regions.output(base, slot: t)
      merge(plan, rows: mine, lanes: padded(running(t)), to: y) { output(of: $0, at: t) }
      if plan.isResidual {
        eachPart(plan.inputs, of: mine) { source, rows in
          addRows(rows, of: self.rows(of: source, at: t), to: y + source.column * lanes, running: running(t))
        }
      }
      drop(plan, level, step: window.lowerBound + t, rows: mine, running: running(t), in: y)
    }
    if !regions.last.isEmpty && !isRepeated {
      let y = regions.last(base)
      // Lanes that ended in an earlier window keep their output.
      let count = window.lowerBound == 0 ? padded(sampleCount) : running(0)
      merge(plan, rows: mine, lanes: count, to: y) { layout.directions[$0].final(base) }
      if plan.isResidual {
        eachLastInput(of: plan, rows: mine, steps: 0..<layout.steps) { y[$0 * lanes + $2] += $1.pointee }
      }
      // Once, when the outputs of all lanes are there.
      if isLastWindow { drop(plan, level, step: layout.allSteps, rows: mine, running: sampleCount, in: y) }
    }
    team.wait()
  }

  /// Propagates the gradients of a layer's outputs to its directions and, if it is residual, to its input.
  func unmerge(_ level: Int) {
    guard let regions = layout.merged[level] else { return }
    let plan = network.layers[level]
    let mine = team.share(of: plan.size)
    let hasGradients = layout.directions[plan.directions.lowerBound].hiddenGradient.hasSlots
    // As far as the layer above has come.
    let steps = backwardSteps(lag: lag(ofLevel: level) - 1)
    for t in steps where running(t) > 0 {
      let dy = regions.outputGradient(base, slot: t)
      if hasGradients {
        drop(plan, level, step: window.lowerBound + t, rows: mine, running: running(t), in: dy)
        unmerge(plan, dy, rows: mine, running: running(t), outputs: { output(of: $0, at: t) }) {
          hiddenGradient(of: $0, at: t)
        }
      }
      if plan.isResidual {
        eachPart(plan.inputs, of: mine) { source, rows in
          guard let dx = gradientRows(of: source, at: t) else { return }
          let block = self.block(rows: rows.count, running: running(t))
          let first = rows.lowerBound * lanes
          if hasGradients {
            kernels.scale(block, 1, dy + source.column * lanes + first, dx + first, 0)
          } else {
            // The input's gradient starts at zero; the memory may hold any value.
            for row in rows { (dx + row * lanes).update(repeating: 0, count: block.n) }
          }
        }
      }
    }
    if !regions.last.isEmpty {
      let dy = regions.lastGradient(base)
      if !isRepeated {
        drop(plan, level, step: layout.allSteps, rows: mine, running: sampleCount, in: dy)
        unmerge(plan, dy, rows: mine, running: sampleCount, outputs: { layout.directions[$0].final(base) }) {
          layout.directions[$0].finalGradient(base)
        }
      }
      if plan.isResidual {
        eachLastInput(of: plan, rows: mine, steps: steps, isGradient: true) { $1.pointee += dy[$0 * lanes + $2] }
      }
    }
    team.wait()
  }

  /// The output of a direction at step t.
  private func output(of direction: Int, at t: Int) -> Floats {
    layout.directions[direction].state(base, slot: network.directions[direction].slot(after: t))
  }

  /// y = merge(h→, h←) for some rows, in the first of their lanes.
  private func merge(_ plan: LayerPlan, rows: Range<Int>, lanes count: Int, to y: Floats, _ output: (Int) -> Floats) {
    if plan.merge == .concatenate {
      eachPart(plan.parts, of: rows) { part, rows in
        guard let direction = part.direction else { preconditionFailure("a layer's parts are directions") }
        let first = rows.lowerBound * lanes
        kernels.scale(
          rk_block(rows: rows.count, n: count, row: lanes), 1, output(direction) + first,
          y + part.column * lanes + first, 0)
      }
      return
    }
    let block = rk_block(rows: rows.count, n: count, row: lanes)
    let first = rows.lowerBound * lanes
    let (forward, reverse) = (
      output(plan.directions.lowerBound) + first, output(plan.directions.lowerBound + 1) + first
    )
    if plan.merge == .multiply {
      kernels.multiply(block, forward, reverse, y + first)
    } else {
      let weight: Float = plan.merge == .average ? 0.5 : 1
      kernels.scale(block, weight, forward, y + first, 0)
      kernels.scale(block, weight, reverse, y + first, 1)
    }
  }

  /// Writes dh→ and dh← for some rows: dy itself, half of it, or dy times the other direction's output.
  private func unmerge(
    _ plan: LayerPlan, _ dy: Floats, rows: Range<Int>, running count: Int, outputs: (Int) -> Floats,
    _ gradient: (Int) -> Floats
  ) {
    if plan.merge == .concatenate {
      eachPart(plan.parts, of: rows) { part, rows in
        guard let direction = part.direction else { preconditionFailure("a layer's parts are directions") }
        let first = rows.lowerBound * lanes
        kernels.scale(
          self.block(rows: rows.count, running: count), 1, dy + part.column * lanes + first,
          gradient(direction) + first,
          0)
      }
      return
    }
    let block = self.block(rows: rows.count, running: count)
    let first = rows.lowerBound * lanes
    for (direction, other) in zip(plan.directions, plan.directions.reversed()) {
      if plan.merge == .multiply {
        kernels.multiply(block, dy + first, outputs(other) + first, gradient(direction) + first)
      } else {
        kernels.scale(block, plan.merge == .average ? 0.5 : 1, dy + first, gradient(direction) + first, 0)
      }
    }
  }

  /// Applies dropout to some rows in place; forward and backward are the same.
  private func drop(_ plan: LayerPlan, _ level: Int, step: Int, rows: Range<Int>, running count: Int, in y: Floats) {
    let rate = plan.regularization.dropout
    guard let masks, rate > 0 else { return }
    let mask = masks.mask(
      .dropout, layer: level, step: plan.regularization.isVariational ? 0 : step, rate: rate, row: rows.lowerBound,
      lanes: lanes, lane: laneRange.lowerBound)
    let first = y + rows.lowerBound * lanes
    kernels.dropout(block(rows: rows.count, running: count), mask, 1 / (1 - rate), first, first, 0)
  }

  private func addRows(_ rows: Range<Int>, of from: Floats, to: Floats, running count: Int) {
    let first = rows.lowerBound * lanes
    kernels.scale(block(rows: rows.count, running: count), 1, from + first, to + first, 1)
  }

  /// Calls `body` with each source that has some of the rows, and with their indices in that source.
  private func eachPart(
    _ sources: [NetworkPlan.Source], of rows: Range<Int>, _ body: (NetworkPlan.Source, Range<Int>) -> Void
  ) {
    for source in sources {
      let part = rows.clamped(to: source.column..<source.column + source.size)
      if !part.isEmpty { body(source, part.lowerBound - source.column..<part.upperBound - source.column) }
    }
  }

  /// Calls `body` with each element of the inputs of the lanes that end at some steps, or of the gradients of these.
  private func eachLastInput(
    of plan: LayerPlan, rows: Range<Int>, steps: Range<Int>, isGradient: Bool = false,
    _ body: (_ row: Int, _ element: Floats, _ lane: Int) -> Void
  ) {
    for t in steps {
      let last = running(t + 1)..<running(t)
      if last.isEmpty { continue }
      eachPart(plan.inputs, of: rows) { source, rows in
        guard let from = isGradient ? gradientRows(of: source, at: t) : self.rows(of: source, at: t) else { return }
        for row in rows {
          for lane in last { body(source.column + row, from + row * lanes + lane, lane) }
        }
      }
    }
  }
}
