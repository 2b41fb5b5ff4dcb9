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

/// The folder of a run: `config.json`, `metrics.jsonl`, `model.safetensors`, checkpoints, and pictures and a report at the
/// end.
///
/// No existing file is replaced, and no other run writes there at the same time. Every file is complete at any moment,
/// however the process ends: files are renamed when they are complete, and a line of metrics is written whole or not at
/// all.
final class RunFolder {
  /// The names of all files that a run writes.
  static let names =
    [configurationName, metricsName, ModelFile.name, inputName, CheckpointStore.folderName, RunReport.name]
    + RunPicture.allCases.map(\.fileName)
  static let configurationName = "config.json"
  static let metricsName = "metrics.jsonl"
  /// The text that a run has read from standard input, which could not be read again.
  static let inputName = "input.txt"

  let path: String
  private let lock: RunLock
  private let metrics: Int32
  /// The length of `metrics.jsonl` in bytes.
  private(set) var metricsLength = 0

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
  ///   - input: what standard input held, if it is to be kept.
  ///   - configuration: the configuration of the run in the folder.
  init(
    _ path: String?, name: String, replaces: Bool = false, input: [UInt8]? = nil,
    configuration: (_ folder: String) -> RunConfiguration
  ) throws(CommandFailure) {
    let (folder, made) =
      if let path { (path, try FolderMaker.make(path)) } else { try FolderMaker.makeFresh("runs/" + name) }
    self.path = folder
    var written: [String] = []
    do throws(CommandFailure) {
      // If a later call fails, the lock and its file are released before the folder is removed.
      let lock = try RunLock(folder: folder)
      if replaces { Self.removeRun(in: folder) } else { try Self.checkIsFree(folder) }
      if let input {
        written.append(Self.inputName)
        try Self.write([input], to: folder + "/" + Self.inputName)
      }
      // The configuration is written after the input, so a folder that has it has all that a resumed run needs.
      written.append(Self.configurationName)
      try Self.write(configuration(folder), to: folder + "/" + Self.configurationName)
      written.append(Self.metricsName)
      metrics = try Self.open(folder + "/" + Self.metricsName, O_CREAT | O_EXCL)
      self.lock = lock
    } catch {
      for name in written { _ = unsafe unlink(folder + "/" + name) }
      FolderMaker.remove(made)
      throw error
    }
  }

  /// Opens the folder of a run to go on with it, and removes what unfinished writes have left there.
  init(resuming folder: String) throws(CommandFailure) {
    self.path = folder
    lock = try RunLock(folder: folder)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasSuffix(AtomicFile.unfinishedEnding) { _ = unsafe unlink(folder + "/" + name) }
    CheckpointStore(run: folder).removeUnfinished()
    // A link in their place is not followed: there are no metrics then.
    let path = folder + "/" + Self.metricsName
    var status = stat()
    if unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK { _ = unsafe unlink(path) }
    metrics = try Self.open(path, O_CREAT)
  }

  /// Removes the files of an earlier run.
  private static func removeRun(in folder: String) {
    CheckpointStore(run: folder).removeAll()
    for name in names { _ = unsafe unlink(folder + "/" + name) }
  }

  /// The checkpoints of the run.
  var checkpoints: CheckpointStore { CheckpointStore(run: path) }

  deinit { close(metrics) }

  private static func write(_ configuration: RunConfiguration, to path: String) throws(CommandFailure) {
    let json: String
    do { json = try configuration.json } catch { throw CommandFailure("\(path): cannot be encoded as JSON", .bug) }
    try write([Array(json.utf8)], to: path)
  }

  private static func write(_ pieces: [[UInt8]], to path: String) throws(CommandFailure) {
    do throws(FileWriteError) { try AtomicFile.write(pieces, to: path, as: .member) } catch {
      throw CommandFailure(error)
    }
  }

  /// Opens a file to be written line by line, never through a link.
  private static func open(_ path: String, _ flags: Int32) throws(CommandFailure) -> Int32 {
    #if canImport(Darwin)
      let file = unsafe Darwin.open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags, 0o644)
    #elseif canImport(Musl)
      let file = unsafe Musl.open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags, 0o644)
    #else
      let file = unsafe Glibc.open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags, 0o644)
    #endif
    if file >= 0 { return file }
    throw CommandFailure(
      "\(path): cannot be written (\(unsafe String(cString: strerror(errno)))), expected a folder for the run's results; "
        + "name another with --run-dir", .cannotCreate)
  }

  /// Records in the configuration how many steps --max-minutes came to.
  func record(stepLimit: Int) throws(CommandFailure) {
    guard var configuration = RunConfiguration.of(path) else { return }
    configuration.stepLimit = stepLimit
    try Self.write(configuration, to: path + "/" + Self.configurationName)
  }

  /// Writes the model, and replaces that of an earlier epoch.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - metadata: what the file holds besides it, by key.
  func write(_ network: SequenceModel, metadata: [String: String]) throws(CommandFailure) {
    let file = network.safeTensors
    let whole = SafeTensors(tensors: file.tensors, metadata: file.metadata.merging(metadata) { own, _ in own })
    do throws(FileWriteError) { try whole.write(to: modelPath, as: .member) } catch { throw CommandFailure(error) }
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
      ftruncate(metrics, off_t(metricsLength))
      throw CommandFailure(FileWriteError(path: metricsPath, code: code))
    }
    metricsLength += line.count
  }

  /// Writes a checkpoint that belongs to the metrics so far, which are on the disk before it is.
  func write(
    checkpoint: some Encodable, steps: Int, best: Int?
  ) throws(CommandFailure) {
    if fsync(metrics) != 0 && errno != EINVAL && errno != ENOTSUP {
      throw CommandFailure(FileWriteError(path: metricsPath, code: errno))
    }
    try checkpoints.write(checkpoint, steps: steps, best: best)
  }

  /// Removes the report of a run that goes on: a run with a report and a result is complete.
  func removeReport() { _ = unsafe unlink(path + "/" + RunReport.name) }

  /// Shortens `metrics.jsonl` to its length at a checkpoint: what followed will follow again.
  func shortenMetrics(to length: Int) throws(CommandFailure) {
    let size = lseek(metrics, 0, SEEK_END)
    guard length <= size else {
      throw CommandFailure(
        "\(metricsPath): found \(Int(size).grouped) bytes, expected at least \(length.grouped) as at the checkpoint; the "
          + "file has been changed", .badData)
    }
    if ftruncate(metrics, off_t(length)) != 0 || lseek(metrics, off_t(length), SEEK_SET) < 0 {
      throw CommandFailure(FileWriteError(path: metricsPath, code: errno))
    }
    metricsLength = length
  }
}
