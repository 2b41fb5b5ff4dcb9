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
  /// What is left of backward behind ``RecurrentCell/backward(_:_:)``: gradients of pre-activations, which need the sums
  /// over units, and those of the cell's own parameters, which are sums over the samples of the step.
  func finishBackward(_ step: CellStep, _ gradient: CellGradient)
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
  /// The same gradients from a lane on.
  func part(from first: Int) -> CellGradient {
    CellGradient(
      hidden: hidden + first, state: state + first, previousHidden: previousHidden + first, isFresh: isFresh,
      gated: gated + first, vectors: vectors + first)
  }
}

extension TilePass {
  /// The forward arithmetic of a cell that needs all units: of this member's lanes, once all products are there.
  func forwardByLanes(_ cell: any NormalizingCell, _ step: CellStep) {
    team.wait()
    let mine = laneShare(of: step)
    if !mine.isEmpty { cell.forward(step.part(mine)) }
    team.wait()
  }

  /// The same backward, once the gradient of the state is there.
  ///
  /// Sums over samples are taken over a whole tile, or over groups of lanes that are the same for any number of members.
  func backwardByLanes(_ cell: any NormalizingCell, _ step: CellStep, _ gradient: CellGradient) {
    team.wait()
    let mine = laneShare(of: step)
    if !mine.isEmpty { cell.backward(step.part(mine), gradient.part(from: mine.lowerBound)) }
    let group = network.sharesTiles ? wholeLines(1) : step.lanes
    for first in stride(from: mine.lowerBound, to: mine.upperBound, by: group) {
      cell.finishBackward(step.part(first..<min(first + group, mine.upperBound)), gradient.part(from: first))
    }
    team.wait()
  }

  /// The lanes of this member: as many as those of the others, but for what whole cache lines ask for.
  private func laneShare(of step: CellStep) -> Range<Int> {
    func bound(_ member: Int) -> Int {
      member == team.size ? step.lanes : step.lanes * member / team.size / wholeLines(1) * wholeLines(1)
    }
    return bound(team.member)..<bound(team.member + 1)
  }
}
