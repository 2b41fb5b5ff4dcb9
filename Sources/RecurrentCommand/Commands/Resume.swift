import ArgumentParser
import Recurrent

/// `recurrent resume`: goes on with a run that was stopped or killed.
struct Resume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a run, or a sweep, that was stopped before its end.",
    usage: "recurrent resume <run> [<options>]",
    discussion: """
      Training goes on from the last checkpoint in the folder, to the same bits as if it had not been stopped, on any \
      number of threads. Without a checkpoint the run begins anew.
      """)

  @Argument(
    help: ArgumentHelp("The folder of a run or of a sweep."), completion: .directory, transform: OptionValue.path)
  var folder: String

  @Option(
    help: ArgumentHelp("Go on from this checkpoint rather than the newest.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var checkpoint: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write a checkpoint at least this often, such as 30s, 5m or 1h. (default: 60s)", valueName: "time"),
    transform: OptionValue.duration)
  var checkpointEvery: Duration?

  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    var command = try RunRepetition.command(resuming: folder)
    command.options.run.runDir = folder
    command.options.run.threads = threads
    command.options.run.checkpointEvery = checkpointEvery
    try await command.resume(folder, checkpoint: checkpoint)
  }
}
