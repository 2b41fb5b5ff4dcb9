import RecurrentSupport

/// A forecast: which values are to be predicted from how many before them.
///
/// ```
/// inputs x[t - history + 1 … t]  →  targets x[t + 1 … t + horizon]
/// ```
///
/// With a ``season`` the network predicts by how much the values will differ from the ``SeasonalNaive`` forecast of the
/// same steps, which it need not learn; a series may then rise beyond all that was seen in training.
public struct SeriesForecast: Codable, Hashable, Sendable {
  /// How many last steps are read.
  public let history: Int
  /// How many next steps are predicted.
  public let horizon: Int
  /// The channels that are predicted, while all are read; nil for all.
  public let channels: [String]?
  /// How many steps lie between the beginnings of neighbouring windows.
  public let stride: Int
  /// The steps of a season, whose naive forecast is corrected; nil to predict the values themselves.
  public let season: Int?

  private static let sizes = 1...1 << 24

  /// A forecast.
  ///
  /// - Parameters:
  ///   - history: how many last steps are read.
  ///   - horizon: how many next steps are predicted.
  ///   - channels: the channels that are predicted; nil for all.
  ///   - stride: how many steps lie between the beginnings of neighbouring windows.
  ///   - season: the steps of a season, whose naive forecast is corrected; nil to predict the values themselves.
  /// - Precondition: history, horizon and stride lie in `1...2²⁴`, and a season in `1...history`.
  /// - Complexity: O(1).
  public init(history: Int, horizon: Int, channels: [String]? = nil, stride: Int = 1, season: Int? = nil) {
    require(
      [history, horizon, stride].allSatisfy(Self.sizes.contains),
      "history, horizon and stride of a forecast lie in \(Self.sizes); found \(history), \(horizon) and \(stride)")
    require(1...history ~= season ?? 1, "a season lies within the history of \(history) steps; found \(season ?? 1)")
    self.history = history
    self.horizon = horizon
    self.channels = channels
    self.stride = stride
    self.season = season
  }

  /// Decodes a forecast.
  ///
  /// - Parameter decoder: of the file that it was written into.
  /// - Throws: `DecodingError` unless history, horizon and stride lie in `1...2²⁴`, and a season in `1...history`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    history = try values.decode(Int.self, forKey: .history)
    horizon = try values.decode(Int.self, forKey: .horizon)
    channels = try values.decodeIfPresent([String].self, forKey: .channels)
    stride = try values.decode(Int.self, forKey: .stride)
    season = try values.decodeIfPresent(Int.self, forKey: .season)
    try decoder.check([history, horizon, stride].allSatisfy(Self.sizes.contains), "a size beyond \(Self.sizes)")
    try decoder.check(1...history ~= season ?? 1, "a season beyond the history")
  }
}

/// What a network is to do with time series.
public enum SeriesTask: Codable, Hashable, Sendable {
  /// One class for each series.
  case classification
  /// Values for each series.
  case regression
  /// One class for each step.
  case stepClassification
  /// Values for each step.
  case stepRegression
  /// The next values of the series themselves.
  case forecasting(SeriesForecast)

  /// Whether classes are predicted.
  public var predictsClasses: Bool { self == .classification || self == .stepClassification }
  /// Whether each step has targets.
  public var isEveryStep: Bool { self == .stepClassification || self == .stepRegression }

  init?(_ kind: SeriesData.TargetKind) {
    switch kind {
    case .none: return nil
    case .label: self = .classification
    case .values: self = .regression
    case .stepLabels: self = .stepClassification
    case .stepValues: self = .stepRegression
    }
  }
}
