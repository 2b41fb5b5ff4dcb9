import ArgumentParser
import Recurrent

/// Where a run leaves its results, and what it runs on.
struct RunOptions: ParsableArguments {
  @Option(help: "The folder for configuration, metrics and model; made anew. (default: runs/ and a name of its own)")
  var runDir: String?

  @Option(help: "Log loss and accuracy of every so manieth batch.")
  var logEvery = 100

  @OptionGroup
  var threads: ThreadOptions

  func validate() throws {
    try require("--log-every", logEvery, atLeast: 1)
  }
}

/// How many threads work.
struct ThreadOptions: ParsableArguments {
  @Option(help: "Threads to work with; results do not depend on it. (default: one per processor)")
  var threads: Int?

  func validate() throws {
    guard let threads else { return }
    try require("--threads", threads, atLeast: 1)
    if threads > 1024 { throw ValidationError("--threads: found \(threads), expected at most 1024") }
  }

  /// The threads to work with.
  var pool: ThreadPool { threads.map { ThreadPool(threads: $0) } ?? .shared }
}
