import Recurrent
import RecurrentCharts

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

/// The folder that a run writes: `config.json`, `metrics.jsonl`, `model.safetensors`, and pictures when it ends.
///
/// Every file is whole at any moment, however the process ends: files take their names when they are complete, and a
/// line of metrics is added at once or not at all.
final class RunFolder {
  let path: String
  private let metrics: Int32
  private var metricsLength: off_t = 0
  /// The folders that were made for this run, from the top down.
  private let made: [String]

  var modelPath: String { path + "/" + ModelFile.name }
  private var metricsPath: String { path + "/metrics.jsonl" }

  /// Refuses a folder that holds a model, so that no result is lost by repeating a command.
  static func checkIsFree(_ path: String) throws(CommandFailure) {
    if FileManager.default.fileExists(atPath: path + "/" + ModelFile.name) {
      throw CommandFailure(
        "\(path): found a run with a model, expected a folder without one; name another with --run-dir, or move the "
          + "run away", .cannotCreate)
    }
  }

  /// Makes the folder.
  ///
  /// - Parameters:
  ///   - path: where; nil for a fresh name below `runs`.
  ///   - name: what a fresh name begins with.
  init(_ path: String?, name: String) throws(CommandFailure) {
    let (folder, made) =
      if let path { (path, try FolderMaker.make(path)) } else { try FolderMaker.makeFresh("runs/" + name) }
    self.path = folder
    self.made = made
    metrics = unsafe open(folder + "/metrics.jsonl", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if metrics < 0 {
      let reason = unsafe String(cString: strerror(errno))
      FolderMaker.remove(made)
      throw CommandFailure(
        "\(folder)/metrics.jsonl: cannot be written (\(reason)), expected a folder for the run's results; name another "
          + "with --run-dir", .cannotCreate)
    }
    // Those of a run that was stopped do not belong to this one.
    for picture in RunPicture.allCases { _ = unsafe unlink(self.path(of: picture)) }
  }

  deinit { close(metrics) }

  /// Writes what the run was told; where that fails, nothing is left behind.
  func write(_ configuration: RunConfiguration) throws(CommandFailure) {
    do {
      try AtomicFile.write(try configuration.json, to: path + "/config.json")
    } catch {
      _ = unsafe unlink(metricsPath)
      FolderMaker.remove(made)
      throw (error as? FileWriteError).map(CommandFailure.init)
        ?? CommandFailure("\(path)/config.json: cannot be put into JSON", .bug)
    }
  }

  /// Writes the model, in place of one from before.
  func write(_ network: SequenceClassifier) throws(CommandFailure) {
    do throws(FileWriteError) { try network.save(to: modelPath) } catch { throw CommandFailure(error) }
  }

  /// Writes a picture, in place of one from before.
  func write(_ picture: some Picture, as name: RunPicture) throws(CommandFailure) {
    do throws(FileWriteError) { try AtomicFile.write(picture.svg, to: path(of: name)) } catch {
      throw CommandFailure(error)
    }
  }

  private func path(of picture: RunPicture) -> String { path + "/" + picture.fileName }

  /// Adds a line to `metrics.jsonl`.
  func log(_ event: MetricsEvent) throws(CommandFailure) {
    let line = Array((event.json + "\n").utf8)
    let code = AtomicFile.writeAll(line, to: metrics)
    if code != 0 {
      // Half a line helps nobody.
      ftruncate(metrics, metricsLength)
      throw CommandFailure(FileWriteError(path: metricsPath, code: code))
    }
    metricsLength += off_t(line.count)
  }
}
