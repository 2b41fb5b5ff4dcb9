import ArgumentParser

/// The scripts for completion in shells.
///
/// The options of plain `train` belong to a hidden subcommand, where a shell would not look for them, so scripts are made
/// from a command whose `train` has the options itself.
enum CompletionScript {
  private static let option = "--generate-completion-script"

  /// The requested script; nil if none is requested, or for an unknown shell.
  static func text(for arguments: [String]) -> String? {
    guard let index = arguments.firstIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else { return nil }
    let joined = arguments[index].split(separator: "=", maxSplits: 1).dropFirst().first.map(String.init)
    let name = joined ?? arguments[(index + 1)...].first
    let shell = name.map { CompletionShell(rawValue: $0) } ?? CompletionShell.autodetected()
    return shell.map { Root.completionScript(for: $0) }
  }

  private struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "recurrent", version: RootCommand.version,
      subcommands: [
        PlainTrain.self, Evaluate.self, Predict.self, Inspect.self, Benchmark.self, RecurrentCommand.Data.self,
      ])
  }

  private struct PlainTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "train", abstract: TrainBest.configuration.abstract,
      subcommands: [TrainMNIST.self, TrainDigits.self])

    @OptionGroup var data: DataOptions
    @OptionGroup var options: TrainOptions
  }
}
