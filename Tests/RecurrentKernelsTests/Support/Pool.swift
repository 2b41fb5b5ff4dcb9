import RecurrentKernels

/// A pool of workers whose work is a closure.
final class Pool: @unchecked Sendable {
  typealias Work = @Sendable (_ worker: Int, _ workers: Int) -> Void

  private let pool: OpaquePointer

  init(threads: Int, processors: Int32 = rk_processor_count()) {
    guard let pool = rk_pool_create(Int32(threads), processors) else { preconditionFailure("no threads") }
    self.pool = pool
  }

  deinit { rk_pool_destroy(pool) }

  var threads: Int { Int(rk_pool_threads(pool)) }

  func run(_ work: @escaping Work) {
    final class Box: Sendable {
      let work: Work
      init(_ work: @escaping Work) { self.work = work }
    }
    let box = Box(work)
    // The pool's own threads do so by themselves.
    let rounding = rk_flush_denormals()
    defer { rk_restore_rounding(rounding) }
    withExtendedLifetime(box) {
      let workers = rk_pool_begin(
        pool,
        { context, worker, workers in
          guard let context else { return }
          Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().work(Int(worker), Int(workers))
        }, Unmanaged.passUnretained(box).toOpaque())
      work(0, Int(workers))
      if workers > 1 { rk_pool_end(pool) }
    }
  }
}

/// Counters that many threads may raise at once.
final class Counters: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Int32>
  let count: Int

  init(_ count: Int = 1) {
    self.count = count
    values = .allocate(capacity: count)
    values.initialize(repeating: 0, count: count)
  }

  deinit { values.deallocate() }

  /// Adds one and gives what was there before.
  @discardableResult
  func raise(_ index: Int = 0) -> Int { Int(rk_take(values + index)) }

  var all: [Int] { (0..<count).map { Int(values[$0]) } }
}
