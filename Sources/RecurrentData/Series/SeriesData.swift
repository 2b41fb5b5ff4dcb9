import RecurrentSupport

/// One time series: its inputs at each step, what does not change, and what is to be predicted of it.
public struct Series: Sendable, Equatable {
  /// The name of the series: what the file calls it, or its number, counted from 1.
  public let id: String
  /// The line of the file on which it begins; nil if it is from no file.
  public let line: Int?
  /// The value of each channel at each step, `[steps, channels]`; NaN if one is missing.
  public internal(set) var inputs: [Float]
  /// The static inputs, `[statics]`; NaN if one is missing.
  public internal(set) var statics: [Float]
  /// The class of the series, or of each step, as a position in ``SeriesData/labelNames``; -1 if it is missing.
  ///
  /// Empty unless classes are to be predicted.
  public internal(set) var labels: [Int32]
  /// The values to be predicted, `[targets]` or `[steps, targets]`; NaN if one is missing.
  ///
  /// Empty unless values are to be predicted.
  public internal(set) var targets: [Float]

  /// A series from memory.
  ///
  /// - Parameters:
  ///   - id: its name, for messages.
  ///   - inputs: `[steps, channels]`, channels fastest; NaN if a value is missing.
  ///   - statics: what does not change over time, `[statics]`.
  ///   - labels: the class of the series, or of each step; -1 if it is missing.
  ///   - targets: the values to be predicted, `[targets]` or `[steps, targets]`; NaN if one is missing.
  /// - Complexity: O(1).
  public init(id: String, inputs: [Float], statics: [Float] = [], labels: [Int32] = [], targets: [Float] = []) {
    self.init(id: id, line: nil, inputs: inputs, statics: statics, labels: labels, targets: targets)
  }

  init(
    id: String, line: Int?, inputs: [Float] = [], statics: [Float] = [], labels: [Int32] = [], targets: [Float] = []
  ) {
    self.id = id
    self.line = line
    self.inputs = inputs
    self.statics = statics
    self.labels = labels
    self.targets = targets
  }
}

/// Time series in memory: of unequal lengths, with any number of channels, with or without targets.
///
/// ```swift
/// let data = try SeriesFile.read("TRAIN.ts")
/// print(data)                                  // 270 sequences of 7 to 26 steps, 12 channels, 9 classes
/// for notice in data.notices { print(notice) } // what the reader decided
/// ```
public struct SeriesData: Sendable, Equatable {
  /// What is to be predicted.
  public enum TargetKind: String, Sendable, CaseIterable {
    /// Nothing; the series themselves can be forecast.
    case none
    /// One class for each series.
    case label
    /// Values for each series.
    case values
    /// One class for each step.
    case stepLabels
    /// Values for each step.
    case stepValues

    /// Whether classes are to be predicted.
    public var areLabels: Bool { self == .label || self == .stepLabels }
    /// Whether each step has targets.
    public var isEveryStep: Bool { self == .stepLabels || self == .stepValues }
  }

  /// Where the series are from: the path of a file, or the name that the program gave them.
  public let source: String
  /// The names of the channels: the columns of a file, or numbers, counted from 1.
  public let channels: [String]
  /// The names of the static inputs.
  public let staticNames: [String]
  /// What is to be predicted.
  public let targetKind: TargetKind
  /// The names of the values to be predicted; empty unless targets are values.
  public let targetNames: [String]
  /// The names of the classes, numbers in ascending order and words in that of the alphabet; empty unless targets are
  /// classes.
  ///
  /// A number is written in one way, whatever the file's: `1`, also for `1.0` and `1.0000000e+00`.
  public let labelNames: [String]
  /// The series.
  public internal(set) var sequences: [Series]
  /// What was decided while reading, one sentence each: to be printed.
  public internal(set) var notices: [String]

  /// Series from memory.
  ///
  /// - Parameters:
  ///   - sequences: the series.
  ///   - channels: the names of the channels.
  ///   - staticNames: the names of the static inputs.
  ///   - targetKind: what is to be predicted.
  ///   - targetNames: the names of the values to be predicted, if targets are values.
  ///   - labelNames: the names of the classes, if targets are classes.
  ///   - source: what to call the data in messages.
  /// - Throws: ``SeriesError`` if there are no series or no channels, or a series does not fit the names.
  /// - Complexity: O(sequences), of classes O(labels).
  public init(
    _ sequences: [Series], channels: [String], staticNames: [String] = [], targetKind: TargetKind = .none,
    targetNames: [String] = [], labelNames: [String] = [], source: String = "series"
  ) throws(SeriesError) {
    self.source = source
    self.channels = channels
    self.staticNames = staticNames
    self.targetKind = targetKind
    self.targetNames = targetNames
    self.labelNames = labelNames
    self.sequences = sequences
    notices = []
    guard !channels.isEmpty, !sequences.isEmpty else {
      throw SeriesError(
        .empty, source: source,
        found: "\(quantity(sequences.count, "sequence")) of \(quantity(channels.count, "channel"))",
        expected: "at least one of each")
    }
    for series in sequences { try check(series) }
  }

  private func check(_ series: Series) throws(SeriesError) {
    func refused(_ kind: SeriesError.Kind, _ found: String, _ expected: String) -> SeriesError {
      SeriesError(
        kind, source: source, line: series.line, found: "\(found) in sequence \(series.id.quoted)", expected: expected)
    }
    if series.inputs.isEmpty { throw refused(.empty, "no values", "at least one step") }
    guard series.inputs.count.isMultiple(of: channels.count) else {
      throw refused(.ragged, quantity(series.inputs.count, "value"), "a multiple of \(channels.count), the channels")
    }
    guard series.statics.count == staticNames.count else {
      throw refused(.statics, quantity(series.statics.count, "static input"), "\(staticNames.count)")
    }
    let places = targetKind.isEveryStep ? stepCount(of: series) : 1
    let labelCount = targetKind.areLabels ? places : 0
    guard series.labels.count == labelCount else {
      throw refused(.label, quantity(series.labels.count, "label"), "\(labelCount)")
    }
    if let label = series.labels.first(where: { $0 < -1 || $0 >= labelNames.count }) {
      throw refused(.label, "label \(label)", "-1 if it is missing, or 0..<\(labelNames.count)")
    }
    let targetCount = targetKind.areLabels || targetKind == .none ? 0 : places * targetNames.count
    guard series.targets.count == targetCount else {
      throw refused(.ragged, quantity(series.targets.count, "target value"), "\(targetCount)")
    }
  }

  /// The number of steps of a series of this data.
  ///
  /// - Parameter series: one of ``sequences``.
  /// - Complexity: O(1).
  public func stepCount(of series: Series) -> Int { series.inputs.count / channels.count }

  /// The values of one channel of a series of this data, such as the history of a forecast.
  ///
  /// - Parameters:
  ///   - channel: a position in ``channels``.
  ///   - series: one of ``sequences``.
  /// - Returns: `[steps]`; NaN if a value is missing.
  /// - Precondition: there is such a channel.
  /// - Complexity: O(steps).
  public func values(ofChannel channel: Int, in series: Series) -> [Float] {
    require(channels.indices.contains(channel), "channel \(channel) of \(channels.count)")
    return stride(from: channel, to: series.inputs.count, by: channels.count).map { series.inputs[$0] }
  }

  /// The same data with some of its series alone.
  func holding(_ sequences: [Series]) -> SeriesData {
    var part = self
    part.sequences = sequences
    return part
  }
}
