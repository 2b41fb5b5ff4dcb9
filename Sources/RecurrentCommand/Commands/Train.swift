import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// `recurrent train`: the notebook, on the best available data.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network: on digits, as the notebook does, on your own text or time series, or on a task.",
    subcommands: [
      TrainBest.self, TrainMNIST.self, TrainDigits.self, TrainText.self, TrainSeries.self, TrainTask.self,
    ],
    defaultSubcommand: TrainBest.self)
}

/// A command that trains a network on images of digits.
protocol DigitTrainingCommand: TrainingCommand where Source == TrainingImages, Start == SequenceModel {
  var images: ImageOptions { get }
}

extension DigitTrainingCommand {
  func validate() throws { try options.check(.notebook, inputSize: DigitData.imageSize) }

  func resolved(for source: TrainingImages?) -> Self {
    var command = self
    command.options = options.resolved(.notebook)
    return command
  }

  func start() throws(CommandFailure) -> SequenceModel {
    let order = images.pixelOrder.order
    let batch = TrainOptions.BatchSize(
      sequences: min(images.batchSize, images.trainCount ?? .max, 60_000), steps: order.stepCount,
      options: "--batch-size")
    return try options.makeNetwork(
      input: .features(order.inputSize), output: .classes(DigitData.classCount), .notebook, batch: batch
    ) { path throws(CommandFailure) in
      let network = try ModelFile.read(path, activation: options.cells.activation, threads: options.run.threads.pool)
      try ModelFile.check(network, path: path, inputSize: order.inputSize, classCount: DigitData.classCount)
      return network
    }
  }

  /// The training loop of resolved options over some images.
  func loop(imageCount count: Int) -> TrainingLoop {
    let training = options.training
    var loop = TrainingLoop(
      epochs: training.epochs ?? 1, batchSize: images.batchSize, shuffleSeed: images.shuffle ? training.seed : nil,
      dropsLast: images.dropLast, maximumSteps: training.maxSteps,
      options: training.options(keepingBestBy: .accuracy, alwaysKeepsBest: false))
    options.schedule(
      &loop.options,
      batchesPerEpoch: images.dropLast ? count / images.batchSize : count.groups(of: images.batchSize))
    return loop
  }

  func run(
    on source: TrainingImages, from start: SequenceModel, mode: RunMode, reporter: RunReporter
  ) throws(CommandFailure) {
    let task = try DigitTask(source, options: images, train: options, loop: loop(imageCount: 0))
    let loop = loop(imageCount: task.training.training.count)
    let run = TrainingRun(
      task: task, options: options, recorded: RecordedOptions(of: self), start: start, loop: loop, mode: mode,
      reporter: reporter)
    try run()
  }
}

/// `recurrent train`, without a subcommand.
struct TrainBest: DigitTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "best",
    abstract: "Train a network to classify digits row by row.",
    usage: """
      recurrent train [<options>]
      recurrent train mnist [<options>]
      recurrent train digits [<options>]
      recurrent train text <file> … [<options>]
      recurrent train series <train> [--test <file>] [<options>]
      recurrent train task <task> [<options>]
      """,
    discussion: """
      'train mnist' trains on MNIST or other images in its format, 'train digits' on digits that the program draws \
      itself, and plain 'train' on MNIST if it is available, else on those digits. Defaults are the notebook's: 3 layers of 20 LSTM units, 4 epochs of batches of 100 images, Adam at a learning rate of 0.01. 'train text' trains a language model on your own text.

      \(DataOptions.searchOrder)

      Loss and accuracy of a batch are those before its update. Ctrl-C stops between two batches and keeps the model \
      of the last finished epoch; 'recurrent resume' goes on.
      """,
    shouldDisplay: false)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.data) + group(\.images) + group(\.options) }

  func run() async throws { try await train() }

  func source() async throws(CommandFailure) -> TrainingImages {
    try await data.mnistIfAvailable().map(TrainingImages.files) ?? .drawn
  }
}

/// `recurrent train mnist`: MNIST, or an error if it is not available.
struct TrainMNIST: DigitTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist",
    abstract: "Train on MNIST, or on other images in its format.",
    usage: "recurrent train mnist [<options>]",
    discussion: DataOptions.searchOrder)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.data) + group(\.images) + group(\.options) }

  func run() async throws { try await train() }

  func source() async throws(CommandFailure) -> TrainingImages { .files(try await data.mnist()) }
}

/// `recurrent train digits`: the built-in digits, even if MNIST is available.
struct TrainDigits: DigitTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits",
    abstract: "Train on digits that the program draws itself.",
    usage: "recurrent train digits [<options>]",
    discussion: "No files are needed. The digits are not MNIST; results are not comparable.")

  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.images) + group(\.options) }

  func run() async throws { try await train() }

  func source() -> TrainingImages { .drawn }
}
