import ArgumentParser
import Recurrent

/// Where a run writes its results, and how it runs.
struct RunOptions: RecordableArguments {
  /// The options that are not recorded, because the result of a run does not depend on them.
  static let unrecorded: Set = ["run-dir", "config", "sweep", "threads", "checkpoint-every"]

  private static let notebookInterval = 100

  @Option(
    help: ArgumentHelp(
      "Folder for configuration, metrics, model and pictures; by default a new one in 'runs'.",
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
      "Repeat a run with the options of its config.json, given as a file or as the folder of the run; options on the "
        + "command line take precedence.",
      valueName: "file"), completion: .file(), transform: OptionValue.path)
  var config: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Do a run for each of these values, such as seed=0,1,2 or shuffle=true,false, and print a table; with several "
        + "--sweep, a run for each combination. --run-dir is the folder of all runs; those that are complete are not "
        + "repeated.", valueName: "option=values"), transform: SweepAxis.parse)
  var sweep: [SweepAxis] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write a checkpoint at least this often, such as 30s, 5m or 1h, and at validations; 'recurrent resume' goes on "
        + "from the last one. (default: 60s)", valueName: "time"), transform: OptionValue.duration)
  var checkpointEvery: Duration?

  @OptionGroup
  var threads: ThreadOptions

  /// The time between two checkpoints.
  var checkpointInterval: Duration { checkpointEvery ?? .seconds(60) }

  static var recorded: [RecordedOption<Self>] { [.init("log-every", \.logEvery)] }
}

/// The number of threads.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Number of threads; by default one per processor. Results do not depend on it.", valueName: "n"),
    transform: OptionValue.threads)
  var threads: Int?

  /// The thread pool.
  var pool: ThreadPool { threads.map { ThreadPool(threads: $0) } ?? .shared }
}
