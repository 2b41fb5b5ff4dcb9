import Recurrent
import RecurrentSupport

/// A run that keeps its results in a folder and can be resumed there, however it trains.
protocol ResumableRun {
  /// The kind, as in `config.json` and in the names of run folders.
  var kind: TaskKind { get }
  /// The data, as in `config.json`.
  var record: RunConfiguration.Data { get }
  /// The options, with their defaults filled in.
  var options: TrainOptions { get }
  /// All options of the command that affect the result.
  var recorded: RecordedOptions { get }
  /// The network before its first step.
  var start: SequenceModel { get }
  var mode: RunMode { get }
  var reporter: RunReporter { get }
  /// What standard input held, if the data are from there.
  var input: [UInt8]? { get }
}

/// How a run begins.
enum RunMode: Equatable {
  /// In a folder without the files of a run.
  case new
  /// In a folder whose run is done anew.
  case replacing
  /// Where the run in a folder was left, or at a given checkpoint.
  case resuming(folder: String, checkpoint: String?)
}

extension ResumableRun {
  var input: [UInt8]? { nil }

  /// Makes the folder of a new run, or opens that of a resumed one.
  ///
  /// - Parameter stepLimit: the number of steps that --max-minutes comes to; nil without it, or if that is not known yet.
  func openFolder(stepLimit: Int? = nil) throws(CommandFailure) -> RunFolder {
    if case .resuming(let path, _) = mode {
      let folder = try RunFolder(resuming: path)
      // Other data would lead elsewhere, without a word.
      if let found = RunConfiguration.of(path)?.data, !found.holdsSame(as: record) {
        throw CommandFailure(
          "\(path): found a run on other data than \(record.source.shown()) holds now, expected the same; undo the "
            + "change of the data, or begin anew", .badData)
      }
      return folder
    }
    return try RunFolder(
      options.run.runDir, name: kind.rawValue, replaces: mode == .replacing, input: input
    ) { folder in
      var recorded = recorded
      if input != nil { recorded["files"] = .list([.text(folder + "/" + RunFolder.inputName)]) }
      return RunConfiguration(
        version: RootCommand.version, task: kind.rawValue, data: record, network: start.configuration,
        parameterCount: start.parameters.count, options: recorded, stepLimit: stepLimit,
        threads: start.threads.threads, instructionSet: Processor.instructionSet)
    }
  }

  /// The checkpoint to go on from, if any; the metrics are then as they were at that point.
  ///
  /// - Parameters:
  ///   - type: what it holds.
  ///   - folder: the folder of the run.
  ///   - check: throws if it is the checkpoint of another training.
  func readCheckpoint<Training, Log>(
    _ type: RunCheckpoint<Training, Log>.Type, in folder: RunFolder,
    check: (Training) throws(InputError) -> Void
  ) throws(CommandFailure) -> RunCheckpoint<Training, Log>? {
    guard case .resuming(_, let file) = mode else { return nil }
    let found = try folder.checkpoints.read(type, file: file)
    if let found {
      do throws(InputError) { try check(found.training) } catch {
        throw CommandFailure("\(folder.path)/\(CheckpointStore.folderName): \(error)", .badData)
      }
      reporter.note("going on after \(found.steps.grouped) steps")
    } else {
      reporter.note("found no checkpoint: beginning anew")
    }
    try folder.shortenMetrics(to: found?.metricsLength ?? 0)
    folder.removeReport()
    return found
  }

  /// What is trained, on what, and where the results are.
  func description(of folder: RunFolder) -> String {
    "\(start.parameters.count.grouped) parameters, \(quantity(start.threads.threads, "thread")), "
      + "\(Processor.instructionSet) kernels; results in \(folder.path)"
  }

  /// Prints how fast training was.
  func reportSpeed(_ count: Int, _ unit: String, seconds: Double) {
    let rate = Double(count) / max(seconds, 1e-9)
    reporter.print()
    reporter.print(
      "Trained on \(count.grouped) \(unit) in \(seconds.fixed(2)) s: \(Int(rate).grouped) \(unit) per second")
  }

  /// Prints which pictures there are.
  func notePictures(in folder: RunFolder) {
    let pictures = RunPicture.allCases.map(\.fileName).filter { RunFolder.isThere(folder.path + "/" + $0) }
    reporter.note("pictures: \(pictures.joined(separator: ", ")) in \(folder.path)")
  }
}
