import RecurrentKernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Forks, joins and barriers, with as many threads as there are cores and with many more.
@Suite(.timeLimit(.minutes(30))) struct PoolTests {
  static let sizes = [1, 2, 3, 16]

  @Test(arguments: sizes)
  func everyWorkerRunsOnce(_ threads: Int) {
    let pool = Pool(threads: threads)
    #expect(pool.threads == threads)
    let runs = Counters(threads)
    let wrong = Counters()
    for _ in 0..<200 {
      pool.run { worker, workers in
        runs.raise(worker)
        if workers != threads { wrong.raise() }
      }
    }
    #expect(runs.all == [Int](repeating: 200, count: threads))
    #expect(wrong.all == [0])
  }

  @Test func callerIsWorkerZero() {
    let pool = Pool(threads: 3)
    let caller = UInt(bitPattern: pthread_self().hashValue)
    let wrong = Counters()
    pool.run { worker, _ in
      let isCaller = UInt(bitPattern: pthread_self().hashValue) == caller
      if isCaller != (worker == 0) { wrong.raise() }
    }
    #expect(wrong.all == [0])
  }

  @Test(arguments: [2, 16])
  func runInsideARunGoesAlone(_ threads: Int) {
    let pool = Pool(threads: threads)
    let inner = Counters()
    let wrong = Counters()
    for _ in 0..<50 {
      pool.run { _, _ in
        pool.run { worker, workers in
          inner.raise()
          if (worker, workers) != (0, 1) { wrong.raise() }
        }
      }
    }
    #expect(inner.all == [50 * threads])
    #expect(wrong.all == [0])
  }

  @Test(arguments: [2, 5])
  func runsFromSeveralThreadsAreAllDone(_ threads: Int) async {
    let pool = Pool(threads: threads)
    let shares = Counters()
    let incomplete = Counters()
    await withTaskGroup { group in
      for _ in 0..<2 {
        group.addTask {
          for _ in 0..<1000 {
            // However many workers a run gets, together they must do all of it before it returns.
            let done = Counters(12)
            pool.run { worker, workers in
              for index in stride(from: worker, to: 12, by: workers) { done.raise(index) }
            }
            if done.all != [Int](repeating: 1, count: 12) { incomplete.raise() }
            shares.raise()
          }
        }
      }
    }
    #expect(shares.all == [2000])
    #expect(incomplete.all == [0])
  }

  @Test func manyShortRuns() {
    let pool = Pool(threads: 2)
    let runs = Counters(2)
    for _ in 0..<100_000 { pool.run { worker, _ in runs.raise(worker) } }
    #expect(runs.all == [100_000, 100_000])
  }

  @Test(arguments: [2, 16])
  func wakesAfterIdling(_ threads: Int) {
    let pool = Pool(threads: threads)
    let runs = Counters(threads)
    // Around the time after which workers stop spinning and go to sleep, and well beyond it.
    for microseconds in [0, 10, 20, 40, 60, 80, 120, 200, 1000, 20_000] {
      for _ in 0..<20 where microseconds < 20_000 || runs.all[0] < 185 {
        usleep(UInt32(microseconds))
        pool.run { worker, _ in runs.raise(worker) }
      }
    }
    #expect(Set(runs.all).count == 1 && runs.all[0] >= 180)
  }

  @Test func idleWorkersSleep() {
    let pool = Pool(threads: 2)
    let times = UnsafeMutablePointer<Double>.allocate(capacity: 2)
    defer { times.deallocate() }
    nonisolated(unsafe) let written = times
    for round in 0..<2 {
      pool.run { worker, _ in if worker == 1 { written[round] = ownProcessorTime() } }
      if round == 0 { usleep(200_000) }
    }
    #expect(times[1] - times[0] < 0.05, "seconds of processor time in 0.2 s without work")
  }

  @Test(arguments: [1, 2, 7])
  func barrierHoldsEveryoneBack(_ threads: Int) {
    let pool = Pool(threads: threads)
    let barrier = UnsafeMutablePointer<rk_barrier>.allocate(capacity: 1)
    barrier.initialize(to: rk_barrier())
    let slots = UnsafeMutablePointer<Int>.allocate(capacity: threads)
    slots.initialize(repeating: 0, count: threads)
    defer {
      barrier.deallocate()
      slots.deallocate()
    }
    nonisolated(unsafe) let (shared, written) = (barrier, slots)
    let early = Counters()
    pool.run { worker, workers in
      for phase in 1...300 {
        written[worker] = phase
        rk_barrier_wait(shared, Int32(workers))
        // Plain memory: all wrote before anyone reads, and nobody writes again before all have read.
        if (0..<workers).contains(where: { written[$0] != phase }) { early.raise() }
        rk_barrier_wait(shared, Int32(workers))
      }
    }
    #expect(early.all == [0])
    #expect((0..<threads).allSatisfy { slots[$0] == 300 })
  }

  @Test func barrierSurvivesTheEndOfItsCounter() {
    // Generations are counted in 32 bits; a long training run gets past them.
    let pool = Pool(threads: 3)
    let barrier = UnsafeMutablePointer<rk_barrier>.allocate(capacity: 1)
    barrier.initialize(to: rk_barrier())
    barrier.pointee.generation = .max - 2
    defer { barrier.deallocate() }
    nonisolated(unsafe) let shared = barrier
    let passed = Counters()
    pool.run { _, workers in
      for _ in 0..<6 { rk_barrier_wait(shared, Int32(workers)) }
      passed.raise()
    }
    #expect(passed.all == [3])
  }

  @Test func workersFlushDenormalsAndTheCallerGetsItsRoundingBack() {
    let pool = Pool(threads: 3)
    let kept = Counters(3)
    func quarterOfSmallest() -> Float {
      var y: Float = 0
      rk_kernels_in_use().pointee.addScaled(0.25, [Float.leastNormalMagnitude], &y, 1)
      return y
    }
    for _ in 0..<3 {
      pool.run { worker, _ in
        var y: Float = 0
        rk_kernels_in_use().pointee.addScaled(0.25, [Float.leastNormalMagnitude], &y, 1)
        if y.bitPattern != 0 { kept.raise(worker) }
      }
      // Bits: where denormals count as zero they also equal it.
      #expect(quarterOfSmallest().bitPattern == 0x0020_0000)
    }
    #expect(kept.all == [0, 0, 0])
  }

  @Test(arguments: [0, -1, -1000])
  func noPoolWithoutThreads(_ threads: Int) {
    #expect(rk_pool_create(Int32(threads), 2) == nil)
  }

  @Test func mayBeDestroyedAtOnce() {
    for threads in 1...8 {
      for _ in 0..<20 { _ = Pool(threads: threads) }
    }
  }
}

/// Seconds the calling thread has run on a processor.
private func ownProcessorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
