import ArgumentParser
import Recurrent
import RecurrentData

/// How the network learns; defaults are the notebook's.
struct TrainingOptions: ParsableArguments {
  /// The loop that the notebook has: the source of all defaults that help texts name.
  private static let notebook = TrainingLoop()
  private static let notebookSeed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How often the network sees all training images. (default: \(notebook.epochs))", valueName: "n"),
    transform: OptionValue.count)
  var epochs = notebook.epochs

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many images a training step takes. (default: \(notebook.batchSize))", valueName: "n"),
    transform: OptionValue.count)
  var batchSize = notebook.batchSize

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Decides first weights, the order of images and the built-in digits; the same seed gives the same bits. "
        + "(default: \(notebookSeed))", valueName: "n"), transform: OptionValue.seed)
  var seed = notebookSeed

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Learn from the first n training images only.", valueName: "n"),
    transform: OptionValue.count)
  var trainCount: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Stop after n steps in all, whatever the epoch.", valueName: "n"),
    transform: OptionValue.count)
  var maxSteps: Int?

  @Flag(inversion: .prefixedNo, help: "Take the training images in a new order in each epoch.")
  var shuffle = true

  @Flag(inversion: .prefixedNo, help: "Leave out an epoch's last batch where it is smaller than the others.")
  var dropLast = false

  @Flag(
    inversion: .prefixedNo,
    help: "Shift, turn and scale the training images a little at random, anew in each epoch.")
  var augment = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Validate after every n steps too, besides the end of each epoch.", valueName: "n"),
    transform: OptionValue.count)
  var validationEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Scale the whole gradient where its norm is above x.", valueName: "x"),
    transform: OptionValue.rate)
  var clipNorm: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Hold each number of the gradient within ±x.", valueName: "x"), transform: OptionValue.rate)
  var clipValue: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Add up the gradients of n batches for a step. (default: 1)", valueName: "n"),
    transform: OptionValue.count)
  var accumulate = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Spread this part of each label evenly over all classes. (default: 0)", valueName: "part"),
    transform: OptionValue.probability)
  var labelSmoothing: Float = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Validate, test and keep an average of the weights, of which so much is kept in each step, such as 0.999.",
      valueName: "part"), transform: OptionValue.part)
  var averageDecay: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End training after n validations in a row that bring no better accuracy, and keep the weights of the best one.",
      valueName: "n"), transform: OptionValue.count)
  var earlyStopping: Int?

  func validate() throws {
    if clipNorm != nil && clipValue != nil {
      throw ValidationError("--clip-norm and --clip-value: found both, expected at most one")
    }
  }

  /// What becomes of the training images in each epoch, if anything.
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

  /// The built-in digits, no more of them than are to be learned from.
  func builtInDigits() throws(CommandFailure) -> DigitData {
    BuiltInDigits.draw(training: try imageCount(outOf: 55_000), seed: seed)
  }

  /// Those of the images that are to be learned from.
  func images(of data: DigitData) throws(CommandFailure) -> SequenceDataset {
    data.training[0..<(try imageCount(outOf: data.training.count))]
  }

  private func imageCount(outOf available: Int) throws(CommandFailure) -> Int {
    let count = min(trainCount ?? available, available)
    if dropLast && count < batchSize {
      throw CommandFailure(
        "--drop-last: found \(count) training images for batches of \(batchSize), which leaves none; expected a "
          + "--batch-size of at most \(count)", .usage)
    }
    return count
  }
}
