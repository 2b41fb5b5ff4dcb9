import RecurrentSupport

/// Files of time series.
///
/// ```swift
/// let data = try SeriesFile.read("TRAIN.ts")
/// let rivers = try SeriesFile.read(
///   "rivers.csv",
///   columns: SeriesColumns(id: "basin", time: "date", statics: ["area"], target: .stepValues(["flow"])))
/// ```
///
/// Any of them may be compressed with gzip. Files are read as a stream: memory grows with the values alone.
public enum SeriesFile {
  /// The forms in which time series are stored.
  public enum Format: String, Sendable, CaseIterable, Codable {
    /// The `.ts` files of the time-series archives: a header of `@` lines, then a row for each series.
    case ts
    /// The `.tsv` files of the UCR archive: a row for each series of one channel, its class first, between tabs.
    case tsv
    /// A table with a row for each series of one channel: CSV, with commas, semicolons or tabs.
    case wide
    /// A table with a row for each step, and a column for each channel: CSV, with commas, semicolons or tabs.
    case long
  }

  /// The most values that ``read(_:as:columns:valueLimit:)`` takes by default: a hundred million, 400 MB.
  public static let defaultValueLimit = 100_000_000

  /// Reads a file of time series.
  ///
  /// What counts as a missing value: an empty cell, `?`, `NaN`, `NA`, `N/A`, `null` and `none`, in capitals or not. In
  /// the forms with a row for each series, steps at the end that lack all channels mean that the series is shorter.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - format: its form; nil for what its name says: `.ts`, `.tsv`, and any other a table, long if it has a column
  ///     of time or of series' names, wide otherwise.
  ///   - columns: the roles of a table's columns. They mean nothing in `.ts` and `.tsv`, which say all of it themselves.
  ///   - valueLimit: the most values to take: a larger file is refused before memory runs out. A sequence and
  ///     a class count as 64 values each.
  /// - Returns: the series, and in ``SeriesData/notices`` what was decided on the way.
  /// - Throws: ``SeriesError`` with line and column if the file cannot be read or is not as it should be.
  /// - Complexity: O(size) of the file.
  public static func read(
    _ path: String, as format: Format? = nil, columns: SeriesColumns = SeriesColumns(),
    valueLimit: Int = defaultValueLimit
  ) throws(SeriesError) -> SeriesData {
    switch format ?? Self.format(ofName: path) {
    case .ts:
      var reader = try ArchiveReader(RecordReader(path: path, joinsQuotedLines: false), valueLimit: valueLimit)
      return try reader.read()
    case .tsv:
      let table = try SeriesTable(path: path, separator: UInt8(ascii: "\t"), hasHeader: false, columns: SeriesColumns())
      return try table.wide(SeriesColumns(target: .label("1")), valueLimit: valueLimit)
    case let named?:
      let table = try SeriesTable(path: path, hasHeader: named == .long ? true : nil, columns: columns)
      return try named == .long
        ? table.long(columns, valueLimit: valueLimit) : table.wide(columns, valueLimit: valueLimit)
    case nil:
      let table = try SeriesTable(path: path, columns: columns)
      return try table.isLong
        ? table.long(columns, valueLimit: valueLimit) : table.wide(columns, valueLimit: valueLimit)
    }
  }

  /// The SHA-256 checksum of some files, uncompressed, in hexadecimal digits.
  ///
  /// - Parameter paths: the files.
  /// - Throws: ``SeriesError`` if one cannot be read.
  /// - Complexity: O(size) of the files.
  public static func checksum(of paths: [String]) throws(SeriesError) -> String {
    var digits: [String] = []
    for path in paths {
      do throws(IDXError) { digits.append(try SHA256.checksum(ofFile: path).digits) } catch { throw SeriesError(error) }
    }
    return digits.count == 1 ? digits[0] : SHA256.checksum(of: Array(digits.joined().utf8))
  }

  /// The form that a file's name says; nil for a table of either kind.
  private static func format(ofName path: String) -> Format? {
    var name = path.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    return name.hasSuffix(".ts") ? .ts : name.hasSuffix(".tsv") ? .tsv : nil
  }
}
