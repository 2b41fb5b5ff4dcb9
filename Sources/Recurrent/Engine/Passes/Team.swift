import RecurrentKernels

/// The workers that share one tile of samples: a single worker, some, or all workers of a run.
struct Team {
  /// What each worker of a team computes of a layer's step.
  enum Division {
    /// Some units, in all lanes: for wide layers. What others computed is needed at every step.
    case rows
    /// All units, in some lanes: only sums over samples need what others computed.
    case lanes
  }

  /// The index of this worker in the team.
  let worker: Int
  let size: Int
  let barrier: UnsafeMutablePointer<rk_barrier>
  var division = Division.rows

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

extension Team {
  /// The lanes that this worker computes: whole cache lines, so that no line has two writers.
  func lanes(of count: Int) -> Range<Int> {
    if division == .rows { return 0..<count }
    let lines = share(of: wholeLines(count) / wholeLines(1))
    return min(lines.lowerBound * wholeLines(1), count)..<min(lines.upperBound * wholeLines(1), count)
  }

  /// The team that divides the rows of these lanes: this worker alone if others have the other lanes.
  var forRows: Team { division == .rows ? self : Team(worker: 0, size: 1, barrier: barrier) }

  /// The same workers, dividing rows.
  var dividingRows: Team { Team(worker: worker, size: size, barrier: barrier) }
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
