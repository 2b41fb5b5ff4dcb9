import ArgumentParser
import Recurrent
import RecurrentData

/// The training loop; defaults are the notebook's.
struct TrainingOptions: RecordableArguments {
  /// The notebook's loop: the source of the defaults, and of their values in help texts.
  private static let notebook = TrainingLoop()
  private static let notebookSeed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Passes over the training images. (default: \(notebook.epochs))", valueName: "n"),
    transform: OptionValue.count)
  var epochs = notebook.epochs

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Images in a batch. (default: \(notebook.batchSize))", valueName: "n"),
    transform: OptionValue.count)
  var batchSize = notebook.batchSize

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of the initial weights, the order of images, dropout and the built-in digits; the same seed gives the same "
        + "bits. (default: \(notebookSeed))", valueName: "n"), transform: OptionValue.seed)
  var seed = notebookSeed

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Train on the first n training images only.", valueName: "n"),
    transform: OptionValue.count)
  var trainCount: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Stop after n training steps in total.", valueName: "n"),
    transform: OptionValue.count)
  var maxSteps: Int?

  @Flag(inversion: .prefixedNo, help: "Shuffle the training images in each epoch.")
  var shuffle = true

  @Flag(inversion: .prefixedNo, help: "Drop an epoch's last batch if it is smaller than the others.")
  var dropLast = false

  @Flag(
    inversion: .prefixedNo,
    help: "Augment the training images by small random shifts, rotations and scalings, new ones in each epoch.")
  var augment = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Validate after every n training steps too, besides the end of each epoch.", valueName: "n"),
    transform: OptionValue.count)
  var validationEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Clip the global norm of the gradient to x.", valueName: "x"),
    transform: OptionValue.positive)
  var clipNorm: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Clip each element of the gradient to [-x, x].", valueName: "x"), transform: OptionValue.positive
  )
  var clipValue: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Accumulate the gradients of n batches for each update. (default: 1)", valueName: "n"),
    transform: OptionValue.count)
  var accumulate = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Label smoothing: the share of each label that is spread evenly over all classes. (default: 0)",
      valueName: "share"),
    transform: OptionValue.probability)
  var labelSmoothing: Float = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Validate, test and keep an exponential moving average of the weights, with this decay, such as 0.999.",
      valueName: "decay"), transform: OptionValue.fraction)
  var averageDecay: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Patience: stop after n validations in a row without better accuracy, and keep the weights of the best one.",
      valueName: "n"), transform: OptionValue.count)
  var earlyStopping: Int?

  static var recorded: [RecordedOption<Self>] {
    [
      .init("epochs", \.epochs),
      .init("batch-size", \.batchSize),
      .init("seed", \.seed),
      .init("train-count", \.trainCount),
      .init("max-steps", \.maxSteps),
      .init("shuffle", \.shuffle),
      .init("drop-last", \.dropLast),
      .init("augment", \.augment),
      .init("validation-every", \.validationEvery),
      .init("clip-norm", \.clipNorm),
      .init("clip-value", \.clipValue),
      .init("accumulate", \.accumulate),
      .init("label-smoothing", \.labelSmoothing),
      .init("average-decay", \.averageDecay),
      .init("early-stopping", \.earlyStopping),
    ]
  }

  func validate() throws {
    if clipNorm != nil && clipValue != nil {
      throw ValidationError("--clip-norm and --clip-value: found both, expected at most one")
    }
  }

  /// The augmentation of the training images; nil without --augment.
  var augmentation: ImageAugmentation? { augment ? ImageAugmentation(seed: seed) : nil }

  /// The loop that these options describe.
  var loop: TrainingLoop {
    TrainingLoop(
      epochs: epochs, batchSize: batchSize, shuffleSeed: shuffle ? seed : nil, dropsLast: dropLast,
      maximumSteps: maxSteps,
      options: .init(
        loss: labelSmoothing > 0 ? .crossEntropy(SoftmaxCrossEntropy(labelSmoothing: labelSmoothing)) : nil,
        clipping: clipNorm.map(GradientClipping.norm) ?? clipValue.map(GradientClipping.value),
        accumulation: accumulate, averageDecay: averageDecay, validationEvery: validationEvery,
        earlyStopping: earlyStopping.map { EarlyStopping(measure: .accuracy, patience: $0) }))
  }

  /// The built-in digits, no more of them than training uses.
  func builtInDigits() throws(CommandFailure) -> DigitData {
    BuiltInDigits.draw(training: try imageCount(outOf: 55_000), seed: seed)
  }

  /// The images that training uses.
  func images(of data: DigitData) throws(CommandFailure) -> SequenceDataset {
    data.training[0..<(try imageCount(outOf: data.training.count))]
  }

  private func imageCount(outOf available: Int) throws(CommandFailure) -> Int {
    let count = min(trainCount ?? available, available)
    if dropLast && count < batchSize {
      throw CommandFailure(
        "--drop-last: found \(count) training images for batches of \(batchSize), which leaves no batch; expected a "
          + "--batch-size of at most \(count)", .usage)
    }
    return count
  }
}
