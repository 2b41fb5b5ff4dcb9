import RecurrentKernels

extension TilePass {
  /// Makes a layer's outputs of those of its directions, at all steps and after each lane's last.
  ///
  /// ```
  /// y = dropout(merge(h→, h←) + x)
  /// ```
  func forward(joint level: Int) {
    guard let place = layout.joints[level] else { return }
    let plan = network.joints[level]
    let mine = team.share(of: plan.size)
    for t in 0..<layout.steps where running(t) > 0 {
      let y = base + place.output + t * plan.size * layout.lanes
      merge(plan, rows: mine, lanes: padded(running(t)), to: y) { output(of: $0, at: t) }
      if plan.isResidual {
        eachPart(plan.inputs, of: mine) { source, rows in
          addRows(rows, of: self.rows(of: source, at: t), to: y + source.column * layout.lanes, running: running(t))
        }
      }
      drop(plan, level, step: t, rows: mine, running: running(t), in: y)
    }
    if level == network.joints.count - 1 && network.head != nil {
      let y = base + place.last
      // Lanes that ended in an earlier window have theirs already, and keep it.
      let lanes = window.lowerBound == 0 ? padded(tile.sampleCount) : running(0)
      merge(plan, rows: mine, lanes: lanes, to: y) { base + layout.layers[$0].final }
      if plan.isResidual {
        eachLastInput(of: plan, rows: mine) { y[$0 * layout.lanes + $2] += $1.pointee }
      }
      drop(plan, level, step: layout.steps, rows: mine, running: tile.sampleCount, in: y)
    }
    team.wait()
  }

  /// Hands the gradients of a layer's outputs on to its directions and, of a residual layer, to its input.
  func backward(joint level: Int) {
    guard let place = layout.joints[level] else { return }
    let plan = network.joints[level]
    let mine = team.share(of: plan.size)
    let hasGradients = layout.layers[plan.layers.lowerBound].hiddenGradientSlot != 0
    for t in 0..<layout.steps where running(t) > 0 {
      let dy = base + place.outputGradient + t * plan.size * layout.lanes
      if hasGradients {
        drop(plan, level, step: t, rows: mine, running: running(t), in: dy)
        unmerge(plan, dy, rows: mine, running: running(t), outputs: { output(of: $0, at: t) }) {
          hiddenGradient(of: $0, at: t)
        }
      }
      if plan.isResidual {
        eachPart(plan.inputs, of: mine) { source, rows in
          guard let dx = gradientRows(of: source, at: t) else { return }
          let block = self.block(rows: rows.count, running: running(t))
          let first = rows.lowerBound * layout.lanes
          if hasGradients {
            kernels.scale(block, 1, dy + source.column * layout.lanes + first, dx + first, 0)
          } else {
            // That of the input begins with nothing. What the memory held does not count, whatever it was.
            for row in rows { (dx + row * layout.lanes).update(repeating: 0, count: block.n) }
          }
        }
      }
    }
    if level == network.joints.count - 1 && network.head != nil {
      let dy = base + place.lastGradient
      drop(plan, level, step: layout.steps, rows: mine, running: tile.sampleCount, in: dy)
      unmerge(plan, dy, rows: mine, running: tile.sampleCount, outputs: { base + layout.layers[$0].final }) {
        base + layout.layers[$0].finalGradient
      }
      if plan.isResidual {
        eachLastInput(of: plan, rows: mine, isGradient: true) { $1.pointee += dy[$0 * layout.lanes + $2] }
      }
    }
    team.wait()
  }

  /// What a direction gave at step t.
  private func output(of layer: Int, at t: Int) -> Floats {
    state(network.layers[layer], layout.layers[layer], after: t)
  }

