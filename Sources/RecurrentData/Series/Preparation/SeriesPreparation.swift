import Recurrent
import RecurrentSupport

/// What turns time series into what a network reads and learns from, learned on training data alone.
///
/// ```swift
/// let data = try SeriesFile.read("TRAIN.ts")
/// let preparation = try SeriesPreparation(learnedFrom: data)
/// let training = try preparation.dataset(of: data)
/// let test = try preparation.dataset(of: SeriesFile.read("TEST.ts"))
/// var model = SequenceModel(preparation.configuration(layers: .gru(64)), seed: 0)
/// ```
///
/// The same value serves training, validation, test and prediction, and is stored beside the weights. At each step
/// a network reads
///
/// ```
/// [ (x - mean) / deviation of each channel │ 1 if the channel's value is missing, 0 otherwise │ static inputs, normalized ]
/// ```
///
/// the middle part only if ``marksMissing`` is set.
public struct SeriesPreparation: Codable, Hashable, Sendable {
  /// What a network is to do.
  public let task: SeriesTask
  /// How each channel is normalized.
  public let channels: [SeriesScaling]
  /// How each static input is normalized.
  public let statics: [SeriesScaling]
  /// How each value to be predicted is normalized; empty if classes are predicted.
  public let targets: [SeriesScaling]
  /// The names of the classes; empty if values are predicted.
  public let classes: [String]
  /// What takes the place of missing inputs.
  public let missingInputs: MissingInputs
  /// Whether each channel is followed by one that says where it was missing.
  public let marksMissing: Bool

  /// The most values of a dataset: 4 GB.
  static let valueLimit = 1 << 30

  /// Learns means, deviations and classes.
  ///
  /// - Parameters:
  ///   - data: the training data, without what is for validation.
  ///   - forecast: what is to be forecast; nil for the targets of the data.
  ///   - missingInputs: what takes the place of missing inputs.
  ///   - marksMissing: whether each channel is followed by one that says where it was missing; nil if the training data
  ///     lacks any input.
  /// - Throws: ``SeriesError`` if there is nothing to predict, a single class, a channel or target without any value,
  ///   a static input that some series lack, or missing inputs that the policy refuses.
  /// - Complexity: O(values).
  public init(
    learnedFrom data: SeriesData, forecast: SeriesForecast? = nil, missingInputs: MissingInputs = .carriedForward,
    marksMissing: Bool? = nil
  ) throws(SeriesError) {
    guard let task = forecast.map({ .forecasting($0) }) ?? SeriesTask(data.targetKind) else {
      throw SeriesError(
        .columns, source: data.source, found: "nothing to predict",
        expected: "classes or values in the data, or a forecast")
    }
    self.task = task
    self.missingInputs = missingInputs
    self.marksMissing = marksMissing ?? data.missingCounts.contains { $0 > 0 }
    try Self.checkStatics(of: data)
    channels = try Self.scalings(data.channels, of: data, "channel") { $0.inputs }
    statics = try Self.scalings(data.staticNames, of: data, "static input") { $0.statics }
    classes = task.predictsClasses ? try Self.classes(of: data) : []
    if case .forecasting(let forecast) = task {
      let channels = channels
      targets = try (forecast.channels ?? data.channels).map { name throws(SeriesError) in
        if let channel = channels.first(where: { $0.name == name }) { return channel }
        throw SeriesError(
          .channels, source: data.source, found: "a forecast of \(name.quoted)",
          expected: "one of the channels \(data.channels.quotedList)")
      }
    } else {
      targets = try Self.scalings(data.targetNames, of: data, "target") { $0.targets }
    }
    if missingInputs == .refused { try refuseMissing(in: data) }
  }

  private static func scalings(
    _ names: [String], of data: SeriesData, _ kind: String, _ values: (Series) -> [Float]
  ) throws(SeriesError) -> [SeriesScaling] {
    var moments = Array(repeating: RunningMoments(), count: names.count)
    for series in data.sequences {
      for (index, value) in values(series).enumerated() { moments[index % names.count].take(value) }
    }
    var scalings: [SeriesScaling] = []
    for (name, moments) in zip(names, moments) {
      guard let scaling = moments.scaling(name) else {
        throw SeriesError(
          .values, source: data.source, found: "no value of \(kind) \(name.quoted)", expected: "at least one")
      }
      scalings.append(scaling)
    }
    return scalings
  }

  private static func classes(of data: SeriesData) throws(SeriesError) -> [String] {
    let balance = data.classBalance
    let classes = zip(balance.names, balance.counts).filter { $1 > 0 }.map { $0.0 }
    if classes.count >= 2 { return classes }
    throw SeriesError(
      .classes, source: data.source,
      found: classes.isEmpty ? "no classes" : "one class only, \(classes[0].quoted)",
      expected: "at least two to tell apart")
  }

  /// Refuses series that lack a static input, all of which are named.
  static func checkStatics(of data: SeriesData) throws(SeriesError) {
    for (index, name) in data.staticNames.enumerated() {
      let lacking = data.sequences.indices.filter { data.sequences[$0].statics[index].isNaN }
      if lacking.isEmpty { continue }
      throw SeriesError(
        .statics, source: data.source, line: data.sequences[lacking[0]].line,
        found: "no static input \(name.quoted) for \(quantity(lacking.count, "sequence")): \(data.names(of: lacking))",
        expected: "a value for each sequence")
    }
  }

  func refuseMissing(in data: SeriesData) throws(SeriesError) {
    let counts = data.missingCounts
    let lacking = counts.indices.filter { counts[$0] > 0 }
    if lacking.isEmpty { return }
    throw SeriesError(
      .values, source: data.source,
      found: "missing inputs of "
        + lacking.map { "\(data.channels[$0].quoted): \(counts[$0])" }.joined(separator: ", "),
      expected: "none, as the policy says")
  }

  /// The number of values that a network reads at each step.
  public var inputSize: Int { channels.count * (marksMissing ? 2 : 1) + statics.count }

  /// The network that these series fit.
  ///
  /// - Parameter layers: its recurrent layers.
  /// - Returns: a configuration with the input, the readout and the output of the task.
  /// - Complexity: O(layers).
  public func configuration(layers: [LayerConfiguration]) -> ModelConfiguration {
    let output: ModelConfiguration.Output
    switch task {
    case .classification, .stepClassification: output = .classes(classes.count)
    case .regression, .stepRegression: output = .values(targets.count)
    case .forecasting(let forecast): output = .values(forecast.horizon * targets.count)
    }
    return ModelConfiguration(
      input: .features(inputSize), layers: layers, readout: task.isEveryStep ? .everyStep : .last, output: output)
  }

  /// Predicted values in the units of the data.
  ///
  /// ```
  /// x = mean + deviation · z
  /// ```
  ///
  /// - Parameter outputs: what a network gives, `[…, targets]`; of forecasts `[…, horizon, targets]`.
  /// - Returns: as many values.
  /// - Precondition: values are predicted, and outputs are a multiple of ``targets``.
  /// - Complexity: O(outputs).
  public func restored(_ outputs: [Float]) -> [Float] {
    require(
      !targets.isEmpty && outputs.count.isMultiple(of: targets.count),
      "\(outputs.count) outputs of \(targets.count) targets")
    return outputs.enumerated().map { targets[$0 % targets.count].restored($1) }
  }
}
