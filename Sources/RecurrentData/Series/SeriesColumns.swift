/// The roles that the columns of a table of time series play.
///
/// Columns are called by their names in the header; without a header by their numbers, counted from 1. Without a role
/// named here, a column called `id` holds names of series, one called `time`, `timestamp`, `date`, `datetime` or `ds`
/// holds time, and one called `label` or `class` holds classes, in capitals or not.
public struct SeriesColumns: Sendable, Equatable, Codable {
  /// Columns that hold what is to be predicted.
  public enum Target: Sendable, Equatable, Codable {
    /// Nothing is to be predicted, whatever columns are called.
    case none
    /// A class for each series; a long table repeats it at every step.
    case label(String)
    /// Values for each series; a long table repeats them at every step.
    case values([String])
    /// A class for each step of a long table; an empty cell if it is missing.
    case stepLabel(String)
    /// Values for each step of a long table; an empty cell if one is missing.
    case stepValues([String])
  }

  /// The column of the series' names; a long table without one is a single series.
  public var id: String?
  /// The column of time, numbers or dates as in ISO 8601, which ascends within each series.
  public var time: String?
  /// The columns of the inputs; nil for all that have no other role.
  ///
  /// In a wide table these are the steps, in their order.
  public var channels: [String]?
  /// The columns of inputs that do not change over time.
  public var statics: [String]
  /// The columns of what is to be predicted; nil for a class if a column is called so, and nothing otherwise.
  public var target: Target?
  /// Whether the first line of a wide table is a header; nil if that is to be seen from it.
  ///
  /// A long table has a header. The first line of a wide one is seen to be a header if one of its cells is a name with a role, or none of them is a number.
  public var hasHeader: Bool?

  /// Roles of columns.
  ///
  /// - Parameters:
  ///   - id: the column of the series' names.
  ///   - time: the column of time.
  ///   - channels: the columns of the inputs; nil for all that have no other role.
  ///   - statics: the columns of inputs that do not change over time.
  ///   - target: the columns of what is to be predicted; nil for a class if a column is called so.
  ///   - hasHeader: whether the first line of a wide table is a header; nil if that is to be seen from it.
  /// - Complexity: O(1).
  public init(
    id: String? = nil, time: String? = nil, channels: [String]? = nil, statics: [String] = [], target: Target? = nil,
    hasHeader: Bool? = nil
  ) {
    self.id = id
    self.time = time
    self.channels = channels
    self.statics = statics
    self.target = target
    self.hasHeader = hasHeader
  }
}