  /// y = merge(h→, h←) for some rows, in the first of their lanes.
  private func merge(_ plan: JointPlan, rows: Range<Int>, lanes: Int, to y: Floats, _ output: (Int) -> Floats) {
    if plan.merge == .concatenate {
      eachPart(plan.parts, of: rows) { part, rows in
        guard let layer = part.layer else { return }
        let first = rows.lowerBound * layout.lanes
        kernels.scale(
          rk_block(rows: rows.count, n: lanes, row: layout.lanes), 1, output(layer) + first,
          y + part.column * layout.lanes + first, 0)
      }
      return
    }
    let block = rk_block(rows: rows.count, n: lanes, row: layout.lanes)
    let first = rows.lowerBound * layout.lanes
    let (forward, reverse) = (output(plan.layers.lowerBound) + first, output(plan.layers.lowerBound + 1) + first)
    if plan.merge == .multiply {
      kernels.multiply(block, forward, reverse, y + first)
    } else {
      let weight: Float = plan.merge == .average ? 0.5 : 1
      kernels.scale(block, weight, forward, y + first, 0)
      kernels.scale(block, weight, reverse, y + first, 1)
    }
  }

  /// dh→ and dh← of dy for some rows: dy itself, half of it, or dy times the other direction's output.
  private func unmerge(
    _ plan: JointPlan, _ dy: Floats, rows: Range<Int>, running count: Int, outputs: (Int) -> Floats,
    _ gradient: (Int) -> Floats
  ) {
    if plan.merge == .concatenate {
      eachPart(plan.parts, of: rows) { part, rows in
        guard let layer = part.layer else { return }
        let first = rows.lowerBound * layout.lanes
        kernels.scale(
          self.block(rows: rows.count, running: count), 1, dy + part.column * layout.lanes + first,
          gradient(layer) + first,
          0)
      }
      return
    }
    let block = self.block(rows: rows.count, running: count)
    let first = rows.lowerBound * layout.lanes
    for (layer, other) in zip(plan.layers, plan.layers.reversed()) {
      if plan.merge == .multiply {
        kernels.multiply(block, dy + first, outputs(other) + first, gradient(layer) + first)
      } else {
        kernels.scale(block, plan.merge == .average ? 0.5 : 1, dy + first, gradient(layer) + first, 0)
      }
    }
  }

  /// Dropout of some rows in place: the same forward and backward.
  private func drop(_ plan: JointPlan, _ level: Int, step: Int, rows: Range<Int>, running count: Int, in y: Floats) {
    let rate = plan.regularization.dropout
    guard let noise, rate > 0 else { return }
    let mask = noise.mask(
      .dropout, layer: level, step: plan.regularization.isVariational ? 0 : step, rate: rate, row: rows.lowerBound,
      lanes: layout.lanes)
    let first = y + rows.lowerBound * layout.lanes
    kernels.dropout(block(rows: rows.count, running: count), mask, 1 / (1 - rate), first, first, 0)
  }

  private func addRows(_ rows: Range<Int>, of from: Floats, to: Floats, running count: Int) {
    let first = rows.lowerBound * layout.lanes
    kernels.scale(block(rows: rows.count, running: count), 1, from + first, to + first, 1)
  }

  /// Calls `body` with each source that gives some of the rows, and with those rows as the source counts them.
  private func eachPart(
    _ sources: [NetworkPlan.Source], of rows: Range<Int>, _ body: (NetworkPlan.Source, Range<Int>) -> Void
  ) {
    for source in sources {
      let part = rows.clamped(to: source.column..<source.column + source.size)
      if !part.isEmpty { body(source, part.lowerBound - source.column..<part.upperBound - source.column) }
    }
  }

  /// Calls `body` with row, place and lane of what each lane read last, or of its gradient.
  private func eachLastInput(
    of plan: JointPlan, rows: Range<Int>, isGradient: Bool = false,
    _ body: (_ row: Int, _ place: Floats, _ lane: Int) -> Void
  ) {
    for t in 0..<layout.steps {
      let lanes = running(t + 1)..<running(t)
      if lanes.isEmpty { continue }
      eachPart(plan.inputs, of: rows) { source, rows in
        guard let from = isGradient ? gradientRows(of: source, at: t) : self.rows(of: source, at: t) else { return }
        for row in rows {
          for lane in lanes { body(source.column + row, from + row * layout.lanes + lane, lane) }
        }
      }
    }
  }
}
