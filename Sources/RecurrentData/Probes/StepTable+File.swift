import Recurrent
import RecurrentSupport

extension StepTable {
  /// The form of a file.
  public enum Format: String, Sendable, CaseIterable {
    /// Text, one line per step; opens in a spreadsheet, and with pandas' `read_csv`.
    case csv
    /// One array for each name, for NumPy's `load`.
    case npz

    /// The format that a file's name ends in, in capital or small letters; nil if it ends in another.
    ///
    /// - Parameter path: the file, such as `trace.csv`.
    public init?(path: String) {
      guard let format = Self.allCases.first(where: { path.lowercased().hasSuffix("." + $0.rawValue) }) else {
        return nil
      }
      self = format
    }
  }

  /// The contents of a file.
  ///
  /// A CSV file has a header and one line per step; numbers have as many digits as it takes to tell them from all
  /// others, or are `nan`, `inf` and `-inf`. An `.npz` file is a zip file, not compressed, of `.npy` files of 32-bit floats;
  /// `step` has 32-bit integers. The same table gives the same bytes at any time.
  ///
  /// - Parameter format: the form of the file.
  /// - Returns: all bytes; nil if an `.npz` file would have 4 GB or more, or 65,535 arrays or more.
  /// - Complexity: O(values).
  public func bytes(_ format: Format) -> [UInt8]? {
    switch format {
    case .csv: Array(csv.utf8)
    case .npz: npz
    }
  }

  /// Writes the table to a file, completely or not at all.
  ///
  /// - Parameter path: the file, whose ending is `.csv` or `.npz`; see ``bytes(_:)``.
  /// - Throws: `FileWriteError` if it has another ending, or cannot be written; an old file is then still there.
  /// - Complexity: O(values).
  public func write(to path: String) throws(FileWriteError) {
    guard let format = Format(path: path) else {
      throw FileWriteError(
        path: path, reason: "found another ending than .csv and .npz", advice: "name a file that ends in one of them")
    }
    guard let bytes = bytes(format) else {
      throw FileWriteError(
        path: path, reason: "found 4 GB of arrays or more",
        advice: "trace a shorter sequence, or name a file that ends in .csv")
    }
    try AtomicFile.write([bytes], to: path)
  }

  /// Whether bytes are the beginning of a file that the trace of a network was written to.
  ///
  /// A CSV file of other columns may begin with `step`, too.
  ///
  /// - Parameter start: the first bytes of a file, of a CSV file the names of all columns.
  package static func isFile(_ start: [UInt8]) -> Bool {
    let header = String(decoding: start.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    return header.hasPrefix("step,") && (header.contains(",layer0.") || header.hasPrefix("step,input.0,"))
      || ZipArchive.isArchive(start, first: "step.npy")
  }

  private var csv: String {
    var text = (["step"] + series.flatMap(\.columns)).joined(separator: ",") + "\n"
    for t in 0..<stepCount {
      text += "\(t)"
      for series in series {
        let size = series.values.shape.dropFirst().reduce(1, *)
        for value in series.values.values[t * size..<(t + 1) * size] { text += ",\(value)" }
      }
      text += "\n"
    }
    return text
  }

  private var npz: [UInt8]? {
    var archive = ZipArchive()
    let steps = (0..<stepCount).flatMap { littleEndian(UInt32(truncatingIfNeeded: $0)) }
    archive.add(NumPyArray.bytes(type: "<i4", shape: [stepCount], elements: steps), named: "step.npy")
    for series in series {
      let elements = series.values.values.flatMap { littleEndian($0.bitPattern) }
      archive.add(
        NumPyArray.bytes(type: "<f4", shape: series.values.shape, elements: elements), named: series.name + ".npy")
    }
    return archive.bytes
  }
}

/// The bytes of an integer, the least significant first.
func littleEndian(_ number: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
  (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}
