import RecurrentKernels

/// Initial and final states of a tile, and their gradients.
extension TilePass {
  /// Sets the states before the first step to the learned ones, or to zero.
  func setInitialStates() {
    for (plan, regions) in zip(network.directions, layout.directions) {
      guard let learned = plan.initialState else {
        clearState(plan, regions.initial)
        continue
      }
      for component in 0..<plan.stateCount {
        let first = plan.offset(of: component)
        for row in share(of: plan)[component] {
          regions.initial(base, row: plan.row(of: component) + row).update(
            repeating: parameters[learned + first + row], count: laneRange.count)
        }
      }
    }
  }

  /// Sets the gradients of all final states to zero.
  func clearFinalGradients() {
    for (plan, regions) in zip(network.directions, layout.directions) { clearState(plan, regions.finalGradient) }
  }

  /// Sets this worker's share of each component of a state to zero.
  ///
  /// The same rows as it copies later: nobody has to wait.
  private func clearState(_ plan: DirectionPlan, _ region: Region) {
    for component in 0..<plan.stateCount {
      clear(region(base, row: plan.row(of: component)), rows: share(of: plan)[component])
    }
  }

  /// Starts this window with the final states of the window before.
  func carryStates() {
    for (plan, regions) in zip(network.directions, layout.directions) {
      copyState(
        plan, from: regions.final(base), to: regions.initial(base), lanes: 0..<sampleCount, share: share(of: plan))
    }
  }

  /// Copies some lanes of a state.
  func copyState(_ plan: DirectionPlan, from: Floats, to: Floats, lanes range: Range<Int>, share: RowShare) {
    if range.isEmpty { return }
    for component in 0..<plan.stateCount {
      for unit in share[component] {
        let row = (plan.row(of: component) + unit) * lanes + range.lowerBound
        (to + row).update(from: from + row, count: range.count)
      }
    }
  }

  /// The gradient of a component of the state before a sequence's first step, for lanes with at least one step.
  func initialGradient(_ plan: DirectionPlan, component: Int) -> Floats {
    let regions = layout.directions[plan.index]
    return plan.isReverse
      ? regions.initialGradient(base, row: plan.row(of: component))
      : stateGradient(plan, component: component, dh: regions.hiddenGradient(base))
  }

  /// The same for lanes without a step: the final state of such a sequence is its initial state, and so are the
  /// gradients.
  func finalGradient(_ plan: DirectionPlan, component: Int) -> Floats {
    layout.directions[plan.index].finalGradient(base, row: plan.row(of: component))
  }

  /// The gradients of learned initial states: sums over all lanes, or zeros if another state was given.
  func sumInitialStateGradients(_ gradient: Floats) {
    if !network.learnsInitialState { return }
    for plan in network.directions where plan.initialState != nil {
      let sums = gradient + plan.initialStateGradient
      for component in 0..<plan.stateCount {
        let first = plan.offset(of: component)
        let rows = share(of: plan)[component]
        let to = sums + first + rows.lowerBound
        to.update(repeating: 0, count: rows.count)
        if !layout.purpose.hasInitialGradient { continue }
        let (ran, all) = (running(0), sampleCount)
        let skipped = rows.lowerBound * lanes
        kernels.rowSums(initialGradient(plan, component: component) + skipped, lanes, to, rows.count, ran)
        kernels.rowSums(finalGradient(plan, component: component) + skipped + ran, lanes, to, rows.count, all - ran)
      }
    }
    team.wait()
  }
}
