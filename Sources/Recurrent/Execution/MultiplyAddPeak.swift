import RecurrentKernels

/// How many floating-point operations a second the processor can do at most, measured: the yardstick of benchmarks.
public enum MultiplyAddPeak {
  /// Runs fused multiply-adds on registers alone, on all threads of a pool at once.
  ///
  /// - Parameter pool: the threads to measure together.
  /// - Returns: operations per second; a multiply-add counts as two.
  /// - Complexity: seven runs of 500,000 rounds, of which the fastest counts: some milliseconds each.
  public static func measure(on pool: ThreadPool) -> Double {
    let job = PeakJob()
    var best = 0.0
    let clock = ContinuousClock()
    for _ in 0..<7 {
      let start = clock.now
      pool.run(job)
      let parts = (clock.now - start).components
      let seconds = Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
      best = max(best, job.operations * Double(pool.threads) / seconds)
    }
    return best
  }
}

/// Some milliseconds of multiply-adds on every thread.
private final class PeakJob: ParallelJob {
  private let rounds = 500_000
  private let sink: Floats

  /// Operations of one thread.
  private(set) var operations = 0.0

  override init() { sink = Tile.allocate(64 * 16) }

  deinit { rk_free(sink) }

  override func run(worker: Int, workers: Int) {
    let done = kernels.multiplyAddPeak(rounds, sink + (worker % 16) * 64)
    if worker == 0 { operations = done }
  }
}
