@testable import Recurrent
import Synchronization
import Testing

/// Notes which workers ran, and of how many.
private final class Roll: ParallelWork, Sendable {
  let seen = Mutex<[(worker: Int, workers: Int)]>([])
  /// What each worker does besides.
  private let extra: (@Sendable () -> Void)?

  var workers: [Int] { seen.withLock { $0.map(\.worker).sorted() } }
  var sizes: Set<Int> { seen.withLock { Set($0.map(\.workers)) } }

  init(_ extra: (@Sendable () -> Void)? = nil) { self.extra = extra }

  func run(worker: Int, workers: Int) {
    extra?()
    seen.withLock { $0.append((worker, workers)) }
  }
}

/// Pools, and how work is cut for them.
@Suite struct ThreadPoolTests {
  @Test("each worker runs once per run, and all have finished when it returns", arguments: [1, 2, 3, 5])
  func eachWorkerOnce(threads: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threads == threads)
    for _ in 0..<500 {
      let roll = Roll()
      pool.run(roll)
      #expect(roll.workers == Array(0..<threads))
      #expect(roll.sizes == [threads])
    }
  }

  @Test("a pool that is asked by its own worker lets it work alone")
  func nested() {
    let pool = ThreadPool(threads: 2)
    let inner = Roll()
    pool.run(Roll { pool.run(inner) })
    #expect(inner.workers == [0, 0])
    #expect(inner.sizes == [1])
  }

  @Test("a pool goes on after its threads have slept")
  func afterSleep() async throws {
    let pool = ThreadPool(threads: 3)
    for _ in 0..<3 {
      let roll = Roll()
      pool.run(roll)
      #expect(roll.workers == [0, 1, 2])
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test("the shared pool has a thread for each processor")
  func shared() {
    #expect(ThreadPool.processorCount >= 1)
    #expect(ThreadPool.shared.threads == ThreadPool.processorCount)
  }

  @Test("shares of any count cover it without gaps, as even as can be", arguments: [1, 2, 3, 7])
  func shares(workers: Int) {
    for count in 0..<50 {
      let parts = (0..<workers).map { share(of: count, worker: $0, workers: workers) }
      #expect(parts.flatMap { Array($0) } == Array(0..<count))
      let sizes = parts.map(\.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }
  }

  @Test(
    "tiles hold each sequence once, depend on nothing but sizes, and shrink evenly",
    arguments: [(5, false, 0), (96, false, 400), (5, true, 0), (96, true, 16), (256, true, 16), (336, true, 21)])
  func tiling(hiddenSize: Int, normalizes: Bool, mostSamplesShared: Int) {
    let cell = LSTMCell(hiddenSize: hiddenSize, options: .init(hasLayerNorm: normalizes))
    let network = NetworkPlan(input: .features(3), layers: [LayerConfiguration(cell)], head: (2, .last))
    for count in 0...400 {
      let tiling = Tiling(network: network, sampleCount: count)
      #expect(tiling.sharesTiles == (count <= mostSamplesShared && mostSamplesShared > 0))
      let counts = (0..<tiling.tileCount).map { tiling.count(of: $0) }
      #expect(counts.reduce(0, +) == count)
      #expect(counts.allSatisfy { $0 > 0 && $0 <= tiling.samplesPerTile })
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
      #expect(tiling.samplesPerTile <= (tiling.sharesTiles ? 128 : 64))
      let unit = tiling.sharesTiles ? 16 : 8
      #expect(tiling.lanes.isMultiple(of: unit) && 0..<unit ~= tiling.lanes - tiling.samplesPerTile)
    }
  }
}
