import Recurrent
import RecurrentCharts

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The folder of a run: `config.json`, `metrics.jsonl`, `model.safetensors`, pictures and a report at the end.
///
/// No existing file is replaced, and no other run writes there at the same time. Every file is complete at any moment,
/// however the process ends: files are renamed when they are complete, and a line of metrics is written whole or not at
/// all.
final class RunFolder {
  /// The names of all files that a run writes.
  static let names = ["config.json", metricsName, ModelFile.name, RunReport.name] + RunPicture.allCases.map(\.fileName)
  private static let metricsName = "metrics.jsonl"

  let path: String
  private let lock: RunLock
  private let metrics: Int32
  private var metricsLength: off_t = 0

  var modelPath: String { path + "/" + ModelFile.name }
  private var metricsPath: String { path + "/" + Self.metricsName }

  /// Throws if a folder holds a file with a name that a run writes.
  static func checkIsFree(_ path: String) throws(CommandFailure) {
    guard let name = names.first(where: { isThere(path + "/" + $0) }) else { return }
    try RunLock.check(path)
    throw CommandFailure(
      "\(path): found \(name) in it, expected a folder without the files of a run; name another with --run-dir, or move "
        + "them away", .cannotCreate)
  }

  /// Whether a file exists, or a link, even a broken one.
  static func isThere(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  /// Makes the folder and writes the configuration; if that fails, nothing is left behind.
  ///
  /// - Parameters:
  ///   - path: the folder; nil for a new one in `runs`.
  ///   - name: what the name of a new one begins with.
  ///   - replaces: whether the files of an earlier run may be replaced.
  ///   - configuration: the configuration of the run.
  init(
    _ path: String?, name: String, replaces: Bool = false, configuration: RunConfiguration
  ) throws(CommandFailure) {
    let (folder, made) =
      if let path { (path, try FolderMaker.make(path)) } else { try FolderMaker.makeFresh("runs/" + name) }
    self.path = folder
    var written: [String] = []
    do throws(CommandFailure) {
      // If a later call fails, the lock and its file are released before the folder is removed.
      let lock = try RunLock(folder: folder)
      if replaces {
        for name in Self.names { _ = unsafe unlink(folder + "/" + name) }
      } else {
        try Self.checkIsFree(folder)
      }
      written = ["config.json"]
      try Self.write(configuration, to: folder + "/config.json")
      written.append(Self.metricsName)
      metrics = try Self.create(folder + "/" + Self.metricsName)
      self.lock = lock
    } catch {
      for name in written { _ = unsafe unlink(folder + "/" + name) }
      FolderMaker.remove(made)
      throw error
    }
  }

  deinit { close(metrics) }

  private static func write(_ configuration: RunConfiguration, to path: String) throws(CommandFailure) {
    do {
      try AtomicFile.write(try configuration.json, to: path, as: .member)
    } catch {
      throw (error as? FileWriteError).map(CommandFailure.init)
        ?? CommandFailure("\(path): cannot be encoded as JSON", .bug)
    }
  }

  /// Creates a file to be written line by line; fails if it exists, also as a link.
  private static func create(_ path: String) throws(CommandFailure) -> Int32 {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    if file >= 0 { return file }
    throw CommandFailure(
      "\(path): cannot be written (\(unsafe String(cString: strerror(errno)))), expected a folder for the run's results; "
        + "name another with --run-dir", .cannotCreate)
  }

  /// Writes the model, and replaces that of an earlier epoch.
  func write(_ network: SequenceModel) throws(CommandFailure) {
    do throws(FileWriteError) { try network.safeTensors.write(to: modelPath, as: .member) } catch {
      throw CommandFailure(error)
    }
  }

  /// Writes a picture.
  func write(_ picture: some Picture, as name: RunPicture) throws(CommandFailure) {
    do throws(FileWriteError) { try AtomicFile.write(picture.svg, to: path + "/" + name.fileName, as: .member) } catch {
      throw CommandFailure(error)
    }
  }

  /// Adds a line to `metrics.jsonl`.
  func log(_ event: MetricsEvent) throws(CommandFailure) {
    let line = Array((event.json + "\n").utf8)
    let code = AtomicFile.writeAll(line, to: metrics)
    if code != 0 {
      // Removes the incomplete line.
      ftruncate(metrics, metricsLength)
      throw CommandFailure(FileWriteError(path: metricsPath, code: code))
    }
    metricsLength += off_t(line.count)
  }
}
