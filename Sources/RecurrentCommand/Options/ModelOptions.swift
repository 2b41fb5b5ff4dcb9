import ArgumentParser
import Recurrent

/// What the file of a model may not specify.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Activation of a model of PyTorch's nn.RNN, whose file does not name it, such as relu; tanh by default.",
      valueName: "name"), transform: OptionValue.activation)
  var activation: Activation?

  /// Reads a model.
  func read(_ path: String, threads: ThreadPool = .shared) throws(CommandFailure) -> SequenceModel {
    try ModelFile.read(path, activation: activation, threads: threads)
  }
}
