import Foundation
import Testing

/// Texts that are compared as a whole with what was looked at and found good.
///
/// With `RECURRENT_RECORD_SNAPSHOTS=1` in the environment the texts of today are written in place of the stored ones.
enum Snapshot {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Snapshots")

  /// Expects a text to be the stored one.
  static func expect(_ text: String, named name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = folder.appending(path: name + ".txt")
    if ProcessInfo.processInfo.environment["RECURRENT_RECORD_SNAPSHOTS"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let stored = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    #expect(text == stored, "differs from Snapshots/\(name).txt", sourceLocation: sourceLocation)
  }
}
