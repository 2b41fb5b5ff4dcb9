import Recurrent

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

/// The folder that a run writes: `config.json`, `metrics.jsonl`, `model.safetensors`.
///
/// Every file is whole at any moment, however the process ends: files take their names when they are complete, and a
/// line of metrics is added at once or not at all.
final class RunFolder {
  let path: String
  private let metrics: Int32
  private var metricsLength: off_t = 0

  var modelPath: String { path + "/" + ModelFile.name }

  /// Makes the folder.
  ///
  /// - Parameters:
  ///   - path: where; nil for a fresh name below `runs`.
  ///   - name: what a fresh name begins with.
  init(_ path: String?, name: String) throws(CommandFailure) {
    let folder = path ?? Self.freshPath(name)
    if FileManager.default.fileExists(atPath: folder + "/" + ModelFile.name) {
      throw CommandFailure(
        "\(folder): found a run with a model, expected a folder without one; name another with --run-dir, or move the "
          + "run away", .cannotCreate)
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(
        "\(folder): the run folder cannot be made (\(Self.reason(folder))); name another with --run-dir",
        .cannotCreate)
    }
    self.path = folder
    metrics = unsafe open(folder + "/metrics.jsonl", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if metrics < 0 {
      let reason = unsafe String(cString: strerror(errno))
      throw CommandFailure(
        "\(folder)/metrics.jsonl: cannot be written (\(reason)); name another folder with --run-dir", .cannotCreate)
    }
  }

  deinit { close(metrics) }

  /// Writes what the run was told.
  func write(_ configuration: RunConfiguration) throws(CommandFailure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      let text = String(decoding: try encoder.encode(configuration), as: UTF8.self)
      try AtomicFile.write(text + "\n", to: path + "/config.json")
    } catch let error as FileWriteError {
      throw CommandFailure(error)
    } catch {
      throw CommandFailure("\(path)/config.json: cannot be put into JSON", .bug)
    }
  }

  /// Writes the model, in place of one from before.
  func write(_ network: SequenceClassifier) throws(CommandFailure) {
    do throws(FileWriteError) { try network.save(to: modelPath) } catch { throw CommandFailure(error) }
  }

  /// Adds a line to `metrics.jsonl`.
  func log(_ event: MetricsEvent) throws(CommandFailure) {
    let line = Array((event.json + "\n").utf8)
    let code = AtomicFile.writeAll(line, to: metrics)
    if code != 0 {
      // Half a line helps nobody.
      ftruncate(metrics, metricsLength)
      let reason = unsafe String(cString: strerror(code))
      throw CommandFailure(
        "\(path)/metrics.jsonl: cannot be written (\(reason)); check the space on the disk", .inputOutput)
    }
    metricsLength += off_t(line.count)
  }

  /// A name that no run has yet.
  private static func freshPath(_ name: String) -> String {
    var now = time(nil)
    var parts = unsafe tm()
    var text = [CChar](repeating: 0, count: 32)
    _ = unsafe localtime_r(&now, &parts)
    let length = unsafe strftime(&text, text.count, "%Y-%m-%d-%H%M%S", &parts)
    let moment = String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let base = "runs/\(name)-\(moment)"
    var path = base
    var number = 2
    while FileManager.default.fileExists(atPath: path) {
      path = "\(base)-\(number)"
      number += 1
    }
    return path
  }

  /// What stands in the way of a folder: the system's own word, from trying once more.
  private static func reason(_ path: String) -> String {
    var folder = path
    while !folder.isEmpty && !FileManager.default.fileExists(atPath: folder) {
      guard let slash = folder.lastIndex(of: "/") else { return "the present folder cannot be written" }
      folder = String(folder[..<slash])
    }
    var status = stat()
    if unsafe stat(folder.isEmpty ? "/" : folder, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
      return "\(folder) is a file"
    }
    return "\(folder.isEmpty ? "/" : folder) cannot be written"
  }
}
