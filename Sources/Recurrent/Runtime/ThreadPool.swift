import RecurrentKernels
import RecurrentSupport

/// Threads that work on one training step or one batch together.
///
/// The threads spin for some microseconds after each run, since the next one usually follows at once, and then sleep;
/// those of a pool with more threads than processors sleep at once. A pool that is asked while it is busy lets the
/// asking thread do the work alone. The number of threads changes how long a result takes, never its bits.
///
/// In a process that `fork` has made, a pool starts its threads anew.
public final class ThreadPool: Sendable {
  /// A pool with one thread per fast processor, shared by all networks that are not given another.
  public static let shared = ThreadPool(threads: processorCount)

  /// The number of processors that a pool uses by default: those that the process is bound to, and no more than its
  /// control group's quota of processor time, as containers have one, keeps busy.
  ///
  /// If some are slower than others, as the E cores of a laptop, only the fast ones count: threads wait for the last.
  ///
  /// - Complexity: reads a few small files of the system.
  public static var processorCount: Int { min(usableProcessorCount, PerformanceCores.count ?? .max) }

  /// The number of processors that threads of this process may keep busy at a time, fast or slow.
  private static var usableProcessorCount: Int { min(Int(rk_processor_count()), ProcessorQuota.read() ?? .max) }

  /// How many threads work together, the calling one among them.
  public let threads: Int

  // A handle to C state that is made once and safe to use from any thread.
  private nonisolated(unsafe) let pool: OpaquePointer?

  /// A pool of threads, or of as many as the system grants.
  ///
  /// - Parameter threads: how many work together, the calling one among them.
  /// - Precondition: `threads` is at least 1.
  /// - Complexity: starts all threads but the calling one.
  public init(threads: Int) {
    require(threads >= 1, "a pool needs at least one thread; found \(threads)")
    let processors = Int32(Self.usableProcessorCount)
    var count = threads
    var pool = rk_pool_create(Int32(count), processors)
    while pool == nil && count > 1 {
      count /= 2
      pool = rk_pool_create(Int32(count), processors)
    }
    self.pool = pool
    self.threads = count
  }

  deinit {
    if let pool { rk_pool_destroy(pool) }
  }

  /// Runs work on all threads at once and returns when all have finished.
  ///
  /// Allocates nothing.
  func run<Work: ParallelWork>(_ work: borrowing Work) {
    let rounding = rk_flush_denormals()
    defer { rk_restore_rounding(rounding) }
    withUnsafePointer(to: work) { work in
      // An existential of one word, which needs no memory of its own.
      var shared: any ParallelWork = PointedWork(work: work)
      withUnsafeMutablePointer(to: &shared) { shared in
        let workers = pool.map { rk_pool_begin($0, Self.doShare, shared) } ?? 1
        work.pointee.run(worker: 0, workers: Int(workers))
        if let pool, workers > 1 { rk_pool_end(pool) }
      }
    }
  }

  /// What the other threads do with the work that they are handed.
  private static let doShare: @convention(c) @Sendable (UnsafeMutableRawPointer?, Int32, Int32) -> Void = {
    guard let shared = $0 else { preconditionFailure("a pool was not handed its work back") }
    shared.assumingMemoryBound(to: (any ParallelWork).self).pointee.run(worker: Int($1), workers: Int($2))
  }
}

/// Calls `body` as the threads of a pool run: denormal numbers count as zero, so that work gives the same bits on the
/// calling thread as on a pool.
package func flushingDenormals(_ body: () -> Void) {
  let previous = rk_flush_denormals()
  defer { rk_restore_rounding(previous) }
  body()
}

/// Work that several threads do together: each calls `run` once, with its own index.
protocol ParallelWork {
  func run(worker: Int, workers: Int)
}

/// Work that lies in the memory of whoever asked for it.
///
/// What C hands on has one type, whatever the work.
private struct PointedWork<Work: ParallelWork>: ParallelWork {
  let work: UnsafePointer<Work>

  func run(worker: Int, workers: Int) { work.pointee.run(worker: worker, workers: workers) }
}
