import Recurrent
import RecurrentCharts

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The folder that a run writes: `config.json`, `metrics.jsonl`, `model.safetensors`, and pictures when it ends.
///
/// Nothing that is there is replaced, and no other run writes there meanwhile. Every file is whole at any moment, however
/// the process ends: files take their names when they are complete, and a line of metrics is added at once or not at
/// all.
final class RunFolder {
  /// The names of all that a run writes.
  static let names = ["config.json", metricsName, ModelFile.name] + RunPicture.allCases.map(\.fileName)
  private static let metricsName = "metrics.jsonl"

  let path: String
  private let lock: RunLock
  private let metrics: Int32
  private var metricsLength: off_t = 0

  var modelPath: String { path + "/" + ModelFile.name }
  private var metricsPath: String { path + "/" + Self.metricsName }

  /// Refuses a folder that holds something of a name that a run writes, whoever has put it there.
  static func checkIsFree(_ path: String) throws(CommandFailure) {
    guard let name = names.first(where: { isThere(path + "/" + $0) }) else { return }
    try RunLock.check(path)
    throw CommandFailure(
      "\(path): found \(name) in it, expected a folder without the files of a run; name another with --run-dir, or move "
        + "them away", .cannotCreate)
  }

  /// Whether something has a name, be it a link that leads nowhere.
  static func isThere(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  /// Makes the folder and writes what the run was told; where that fails, nothing is left behind.
  ///
  /// - Parameters:
  ///   - path: where; nil for a fresh name below `runs`.
  ///   - name: what a fresh name begins with.
  ///   - replaces: whether the files of an earlier run are known to be of no worth.
  ///   - configuration: what the run was told.
  init(
    _ path: String?, name: String, replaces: Bool = false, configuration: RunConfiguration
  ) throws(CommandFailure) {
    let (folder, made) =
      if let path { (path, try FolderMaker.make(path)) } else { try FolderMaker.makeFresh("runs/" + name) }
    self.path = folder
    var written: [String] = []
    do throws(CommandFailure) {
      // Where this fails, it is released, and its file gone, before the folder is taken away again.
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
        ?? CommandFailure("\(path): cannot be put into JSON", .bug)
    }
  }

  /// A new file to be written line by line: never one that is there, be it through a link.
  private static func create(_ path: String) throws(CommandFailure) -> Int32 {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    if file >= 0 { return file }
    throw CommandFailure(
      "\(path): cannot be written (\(unsafe String(cString: strerror(errno)))), expected a folder for the run's results; "
        + "name another with --run-dir", .cannotCreate)
  }

  /// Writes the model, in place of that of an earlier epoch.
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
      // Half a line helps nobody.
      ftruncate(metrics, metricsLength)
      throw CommandFailure(FileWriteError(path: metricsPath, code: code))
    }
    metricsLength += off_t(line.count)
  }
}
