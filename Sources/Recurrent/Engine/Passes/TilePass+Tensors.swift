import RecurrentKernels

/// Conversion between lanes, where samples are side by side, and tensors, where each sample is a row.
extension TilePass {
  /// Copies rows of lanes to rows of samples.
  ///
  /// The workers of a team divide the lanes.
  func copyOut(_ from: Floats, features: Int, running count: Int, to: Floats, sampleStride: Int) {
    for lane in team.share(of: count) {
      let row = to + Int(positions[lane]) * sampleStride
      for i in 0..<features { row[i] = from[i * lanes + lane] }
    }
  }

  /// Copies rows of samples to rows of lanes; other lanes are set to zero.
  ///
  /// The workers of a team divide the features.
  func copyIn(_ from: UnsafePointer<Float>, features: Int, running count: Int, to: Floats, sampleStride: Int) {
    let mine = team.share(of: features)
    kernels.gatherFloats(
      from + mine.lowerBound, sampleStride, positions, count, mine.count, 1, to + mine.lowerBound * lanes, lanes,
      laneRange.count)
  }

  /// Copies states of the batch into the lanes; `rows` returns the first row of a direction's component.
  func loadStates(_ states: StateStorage, _ rows: (_ plan: DirectionPlan, _ component: Int) -> Floats) {
    for plan in network.directions {
      for component in 0..<plan.stateCount {
        let size = plan.size(of: component)
        copyIn(
          states.matrix(plan, component), features: size, running: sampleCount, to: rows(plan, component),
          sampleStride: size)
      }
    }
  }

  /// Copies states, or gradients of states, of some lanes to the batch's.
  func storeStates(
    _ states: StateStorage, lanes range: Range<Int>, _ rows: (_ plan: DirectionPlan, _ component: Int) -> Floats
  ) {
    for plan in network.directions {
      for component in 0..<plan.stateCount {
        let (size, from) = (plan.size(of: component), rows(plan, component))
        let to = states.matrix(plan, component)
        for lane in team.share(of: range.count) {
          let row = to + Int(positions[range.lowerBound + lane]) * size
          for i in 0..<size { row[i] = from[i * lanes + range.lowerBound + lane] }
        }
      }
    }
  }
}
