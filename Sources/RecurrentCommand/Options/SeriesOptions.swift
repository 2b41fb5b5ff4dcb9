import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

extension SeriesFile.Format: ExpressibleByArgument, RecordableValue {}

/// The roles of a table's columns, and the form of a file of time series.
struct SeriesColumnOptions: RecordableArguments {
  @Option(
    help: ArgumentHelp(
      "Form of the files: .ts or .tsv of the archives, or CSV with a row for each series (wide) or each step (long); by "
        + "default what names and columns say.", valueName: "form"))
  var fileFormat: SeriesFile.Format?

  @Option(help: ArgumentHelp("Column of the series' names; by default one called id.", valueName: "column"))
  var id: String?

  @Option(
    help: ArgumentHelp(
      "Column of time; by default one called time, timestamp, date, datetime or ds.", valueName: "column"))
  var time: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Column of an input, repeated for several; by default all columns without another role.", valueName: "column"))
  var channels: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Column of an input that does not change over time, repeated for several.", valueName: "column"))
  var statics: [String] = []

  @Option(
    help: ArgumentHelp(
      "Column of the class; by default one called label or class. With --per-step, of each step.", valueName: "column"))
  var label: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Column of a value to be predicted, repeated for several; with --forecast, a channel to be forecast, by default all.",
      valueName: "column"))
  var target: [String] = []

  @Flag(inversion: .prefixedNo, help: "Predict --label or --target at every step, rather than once for each series.")
  var perStep = false

  static var recorded: [RecordedOption<Self>] {
    [
      .init("file-format", \.fileFormat), .init("id", \.id), .init("time", \.time), .init("channels", \.channels),
      .init("statics", \.statics), .init("label", \.label), .init("target", \.target), .init("per-step", \.perStep),
    ]
  }

  func validate() throws {
    if label != nil && !target.isEmpty {
      throw ValidationError("--label: found with --target, expected one of them")
    }
    if perStep && label == nil && target.isEmpty {
      throw ValidationError("--per-step: found without --label or --target, expected one of them")
    }
  }

  /// The roles of the columns.
  ///
  /// - Parameter forecasts: whether the series themselves are forecast, and nothing else is predicted.
  func columns(forecasts: Bool) -> SeriesColumns {
    let role: SeriesColumns.Target? =
      if forecasts { SeriesColumns.Target.none } else if let label {
        perStep ? .stepLabel(label) : .label(label)
      } else if !target.isEmpty { perStep ? .stepValues(target) : .values(target) } else { nil }
    return SeriesColumns(
      id: id, time: time, channels: channels.isEmpty ? nil : channels, statics: statics, target: role)
  }
}

/// The time series of a training run, and how they are prepared.
struct SeriesOptions: RecordableArguments {
  /// What takes the place of missing inputs.
  enum Missing: String, CaseIterable, ExpressibleByArgument, RecordableValue {
    case carry, mean, refuse

    var policy: MissingInputs {
      switch self {
      case .carry: .carriedForward
      case .mean: .mean
      case .refuse: .refused
      }
    }
  }

  /// What is made small if values are predicted.
  enum Loss: String, CaseIterable, ExpressibleByArgument, RecordableValue {
    case squared, absolute, huber, nse
  }

  /// The share of the data that is measured on and not learned from.
  static let defaultShare: Float = 0.1

  @Argument(
    help: ArgumentHelp("The file of the series to learn from.", valueName: "train"), completion: .file(),
    transform: OptionValue.path)
  var files: [String] = []

  @Option(
    help: ArgumentHelp("File of the series to measure the trained model on.", valueName: "file"), completion: .file(),
    transform: OptionValue.path)
  var test: String?

  @OptionGroup var columns: SeriesColumnOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Forecast the next n values of each series.", valueName: "n"),
    transform: OptionValue.count)
  var forecast: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Steps that a forecast reads; by default at least two seasons.", valueName: "n"),
    transform: OptionValue.count)
  var history: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps of a season, whose naive forecast the network corrects and is measured beside; by default the one that errs "
        + "least in training.", valueName: "n"), transform: OptionValue.count)
  var season: Int?

  @Option(
    help: ArgumentHelp(
      "What takes the place of missing inputs: the last value of the channel, its mean in training, or nothing, so that "
        + "they are refused.", valueName: "policy"))
  var missing: Missing = .carry

  @Option(
    help: ArgumentHelp(
      "What is made small if values are predicted; huber is squared up to one deviation, and nse is the squared error, weighted for each series by its spread.",
      valueName: "name"))
  var loss: Loss = .squared

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Deviation of the noise on normalized inputs in training; by default that of the task.", valueName: "x"),
    transform: OptionValue.amount)
  var inputNoise: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Series for validation, chosen class by class; of a forecast, the end of each series. (default: \(defaultShare))",
      valueName: "share"), transform: OptionValue.probability)
  var validationShare = defaultShare

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Series, or windows of a forecast, per batch; by default 8 or 32.", valueName: "n"),
    transform: OptionValue.count)
  var batchSize: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --per-step, steps of the pieces that longer series are cut into, to be learned from; by default 365.",
      valueName: "n"), transform: OptionValue.count)
  var pieceSteps: Int?

  static var recorded: [RecordedOption<Self>] {
    [.positional("files", \.files), .init("test", \.test)] + group(\.columns) + [
      .init("forecast", \.forecast), .init("history", \.history), .init("season", \.season),
      .init("missing", \.missing), .init("loss", \.loss), .init("input-noise", \.inputNoise),
      .init("validation-share", \.validationShare), .init("batch-size", \.batchSize),
      .init("piece-steps", \.pieceSteps),
    ]
  }

  func validate() throws {
    if files.count != 1 {
      throw ValidationError("found \(files.count) files of series to learn from, expected one; --test names another")
    }
    if forecast == nil,
      let name = [history.map { _ in "history" }, season.map { _ in "season" }].compactMap(\.self).first
    {
      throw ValidationError("--\(name): found without --forecast, expected both")
    }
    if forecast != nil && (columns.label != nil || columns.perStep) {
      throw ValidationError(
        "--forecast: found with \(columns.label != nil ? "--label" : "--per-step"), expected one of them")
    }
    if let history, let season, season > history {
      throw ValidationError("--history: found \(history), expected at least the \(season) steps of --season")
    }
    if loss == .nse && !(columns.perStep && !columns.target.isEmpty) {
      throw ValidationError("--loss nse: found without values at every step, expected --target and --per-step")
    }
  }

  /// The roles of the columns.
  var roles: SeriesColumns { columns.columns(forecasts: forecast != nil) }
}

extension SeriesColumnOptions {
  /// No roles: those of a model's training data apply.
  static var none: SeriesColumnOptions { require { try SeriesColumnOptions.parse([]) } }
}
