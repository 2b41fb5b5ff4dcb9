import Synchronization

/// Jobs that are not in use, for the next pass that needs one.
///
/// Copies of a network share a cache; several threads may use a network at once, each with a job of its own.
final class JobCache<Job: NetworkJob>: Sendable {
  private struct Jobs: ~Copyable, @unchecked Sendable {  // jobs in the cache are referred to from nowhere else
    var idle: [Job] = []
  }

  private let network: NetworkPlan
  private let jobs = Mutex(Jobs())

  init(network: NetworkPlan) { self.network = network }

  /// Lends a job to `body`, made by `make` where none is idle.
  func withJob<Result>(_ make: (NetworkPlan) -> Job, _ body: (Job) -> Result) -> Result {
    let box = jobs.withLock { jobs in Box(jobs.idle.popLast()) }
    let job = box.job ?? make(network)
    defer {
      let box = Box(job)
      jobs.withLock { jobs in
        if let job = box.job { jobs.idle.append(job) }
      }
    }
    return body(job)
  }

  // Carries a job through the lock; only one side ever holds it.
  private struct Box: @unchecked Sendable {
    let job: Job?
    init(_ job: Job?) { self.job = job }
  }
}
