import Recurrent
import RecurrentData
import RecurrentSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The checkpoints in the folder of a run: the newest two, and that of the best validation.
///
/// A file is a line of JSON that describes the rest, and the rest, JSON too:
///
/// ```
/// {"format":"recurrent-checkpoint","version":2,"bytes":52817,"sha256":"9f86…"}
/// {…}
/// ```
///
/// It is complete at any moment: it is written under another name, synchronized to the disk and renamed.
struct CheckpointStore {
  /// The name of their folder in that of the run.
  static let folderName = "checkpoints"
  /// Changes when files that an earlier version wrote cannot be continued.
  private static let version = 2
  private static let format = "recurrent-checkpoint"
  private static let ending = ".checkpoint"
  private static let start = "step-"
  /// The most bytes of a file: four copies of the largest network.
  private static let largestSize = 1 << 36

  private struct Header: Codable {
    var format: String
    var version: Int
    var bytes: Int
    var sha256: String
  }

  private let folder: String

  /// The checkpoints of the run in a folder.
  init(run: String) { folder = run + "/" + Self.folderName }

  /// The path of the checkpoint after some steps.
  private func path(_ steps: Int) -> String { "\(folder)/\(Self.start)\(steps)\(Self.ending)" }

  /// The steps after which there are checkpoints, in ascending order.
  var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix(Self.start), name.hasSuffix(Self.ending) else { return nil }
      return Int(name.dropFirst(Self.start.count).dropLast(Self.ending.count))
    }.sorted()
  }

  /// Removes all checkpoints and their folder.
  func removeAll() {
    removeUnfinished()
    for step in steps { _ = unsafe unlink(path(step)) }
    _ = unsafe rmdir(folder)
  }

  /// Removes the files of writes that were cut off.
  func removeUnfinished() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasSuffix(AtomicFile.unfinishedEnding) { _ = unsafe unlink(folder + "/" + name) }
  }

  /// Writes a checkpoint, then removes those not needed any more.
  ///
  /// - Parameters:
  ///   - value: the checkpoint.
  ///   - steps: the number of steps before it.
  ///   - best: the number of steps before the best validation; nil if there was none.
  func write(_ value: some Encodable, steps: Int, best: Int?) throws(CommandFailure) {
    _ = try FolderMaker.make(folder)
    let earlier = self.steps
    do {
      let payload = try Array(JSONText.line(value).utf8)
      let header = Header(
        format: Self.format, version: Self.version, bytes: payload.count, sha256: SHA256.checksum(of: payload))
      let line = try Array((JSONText.line(header) + "\n").utf8)
      try AtomicFile.write([line, payload], to: path(steps), as: .member)
    } catch {
      throw (error as? FileWriteError).map(CommandFailure.init)
        ?? CommandFailure("\(path(steps)): cannot be encoded as JSON", .bug)
    }
    // Those of later steps belong to a course that was given up.
    let kept = Set([steps, earlier.last { $0 < steps }, best].compactMap(\.self))
    for other in earlier where !kept.contains(other) { _ = unsafe unlink(path(other)) }
  }

  /// Reads the newest checkpoint, or a given one; nil if there is none.
  ///
  /// - Parameters:
  ///   - type: what it holds.
  ///   - file: its path; nil for the newest.
  /// - Throws: a failure that names an earlier checkpoint to go on from, if the newest one is damaged.
  func read<Value: Decodable>(_ type: Value.Type, file: String?) throws(CommandFailure) -> Value? {
    if let file { return try Self.read(type, at: file) }
    let steps = self.steps
    guard let newest = steps.last else { return nil }
    do throws(CommandFailure) { return try Self.read(type, at: path(newest)) } catch {
      let advice =
        steps.dropLast().last.map { "; --checkpoint \(path($0)) goes on from the one before" }
        ?? "; without the file, the run begins anew"
      throw CommandFailure(error.message + advice, error.status)
    }
  }

  private static func read<Value: Decodable>(_ type: Value.Type, at path: String) throws(CommandFailure) -> Value {
    func fault(_ found: String, _ expected: String = "a checkpoint of a run") -> CommandFailure {
      CommandFailure("\(path.shown(limit: 1000)): found \(found), expected \(expected)", .badData)
    }
    guard let bytes = UntrustedFile.start(of: path, limit: largestSize) else {
      throw CommandFailure(
        "\(path.shown(limit: 1000)): found no such file, expected a checkpoint of a run", .missingInput)
    }
    guard let end = bytes.prefix(1000).firstIndex(of: UInt8(ascii: "\n")),
      let header = try? UntrustedFile.decode(Header.self, from: Array(bytes[..<end])), header.format == format
    else { throw fault(bytes.isEmpty ? "an empty file" : "a file of another kind, or a damaged one") }
    guard header.version == version else {
      throw fault("a checkpoint of version \(header.version)", "version \(version), which this program writes")
    }
    let payload = Array(bytes[(end + 1)...])
    guard payload.count == header.bytes else {
      throw fault("\(payload.count.grouped) bytes", "\(header.bytes.grouped), as its first line says")
    }
    guard SHA256.checksum(of: payload) == header.sha256 else {
      throw fault("bytes with another checksum than its first line says", "an undamaged file")
    }
    do { return try UntrustedFile.decode(type, from: payload) } catch {
      throw fault("a checkpoint of another network or optimizer", "one of this run")
    }
  }
}
