import ArgumentParser
import Recurrent

/// `recurrent`: recurrent neural networks that train, explain and run on any processor.
public struct RootCommand: AsyncParsableCommand {
  /// The name, the subcommands and what they are about.
  public static let configuration = CommandConfiguration(
    commandName: "recurrent",
    abstract: "Recurrent neural networks that train, explain and run on any processor.",
    discussion: """
      Begin with 'recurrent train': three LSTM layers learn to read digits row by row, in some seconds.
      """,
    version: version,
    subcommands: [Train.self, Evaluate.self, Predict.self, Inspect.self, Benchmark.self, Data.self])

  /// The version of this package.
  public static let version = "0.1.0"

  /// The command itself; it does nothing but show its subcommands.
  public init() {}

  /// Parses the process's arguments, runs the command and ends the process with its status.
  ///
  /// A failure is one line on standard error; the statuses are those of sysexits(3).
  public static func runAndExit() async -> Never {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      exit(.success)
    } catch let failure as CommandFailure {
      Terminal.error(failure.message)
      exit(failure.status)
    } catch {
      // What the parser throws to show help or the version is no failure.
      if exitCode(for: error).isSuccess { exit(withError: error) }
      Terminal.error(message(for: error))
      exit(error is ExitCode ? .init(rawValue: exitCode(for: error).rawValue) : .usage)
    }
  }

  private static func exit(_ status: ExitStatus) -> Never { exit(withError: ExitCode(status.rawValue)) }
}
