import ArgumentParser
import Recurrent

/// What a model's file may leave open.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The function of a model of PyTorch's nn.RNN, whose file does not name it, such as relu; tanh by default.",
      valueName: "name"), transform: OptionValue.activation)
  var activation: Activation?

  /// Reads a model.
  func read(_ path: String, threads: ThreadPool = .shared) throws(CommandFailure) -> SequenceModel {
    try ModelFile.read(path, activation: activation, threads: threads)
  }
}
