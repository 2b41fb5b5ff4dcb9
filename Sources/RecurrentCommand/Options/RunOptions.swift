import ArgumentParser
import Recurrent

/// Where a run leaves its results, and what it runs on.
struct RunOptions: ParsableArguments {
  private static let notebookInterval = 100

  @Option(
    help: ArgumentHelp(
      "The folder for configuration, metrics, model and pictures; without it a new one below 'runs'.",
      valueName: "folder"), completion: .directory, transform: OptionValue.path)
  var runDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Log the first batch of an epoch and every n-th after it. (default: \(notebookInterval))", valueName: "n"),
    transform: OptionValue.count)
  var logEvery = notebookInterval

  @Option(
    help: ArgumentHelp(
      "Repeat a run: take all options from its config.json, or from that of its folder; those on the command line win.",
      valueName: "file"), completion: .file(), transform: OptionValue.path)
  var config: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Do a run for each of these values, such as seed=0,1,2 or shuffle=true,false, and print a table; with several "
        + "--sweep, a run for each combination. --run-dir is the folder of them all; runs that are in it are not done "
        + "again.", valueName: "option=values"), transform: SweepAxis.parse)
  var sweep: [SweepAxis] = []

  @OptionGroup
  var threads: ThreadOptions
}

/// How many threads work.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Threads to work with, by default one per processor; results do not depend on it.", valueName: "n"),
    transform: OptionValue.threads)
  var threads: Int?

  /// The threads to work with.
  var pool: ThreadPool { threads.map { ThreadPool(threads: $0) } ?? .shared }
}
