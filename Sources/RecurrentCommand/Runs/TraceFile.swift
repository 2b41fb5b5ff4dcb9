import RecurrentData
import RecurrentSupport

/// A table of time steps in a file that the user names.
enum TraceFile {
  /// Writes a table, completely or not at all; also into a pipe or a device.
  ///
  /// - Throws: a failure if the file exists and is not a trace of this program, so that it is not lost.
  static func write(_ table: StepTable, to path: String) throws(CommandFailure) {
    // The option has checked the ending.
    guard let bytes = StepTable.Format(path: path).flatMap(table.bytes) else {
      throw CommandFailure(
        "\(path.shown()): found arrays of 4 GB or more, expected less; name a file that ends in .csv", .cannotCreate)
    }
    try NamedFile(path: path, option: "--trace", content: "a trace").write(bytes, replacing: StepTable.isFile)
  }
}
