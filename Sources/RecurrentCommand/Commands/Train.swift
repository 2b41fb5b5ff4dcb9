import ArgumentParser
import RecurrentData

/// `recurrent train`: the notebook, on the best data at hand.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network to read digits row by row.",
    discussion: """
      Without a subcommand: on MNIST if it can be had, else on digits that the program draws itself.
      Loss and accuracy of a batch are those before its update.
      """,
    subcommands: [TrainBest.self, TrainMNIST.self, TrainDigits.self],
    defaultSubcommand: TrainBest.self)
}

/// `recurrent train`, without a subcommand.
struct TrainBest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "best", abstract: "On MNIST if it can be had, else on built-in digits.")

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Run") var output: RunOptions

  func run() async throws {
    let (digits, task) = try await data.best(seed: training.seed)
    try TrainingRun(task: task, network: network, training: training, run: output)(on: digits)
  }
}

/// `recurrent train mnist`
struct TrainMNIST: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist", abstract: "On MNIST, or on other images in its form.")

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Run") var output: RunOptions

  func run() async throws {
    let digits = try await data.mnist()
    try TrainingRun(task: "mnist", network: network, training: training, run: output)(on: digits)
  }
}

/// `recurrent train digits`
struct TrainDigits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits", abstract: "On digits that the program draws itself; needs no files.")

  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Run") var output: RunOptions

  func run() throws {
    let digits = BuiltInDigits.draw(seed: training.seed)
    try TrainingRun(task: "digits", network: network, training: training, run: output)(on: digits)
  }
}
