/// A cell whose arithmetic takes sums over all units of a sample, so that no unit can be computed without the others.
///
/// What the engine does for it: members of a team divide the lanes of a tile among them, not the units, so that each sees
/// all units of its samples and a sum has the same bits for any number of threads. The pre-activations come without
/// biases, which the cell adds after its norms: they are the first of its vectors, before those it names, in
/// ``CellStep/vectors`` and in ``CellGradient/vectors``.
///
/// In streaming, where units are lanes, sums must be taken in the order of the batch form, and not over the zeros that
/// fill up the row.
protocol NormalizingCell: RecurrentCell {
  /// Whether this very cell does so.
  var normalizes: Bool { get }
  /// How many floats per sample backward needs besides what forward kept, for one step at a time.
  var scratchSize: Int { get }
}

extension CellStep {
  /// The same step for some lanes and all units.
  func part(_ lanes: Range<Int>) -> CellStep {
    let first = lanes.lowerBound
    return CellStep(
      units: 0..<hiddenSize, phase: phase, lanes: lanes.count, samples: min(max(samples - first, 0), lanes.count),
      laneStride: laneStride, hiddenSize: hiddenSize, gates: gates + first, saved: saved + first, gated: gated + first,
      vectors: vectors, previous: previous + first, next: next + first)
  }
}

extension CellGradient {
  /// The same gradients from a lane on, with `scratchSize` floats of scratch for each lane.
  func part(from first: Int, scratchSize: Int) -> CellGradient {
    CellGradient(
      hidden: hidden + first, state: state + first, previousHidden: previousHidden + first, isFresh: isFresh,
      gated: gated + first, vectors: vectors + first, scratch: scratch + first * scratchSize)
  }
}

extension TilePass {
  /// The forward arithmetic of a cell that needs all units: of this member's lanes, once all products are there.
  func forwardByLanes(_ cell: any RecurrentCell, _ step: CellStep) {
    team.wait()
    let mine = laneShare(of: step)
    if !mine.isEmpty { cell.forward(step.part(mine)) }
    team.wait()
  }

  /// The same backward, once the gradient of the state is there.
  func backwardByLanes(_ plan: LayerPlan, _ step: CellStep, _ gradient: CellGradient) {
    team.wait()
    let mine = laneShare(of: step)
    if !mine.isEmpty {
      plan.cell.backward(step.part(mine), gradient.part(from: mine.lowerBound, scratchSize: plan.scratchSize))
    }
    team.wait()
  }

  private func laneShare(of step: CellStep) -> Range<Int> {
    let group = padded(1)
    let groups = team.share(of: step.lanes / group)
    return groups.lowerBound * group..<groups.upperBound * group
  }
}
