import RecurrentKernels

/// The processor as the kernels see it.
public enum Processor {
  /// The instruction set of the kernels in use: `portable`, `avx2`, `avx512`, `neon` or, for comparison, `naive` and
  /// `reordered`.
  ///
  /// The best one that the machine has, unless the environment variable `RECURRENT_INSTRUCTION_SET` names another.
  public static var instructionSet: String { String(cString: kernels.name) }

  /// Measures how many floating-point operations the processor can do in a second at most: the yardstick of benchmarks.
  ///
  /// Runs fused multiply-adds on registers alone, on all threads of a pool at once.
  ///
  /// - Parameter pool: the threads to measure together.
  /// - Returns: operations per second; a multiply-add counts as two.
  /// - Complexity: seven runs of 500,000 rounds, of which the fastest counts: some milliseconds each.
  public static func measurePeak(on pool: ThreadPool) -> Double {
    let sink = Floats.zeros(PeakWork.sinkSize)
    defer { rk_free(sink) }
    let work = PeakWork(sink: sink)
    // What one thread computes, known after a run on one.
    let operations = kernels.multiplyAddPeak(PeakWork.rounds, sink)
    var best = 0.0
    let clock = ContinuousClock()
    for _ in 0..<7 {
      let start = clock.now
      pool.run(work)
      let parts = (clock.now - start).components
      let seconds = Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
      best = max(best, operations * Double(pool.threads) / seconds)
    }
    return best
  }
}

/// Some milliseconds of multiply-adds on every thread.
private struct PeakWork: ParallelWork {
  static let rounds = 500_000
  static let sinkSize = 64 * 16
  let sink: Floats

  func run(worker: Int, workers: Int) {
    _ = kernels.multiplyAddPeak(Self.rounds, sink + (worker % 16) * 64)
  }
}
