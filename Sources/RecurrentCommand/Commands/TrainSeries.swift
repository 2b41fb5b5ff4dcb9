import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// `recurrent train series`: a network for one's own time series.
struct TrainSeries: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "series",
    abstract: "Train a network on your own time series.",
    usage: "recurrent train series <train> [--test <file>] [<options>]",
    discussion: """
      Reads .ts and .tsv files of the time-series archives, and CSV with a row for each series or for each step; series \
      may be of unequal lengths, and lack values. What is predicted follows from the file and from --label, --target, \
      --per-step and --forecast: a class or values for each series or each step, or the next values of each series. \
      Inputs are normalized by mean and deviation of the training data, which the model file keeps. 'recurrent predict' \
      then reads other files.

      A test file measures the trained model; without one, the part for validation does.
      """)

  @OptionGroup(title: "Series") var series: SeriesOptions
  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.series) + group(\.options) }

  /// For checks before the series are read.
  private static let defaults = defaults(of: SeriesRecipe(for: .classification, count: 1000))
  private static let typicalInputSize = 16

  private static func defaults(of recipe: SeriesRecipe) -> TrainingDefaults {
    TrainingDefaults(
      cell: .gru, hiddenSize: recipe.hiddenSize, layers: 1, initializer: .keras, epochs: recipe.epochs,
      learningRate: recipe.learningRate, schedule: .cosine, clipNorm: 1, areForUserData: true,
      regularization: Regularization(dropout: recipe.dropout),
      bidirectional: recipe.isBidirectional)
  }

  /// The options that the model of --from determines.
  private static let determinedByModel = [
    "forecast", "history", "season", "missing", "label", "target", "per-step", "channels", "statics",
  ]

  func validate() throws {
    // The runs of a sweep share what was read.
    let reading = ["test"] + SeriesColumnOptions.recorded.map(\.name) + (series.forecast == nil ? ["forecast"] : [])
    if let axis = options.run.sweep.first(where: { reading.contains($0.name) }) {
      throw ValidationError(
        "--sweep: found '\(axis.name)', which decides how series are read, expected an option of their training")
    }
    try options.check(Self.defaults, inputSize: Self.typicalInputSize)
    if options.network.from == nil { return }
    let plain = try SeriesOptions.parse(series.files)
    let given = SeriesOptions.recorded.first {
      Self.determinedByModel.contains($0.name) && $0.value(in: series) != $0.value(in: plain)
    }
    if let given {
      throw ValidationError("--\(given.name): found with --from, which determines it; leave the option out")
    }
  }

  func resolved(for source: TrainingSeries?) -> Self {
    var command = self
    guard let source else {
      command.options = options.resolved(Self.defaults)
      return command
    }
    let recipe = source.recipe(series)
    command.options = options.resolved(Self.defaults(of: recipe))
    command.series.inputNoise = series.inputNoise ?? recipe.inputNoise
    command.series.batchSize = series.batchSize ?? recipe.batchSize
    if source.task(series)?.isEveryStep == true {
      command.series.pieceSteps = series.pieceSteps ?? SeriesRecipe.pieceSteps
    }
    if let forecast = source.forecast(series) {
      (command.series.history, command.series.season) = (forecast.history, forecast.season)
    }
    return command
  }

  /// The model to start from; nil without --from.
  func start() throws(CommandFailure) -> SeriesModel? {
    guard let from = options.network.from else { return nil }
    return try SeriesModel(from, threads: options.run.threads.pool)
  }

  func source() throws(CommandFailure) -> TrainingSeries { try TrainingSeries(series, start: try start()) }

  func run() async throws { try await train() }

  func run(
    on source: TrainingSeries, from start: SeriesModel?, mode: RunMode, reporter: RunReporter
  ) throws(CommandFailure) {
    if source.task(series) == nil && start == nil {
      throw CommandFailure(
        "\(source.name.shown()): found nothing to predict, expected a column of classes or values (--label, --target), or "
          + "--forecast", .badData)
    }
    let (training, recipe) = (options.training, source.recipe(series))
    let data = try PreparedSeries(source, options: series, start: start, seed: training.seed)
    let predictsClasses = data.preparation.task.predictsClasses
    let keepsBest = !predictsClasses && data.validation != nil
    try checkLoss(predictsClasses: predictsClasses)
    var loop = TrainingLoop(
      epochs: training.epochs ?? .max, batchSize: series.batchSize ?? 1, shuffleSeed: training.seed,
      maximumSteps: training.maxSteps,
      options: training.options(
        keepingBestBy: predictsClasses ? .accuracy : .loss, alwaysKeepsBest: keepsBest))
    if data.validation == nil, let option = options.optionThatNeedsValidation {
      throw CommandFailure("\(option): found with --validation-share 0, expected a part to measure on", .usage)
    }
    if !predictsClasses { loop.options.loss = series.trainingLoss }
    let task = try SeriesRunTask(data, source: source, options: series, loop: loop, seed: training.seed)
    let configuration = data.preparation.configuration(layers: [])
    let network = try options.makeNetwork(
      input: configuration.input, output: configuration.output, readout: configuration.readout,
      Self.defaults(of: recipe),
      batch: .init(
        sequences: min(loop.batchSize, task.training.training.count), steps: task.training.training.stepCount,
        options: "--batch-size"),
      alwaysKeepsBest: keepsBest
    ) { path throws(CommandFailure) in
      guard let start else { throw CommandFailure("\(path.shown()): was not read", .bug) }
      return start.network
    }
    options.schedule(&loop.options, batchesPerEpoch: task.training.training.count.groups(of: loop.batchSize))
    let run = TrainingRun(
      task: task, options: options, recorded: RecordedOptions(of: self), start: network, loop: loop, mode: mode,
      reporter: reporter)
    try run()
  }

  /// Throws if a loss of classes is asked for values, or one of values for classes.
  private func checkLoss(predictsClasses: Bool) throws(CommandFailure) {
    if predictsClasses && series.loss != .squared {
      throw CommandFailure(
        "--loss: found \(series.loss.rawValue) for classes, whose loss is the cross-entropy; leave the option out",
        .usage)
    }
    if !predictsClasses && options.training.labelSmoothing > 0 {
      throw CommandFailure("--label-smoothing: found for values, expected classes; leave the option out", .usage)
    }
  }
}

extension SeriesOptions {
  /// The loss of values.
  fileprivate var trainingLoss: Recurrent.Loss {
    switch loss {
    // For nse, the targets carry the weights.
    case .squared, .nse: .squared
    case .absolute: .absolute
    case .huber: .huber(1)
    }
  }
}
