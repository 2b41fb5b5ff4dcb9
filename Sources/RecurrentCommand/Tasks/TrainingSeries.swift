import Recurrent
import RecurrentData
import RecurrentSupport

/// The time series of training runs.
struct TrainingSeries: RunSource {
  /// What is learned from, with what is kept for validation.
  let data: SeriesData
  /// What the trained network is measured on; nil if no file is named.
  let test: SeriesData?
  /// The checksum of the files.
  let checksum: String
  private let options: SeriesOptions

  /// Reads the files; with a model to start from, columns have the roles that they had in its training data.
  init(_ options: SeriesOptions, start: SeriesModel?) throws(CommandFailure) {
    self.options = options
    func read(_ path: String) throws(CommandFailure) -> SeriesData {
      if let start { return try start.read(path, options.columns, needsTargets: true) }
      do throws(SeriesError) {
        return try SeriesFile.read(path, as: options.columns.fileFormat, columns: options.roles)
      } catch { throw CommandFailure(error) }
    }
    data = try read(options.files[0])
    test = try options.test.map(read)
    do throws(SeriesError) {
      checksum = try SeriesFile.checksum(of: [options.files[0]] + [options.test].compactMap(\.self))
    } catch { throw CommandFailure(error) }
  }

  var kind: TaskKind { .series }
  var name: String { options.files[0] }
  var nameInPictures: String { RunPicture.shortSource(options.files[0]) }
  var identity: (name: String, source: String)? { (Self.dataName, options.files[0]) }
  static let dataName = "series"

  /// The recipe for these series.
  ///
  /// - Parameter options: those of the run, which in a sweep differ from run to run.
  func recipe(_ options: SeriesOptions) -> SeriesRecipe {
    SeriesRecipe(for: task(options) ?? .regression, count: sequenceCount(options))
  }

  /// What a network is to do with them; nil if there is nothing to predict.
  func task(_ options: SeriesOptions) -> SeriesTask? {
    if let horizon = options.forecast {
      return .forecasting(SeriesForecast(history: 1, horizon: min(horizon, Self.longestWindow)))
    }
    return switch data.targetKind {
    case .none: nil
    case .label: .classification
    case .values: .regression
    case .stepLabels: .stepClassification
    case .stepValues: .stepRegression
    }
  }

  /// How many sequences there are about to learn from: series, their pieces, or the windows of a forecast.
  private func sequenceCount(_ options: SeriesOptions) -> Int {
    let steps = data.sequences.map(data.stepCount)
    if options.forecast != nil { return steps.reduce(0, +) }
    guard data.targetKind.isEveryStep else { return steps.count }
    return steps.reduce(0) { $0 + $1.groups(of: options.pieceSteps ?? SeriesRecipe.pieceSteps) }
  }

  /// The forecast, with a season and a history that fit the data if they are not given; nil without --forecast.
  func forecast(_ options: SeriesOptions) -> SeriesForecast? {
    guard let horizon = options.forecast else { return nil }
    let channels = options.columns.target
    let predicted = data.channels.indices.filter { channels.isEmpty || channels.contains(data.channels[$0]) }
    // Validation is not looked at, which is at the end of each series.
    let known = data.sequences.prefix(20).flatMap { series in
      predicted.map { channel in
        let values = data.values(ofChannel: channel, in: series)
        return Array(values.dropLast(Int(Float(values.count) * options.validationShare)))
      }
    }
    let fitted = SeasonalNaive(fittedTo: known, horizon: min(horizon, data.stepCounts.upperBound)).season
    let season = min(options.season ?? fitted, Self.longestWindow)
    let longest = max(season, data.stepCounts.lowerBound / 3)
    let history = min(options.history ?? max(season, min(longest, max(2 * season, horizon, 16))), Self.longestWindow)
    return SeriesForecast(
      history: history, horizon: min(horizon, Self.longestWindow), channels: channels.isEmpty ? nil : channels,
      season: min(season, history))
  }

  /// The most steps of a forecast; series are refused as too short long before.
  private static let longestWindow = 1 << 24
}
