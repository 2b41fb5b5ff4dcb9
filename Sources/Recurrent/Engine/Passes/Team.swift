import RecurrentKernels

/// The workers that share one tile of samples: a single worker, or all workers of a run.
struct Team {
  /// The index of this worker in the team.
  let worker: Int
  let size: Int
  let barrier: UnsafeMutablePointer<rk_barrier>

  /// Whether this worker does the work that only one has to do.
  var isFirst: Bool { worker == 0 }

  /// Waits until every worker of the team has reached this point.
  @inline(__always)
  func wait() {
    if size > 1 { rk_barrier_wait(barrier, Int32(size)) }
  }

  /// The part of `0..<count` that this worker computes.
  @inline(__always)
  func share(of count: Int) -> Range<Int> { Recurrent.share(of: count, worker: worker, workers: size) }
}

/// The rows of a direction's regions that one worker of a team computes.
struct RowShare {
  /// Hidden units.
  let units: Range<Int>
  /// Features of the hidden state; the same as units unless it is projected.
  let outputs: Range<Int>

  /// The rows of a component of the state.
  subscript(component: Int) -> Range<Int> { component == 0 ? outputs : units }
}
