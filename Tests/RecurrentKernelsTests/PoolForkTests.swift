import RecurrentKernels
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Pools in processes that a fork has made, which have none of their threads, and with more threads than processors.
@Suite(.timeLimit(.minutes(30))) struct PoolForkTests {
  /// When a process forks.
  enum Moment: String, CaseIterable, Codable, CustomTestStringConvertible {
    case idle, duringARun, asleep

    var testDescription: String { rawValue }
  }

  @Test("a forked process's first run starts the pool's threads anew", arguments: Moment.allCases, [1, 8])
  func inheritedPool(moment: Moment, processors: Int) async {
    // In a process of its own, since a fork copies one thread alone and every lock as it is.
    await #expect(processExitsWith: .success) { [moment = moment as Moment, processors = processors as Int] in
      Self.useInheritedPool(moment, processors: processors)
    }
  }

  private static func useInheritedPool(_ moment: Moment, processors: Int) -> Never {
    let pool = Pool(threads: 3, processors: Int32(processors))
    let started = Counters(3)
    pool.run { worker, _ in started.raise(worker) }
    let other = Counters()
    if moment == .asleep { usleep(50_000) }
    if moment == .duringARun {
      Thread.start {
        pool.run { _, _ in
          other.raise()
          usleep(300_000)
        }
      }
      // All three are at work.
      while other.all != [3] { usleep(1000) }
    }
    let child = systemFork()
    if child == 0 {
      alarm(20)
      let runs = Counters(3)
      for _ in 0..<100 { pool.run { worker, _ in runs.raise(worker) } }
      _exit(runs.all == [100, 100, 100] ? 0 : 1)
    }
    var status: Int32 = -1
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    // The parent's own threads are as they were.
    let runs = Counters()
    for _ in 0..<100 { pool.run { _, _ in runs.raise() } }
    exit(status == 0 && runs.all[0] >= 100 ? EXIT_SUCCESS : EXIT_FAILURE)
  }

  @Test("a forked process may give back a pool that it has not used, and may fork in its turn")
  func withoutUse() async {
    await #expect(processExitsWith: .success) {
      var pool: Pool? = Pool(threads: 3)
      pool?.run { _, _ in }
      let child = systemFork()
      if child == 0 {
        alarm(20)
        let grandchild = systemFork()
        let runs = Counters()
        if grandchild == 0 { pool?.run { _, _ in runs.raise() } }
        var status: Int32 = 0
        if grandchild != 0 { waitpid(grandchild, &status, 0) }
        pool = nil
        _exit(status == 0 && runs.all == [grandchild == 0 ? 3 : 0] ? 0 : 1)
      }
      var status: Int32 = -1
      while waitpid(child, &status, 0) < 0 && errno == EINTR {}
      exit(status)
    }
  }

  // MARK: More threads than processors

  @Test("workers of a pool with more threads than processors sleep while they wait, at barriers too")
  func sleepsWhileWaiting() {
    let pool = Pool(threads: 8, processors: 1)
    let barrier = UnsafeMutablePointer<rk_barrier>.allocate(capacity: 1)
    barrier.initialize(to: rk_barrier())
    defer { barrier.deallocate() }
    nonisolated(unsafe) let shared = barrier
    let late = Mutex(0.0)
    // Seven wait for one, first at a barrier and then for the end of the run.
    for _ in 0..<10 {
      pool.run { worker, workers in
        let start = threadTime()
        if worker == 3 { usleep(20_000) }
        rk_barrier_wait(shared, Int32(workers))
        let used = threadTime() - start
        late.withLock { $0 += used }
      }
    }
    #expect(late.withLock { $0 } < 0.01, "seconds of processor time while 70 waits of 0.02 s went by")
  }

  @Test("barriers and runs lose nobody who sleeps", arguments: [(2, 1), (16, 1), (5, 8)])
  func manyShortPhases(threads: Int, processors: Int) {
    let pool = Pool(threads: threads, processors: Int32(processors))
    let barrier = UnsafeMutablePointer<rk_barrier>.allocate(capacity: 1)
    barrier.initialize(to: rk_barrier())
    defer { barrier.deallocate() }
    nonisolated(unsafe) let shared = barrier
    let passed = Counters(threads)
    for _ in 0..<200 {
      pool.run { worker, workers in
        for _ in 0..<20 { rk_barrier_wait(shared, Int32(workers)) }
        passed.raise(worker)
      }
    }
    #expect(passed.all == Array(repeating: 200, count: threads))
  }

  @Test("the processors that count are those the thread is bound to")
  func affinity() throws {
    #if os(Linux)
      let wanted = try #require(firstAllowedProcessor())
      let bound = Mutex<Int32>(0)
      let isDone = Atomic(false)
      // On a thread of its own, so that no other is bound.
      Thread.start {
        bind(to: wanted)
        bound.withLock { $0 = rk_processor_count() }
        isDone.store(true, ordering: .releasing)
      }
      while !isDone.load(ordering: .acquiring) { usleep(1000) }
      #expect(bound.withLock(\.self) == 1)
    #endif
    #expect(rk_processor_count() >= 1)
    #expect(Int(rk_processor_count()) <= sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}

/// Seconds the calling thread has run on a processor.
private func threadTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// The system's `fork`, which Swift keeps from programs since most of them could not go on in the child.
private func systemFork() -> pid_t {
  typealias Fork = @convention(c) () -> pid_t
  #if os(Linux)
    let symbol = dlsym(nil, "fork")
  #else
    let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: -2), "fork")
  #endif
  guard let symbol else { fatalError("no fork") }
  return unsafeBitCast(symbol, to: Fork.self)()
}

/// Threads outside any pool.
private enum Thread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  static func start(_ body: @escaping @Sendable () -> Void) {
    let argument = Unmanaged.passRetained(Body(body)).toOpaque()
    #if os(Linux)
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { argument in
          argument.map { Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run() }
          return nil
        }, argument)
      pthread_detach(thread)
    #else
      var thread: pthread_t?
      pthread_create(
        &thread, nil,
        { argument in
          Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
          return nil
        }, argument)
      if let thread { pthread_detach(thread) }
    #endif
  }
}

#if os(Linux)
  /// The system's calls for the processors of a thread, which Swift's module of the C library does not show.
  private typealias Affinity = @convention(c) (pid_t, Int, UnsafeMutableRawPointer) -> Int32

  private func affinity(_ name: String) -> Affinity? { dlsym(nil, name).map { unsafeBitCast($0, to: Affinity.self) } }

  private func firstAllowedProcessor() -> Int? {
    var set = [UInt8](repeating: 0, count: 128)
    guard affinity("sched_getaffinity")?(0, set.count, &set) == 0 else { return nil }
    return set.indices.first { set[$0] != 0 }.map { $0 * 8 + set[$0].trailingZeroBitCount }
  }

  private func bind(to processor: Int) {
    var set = [UInt8](repeating: 0, count: 128)
    set[processor / 8] = 1 << (processor % 8)
    _ = affinity("sched_setaffinity")?(0, set.count, &set)
  }
#endif
