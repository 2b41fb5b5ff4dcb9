import Recurrent

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What a sweep is going to do: `sweep.json`, which is written first and marks the folder as that of a sweep.
struct SweepPlan: Codable {
  /// The entries of the data that are needed to find them again.
  struct Data: Codable {
    let source: String
  }

  static let fileName = "sweep.json"

  var program = "recurrent"
  let version: String
  let task: String
  let data: Data?
  /// The options that all runs share.
  let options: RecordedOptions
  /// The axes, as typed.
  let sweep: [String]

  /// Whether a folder is that of a sweep.
  static func isIn(_ folder: String) -> Bool {
    let found = try? UntrustedFile.json(SweepPlan.self, at: folder + "/" + fileName)
    return found?.program == "recurrent"
  }

  /// Removes the plan.
  func remove(from folder: String) { _ = unsafe unlink(folder + "/" + Self.fileName) }

  /// Writes the plan, unless it is there.
  func write(to folder: String) throws(CommandFailure) {
    let path = folder + "/" + Self.fileName
    if Self.isIn(folder) { return }
    do {
      try AtomicFile.write(JSONText.file(self), to: path, as: .member)
    } catch {
      throw (error as? FileWriteError).map(CommandFailure.init)
        ?? CommandFailure("\(path): cannot be encoded as JSON", .bug)
    }
  }
}
