import ArgumentParser
import Recurrent

/// `recurrent`: recurrent neural networks that train, explain and run on any processor.
public struct RootCommand: AsyncParsableCommand {
  /// The name, the subcommands and what they are about.
  public static let configuration = CommandConfiguration(
    commandName: "recurrent",
    abstract: "Train, explain and run recurrent neural networks, on any processor.",
    usage: "recurrent <subcommand> [<options>]",
    discussion: """
      Begin with 'recurrent train': three LSTM layers learn to read handwritten digits row by row, within seconds.

      Results go to standard output, notices and progress to standard error. The exit status is 0 where all went well, \
      64 where the command makes no sense, 65 where an input is not as it should be, 66 where it is missing, 70 for a \
      fault of this program, 73 where an output cannot be made, 74 where writing it fails, and 130 after Ctrl-C or \
      SIGTERM.
      """,
    version: "recurrent \(version)",
    subcommands: [Train.self, Evaluate.self, Predict.self, Inspect.self, Benchmark.self, Data.self])

  /// The version of this package.
  public static let version = "0.1.0"

  /// The command itself; it does nothing but show its subcommands.
  public init() {}

  /// Parses the process's arguments, runs the command and ends the process with its status.
  ///
  /// A failure is one line on standard error; the statuses are those of sysexits(3).
  public static func runAndExit() async -> Never {
    Terminal.prepare()
    do {
      let arguments = normalized(Array(CommandLine.arguments.dropFirst()))
      if let fault = ArgumentCheck.fault(in: arguments) { throw CommandFailure(fault, .usage) }
      var command = try parseAsRoot(try RunRepetition.expanded(arguments))
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      Terminal.endIfReaderIsGone()
      try Terminal.checkOutput()
      exit(.success)
    } catch let failure as CommandFailure {
      Terminal.error(failure.message)
      exit(failure.status)
    } catch {
      // What the parser throws to show help or the version is no failure.
      let code = exitCode(for: error)
      if code.isSuccess { exit(withError: error) }
      Terminal.error(ArgumentCheck.inOneLine(message(for: error)))
      exit(code == .validationFailure ? .usage : .bug)
    }
  }

  /// The options of plain `train` are those of its default subcommand, and so is its help.
  static func normalized(_ arguments: [String]) -> [String] {
    if arguments == ["help", "train"] { return ["train", "best", "--help"] }
    guard arguments.first == "train", arguments.dropFirst().first?.hasPrefix("-") ?? true else { return arguments }
    return ["train", "best"] + arguments.dropFirst()
  }

  private static func exit(_ status: ExitStatus) -> Never { exit(withError: ExitCode(status.rawValue)) }
}
