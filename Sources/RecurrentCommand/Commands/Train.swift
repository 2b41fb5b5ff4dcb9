import ArgumentParser
import RecurrentData

/// `recurrent train`: the notebook, on the best data at hand.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network to read digits row by row.",
    subcommands: [TrainBest.self, TrainMNIST.self, TrainDigits.self],
    defaultSubcommand: TrainBest.self)
}

/// `recurrent train`, without a subcommand.
struct TrainBest: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "best",
    abstract: "Train a network to read digits row by row.",
    usage: """
      recurrent train [<options>]
      recurrent train mnist [<options>]
      recurrent train digits [<options>]
      """,
    discussion: """
      'train mnist' learns from MNIST or other images of its form, 'train digits' from digits that the program draws \
      itself, and plain 'train' from MNIST if it can be had, else from those digits. Defaults are the notebook's.

      \(DataOptions.searchOrder)

      Loss and accuracy of a batch are those before its update. Ctrl-C stops between two batches and leaves the model \
      of the last finished epoch.
      """,
    shouldDisplay: false)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var options: TrainOptions

  func run() async throws { try await train() }

  func images() async throws(CommandFailure) -> TrainingImages {
    try await data.mnistIfAtHand().map(TrainingImages.files) ?? .drawn
  }
}

/// `recurrent train mnist`: MNIST, or nothing.
struct TrainMNIST: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist",
    abstract: "Train on MNIST, or on other images of its form.",
    usage: "recurrent train mnist [<options>]",
    discussion: DataOptions.searchOrder)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var options: TrainOptions

  func run() async throws { try await train() }

  func images() async throws(CommandFailure) -> TrainingImages { .files(try await data.mnist()) }
}

/// `recurrent train digits`: the built-in digits, whatever else is at hand.
struct TrainDigits: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits",
    abstract: "Train on digits that the program draws itself.",
    usage: "recurrent train digits [<options>]",
    discussion: "It needs no files. The digits are not MNIST; figures do not compare.")

  @OptionGroup var options: TrainOptions

  func run() async throws { try await train() }

  func images() -> TrainingImages { .drawn }
}
