import ArgumentParser
import Recurrent
import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// `recurrent`: recurrent neural networks that train, explain and run on any processor.
public struct RootCommand: AsyncParsableCommand {
  /// The name, the help and the subcommands.
  public static let configuration = CommandConfiguration(
    commandName: "recurrent",
    abstract: "Train, explain and run recurrent neural networks, on any processor.",
    usage: "recurrent <subcommand> [<options>]",
    discussion: """
      Begin with 'recurrent train': three LSTM layers learn to classify handwritten digits row by row, within seconds.

      Results go to standard output, notices and progress to standard error. The exit status is 0 for success, 64 for \
      invalid usage, 65 for invalid input, 66 for missing input, 70 for a bug in this program, 71 for too little memory, \
      73 if an output cannot be created or would replace a file, 74 if writing fails, and 130 after Ctrl-C, SIGTERM or \
      SIGHUP. Documentation/Design/0003-names-and-statuses.md has the whole table.
      """,
    version: "recurrent \(version)",
    subcommands: [
      Train.self, Resume.self, Evaluate.self, Predict.self, Sample.self, Inspect.self, Convert.self, Compare.self,
      Report.self, Benchmark.self, Data.self,
    ])

  /// The version of this package.
  public static let version = "0.1.0"

  /// The command without a subcommand, which shows its help.
  public init() {}

  /// Parses the process's arguments, runs the command and ends the process with its status.
  ///
  /// A failure is one line on standard error; the statuses are those of sysexits(3).
  public static func runAndExit() async -> Never {
    Terminal.prepare()
    OutOfMemory.end { message in
      Terminal.error(message)
      // Other threads are running, so no handlers of `exit` may run.
      _exit(ExitStatus.outOfMemory.rawValue)
    }
    let arguments = normalized(Array(CommandLine.arguments.dropFirst()))
    do {
      try UTF8Check.check(arguments)
      if let fault = ArgumentCheck.fault(in: arguments) { throw CommandFailure(fault, .usage) }
      if let script = CompletionScript.text(for: arguments) {
        Terminal.write(script + "\n")
      } else {
        try await run(arguments)
      }
      try end()
    } catch {
      fail(error, arguments)
    }
  }

  /// Runs the command; the errors by which the parser shows help or the version are not failures.
  private static func run(_ arguments: [String]) async throws {
    do {
      var command = try parseAsRoot(try RunRepetition.expanded(try RenamedOptions.replaced(in: arguments)))
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error where !(error is CommandFailure) && exitCode(for: error).isSuccess {
      Terminal.write(fullMessage(for: error) + "\n")
    }
  }

  /// Ends the process successfully, unless its output could not be written.
  private static func end() throws(CommandFailure) -> Never {
    Terminal.endIfReaderIsGone()
    try Terminal.checkOutput()
    exit(.success)
  }

  private static func fail(_ error: any Error, _ arguments: [String]) -> Never {
    if let failure = error as? CommandFailure {
      Terminal.error(failure.message)
      exit(failure.status)
    }
    Terminal.error(ArgumentCheck.withSuggestion(ArgumentCheck.inOneLine(message(for: error)), for: arguments))
    exit(exitCode(for: error) == .validationFailure ? .usage : .bug)
  }

  /// The arguments with the default subcommand of `train` inserted, so that its options and its help are found.
  static func normalized(_ arguments: [String]) -> [String] {
    if arguments == ["help", "train"] { return ["train", "best", "--help"] }
    guard arguments.first == "train", arguments.dropFirst().first?.hasPrefix("-") ?? true else { return arguments }
    return ["train", "best"] + arguments.dropFirst()
  }

  private static func exit(_ status: ExitStatus) -> Never { exit(withError: ExitCode(status.rawValue)) }
}
