import ArgumentParser
import RecurrentData

/// `recurrent train`: the notebook, on the best available data.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network to classify digits row by row.",
    subcommands: [TrainBest.self, TrainMNIST.self, TrainDigits.self],
    defaultSubcommand: TrainBest.self)
}

/// `recurrent train`, without a subcommand.
struct TrainBest: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "best",
    abstract: "Train a network to classify digits row by row.",
    usage: """
      recurrent train [<options>]
      recurrent train mnist [<options>]
      recurrent train digits [<options>]
      """,
    discussion: """
      'train mnist' trains on MNIST or other images in its format, 'train digits' on digits that the program draws \
      itself, and plain 'train' on MNIST if it is available, else on those digits. Defaults are the notebook's.

      \(DataOptions.searchOrder)

      Loss and accuracy of a batch are those before its update. Ctrl-C stops between two batches and keeps the model \
      of the last finished epoch.
      """,
    shouldDisplay: false)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.data) + group(\.options) }

  func run() async throws { try await train() }

  func images() async throws(CommandFailure) -> TrainingImages {
    try await data.mnistIfAvailable().map(TrainingImages.files) ?? .drawn
  }
}

/// `recurrent train mnist`: MNIST, or an error if it is not available.
struct TrainMNIST: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist",
    abstract: "Train on MNIST, or on other images in its format.",
    usage: "recurrent train mnist [<options>]",
    discussion: DataOptions.searchOrder)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.data) + group(\.options) }

  func run() async throws { try await train() }

  func images() async throws(CommandFailure) -> TrainingImages { .files(try await data.mnist()) }
}

/// `recurrent train digits`: the built-in digits, even if MNIST is available.
struct TrainDigits: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits",
    abstract: "Train on digits that the program draws itself.",
    usage: "recurrent train digits [<options>]",
    discussion: "No files are needed. The digits are not MNIST; results are not comparable.")

  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.options) }

  func run() async throws { try await train() }

  func images() -> TrainingImages { .drawn }
}
