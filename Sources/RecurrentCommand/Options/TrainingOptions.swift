import ArgumentParser
import Recurrent

/// The training loop, whatever the data.
struct TrainingOptions: RecordableArguments {
  private static let defaultSeed: UInt64 = 0

  // Tasks have defaults of their own, so nil means that an option is not given: see `TrainingDefaults`.
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Passes over the training data.", valueName: "n"),
    transform: OptionValue.count)
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of all random numbers, such as initial weights, the order of the data, dropout and made data; the same seed "
        + "gives the same bits. (default: \(defaultSeed))", valueName: "n"), transform: OptionValue.seed)
  var seed = defaultSeed

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Stop after n training steps in total.", valueName: "n"),
    transform: OptionValue.count)
  var maxSteps: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train for about so many minutes. The speed of a few steps before the run decides how many it takes, and the "
        + "number is recorded; a task trains until the time is over.", valueName: "x"),
    transform: OptionValue.positive)
  var maxMinutes: Float?

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
      "Recomputation: remember the states of every n-th time step only and compute the steps between them again in the "
        + "backward pass; less memory for long sequences, a third more time, the same bits.", valueName: "n"),
    transform: OptionValue.count)
  var remember: Int?

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
      .init("seed", \.seed),
      .init("max-steps", \.maxSteps),
      .init("max-minutes", \.maxMinutes),
      .init("validation-every", \.validationEvery),
      .init("clip-norm", \.clipNorm),
      .init("clip-value", \.clipValue),
      .init("accumulate", \.accumulate),
      .init("remember", \.remember),
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

  /// What the loop does beyond plain steps.
  func options(keepingBestBy measure: EarlyStopping.Measure, alwaysKeepsBest: Bool) -> TrainingLoop.Options {
    let patience = earlyStopping ?? (alwaysKeepsBest ? .max : nil)
    return .init(
      loss: labelSmoothing > 0 ? .crossEntropy(SoftmaxCrossEntropy(labelSmoothing: labelSmoothing)) : nil,
      clipping: clipNorm.map(GradientClipping.norm) ?? clipValue.map(GradientClipping.value),
      remembering: remember, accumulation: accumulate, averageDecay: averageDecay, validationEvery: validationEvery,
      earlyStopping: patience.map { EarlyStopping(measure: measure, patience: $0) })
  }

  /// How many copies of the weights the loop keeps: averages, and the best ones so far.
  func copies(alwaysKeepsBest: Bool) -> Int {
    (averageDecay == nil ? 0 : 1) + (alwaysKeepsBest || earlyStopping != nil ? 1 : 0)
  }
}
