import Recurrent
import RecurrentSupport

/// A training run from data to test result: a log on standard output, a run folder on disk.
struct TrainingRun<Task: RunTask> {
  /// The data, and what is made of the results.
  let task: Task
  /// The options, with their defaults filled in.
  let options: TrainOptions
  /// All options of the command that affect the result.
  let recorded: RecordedOptions
  /// The network before its first step.
  let start: SequenceModel
  let loop: TrainingLoop
  let mode: RunMode
  let reporter: RunReporter
  /// What standard input held, if the data are from there.
  var input: [UInt8]?

  /// What a checkpoint holds.
  private struct Checkpoint<Rule: Optimizer & Codable>: Codable {
    let training: TrainingCheckpoint<Rule>
    let log: TrainingLog.State
    /// The length of the metrics at this point.
    let metricsLength: Int
  }

  /// Trains on the data and measures the result.
  func callAsFunction() throws(CommandFailure) { try train(with: options.optimizer.rule) }

  private func train<Rule: Optimizer & Codable>(with rule: Rule) throws(CommandFailure) {
    var (network, optimizer) = (start, rule)
    // From here on files are written.
    Interruption.listen()
    let loop = try limited(rule)
    let folder = try openFolder(loop)
    for line in task.summary { reporter.note(line) }
    reporter.note(description(of: folder))

    let log = TrainingLog(of: task, folder: folder, logEvery: options.run.logEvery, loop: loop, reporter: reporter)
    let checkpoint = try readCheckpoint(of: Rule.self, folder: folder, log: log)
    let clock = ContinuousClock()
    var written = clock.now
    let isComplete = try loop.run(
      &network, optimizer: &optimizer, on: task.training, from: checkpoint?.training
    ) { pause, checkpoint throws(CommandFailure) in
      if pause == .step && clock.now - written < options.run.checkpointInterval { return }
      try folder.write(
        checkpoint: Checkpoint<Rule>(training: checkpoint(), log: log.saved, metricsLength: folder.metricsLength),
        steps: log.state.steps, best: log.state.lowestSteps)
      written = clock.now
    } observe: { event throws(CommandFailure) in
      try log.observe(event)
      return !Interruption.isRequested
    }
    if !isComplete {
      throw log.failure(log.stopped + "; 'recurrent resume \(folder.path)' goes on", .interrupted)
    }
    let results = try task.test(network, log: log)
    reporter.print()
    let rate = Double(log.state.trainedUnits) / max(log.trainingSeconds, 1e-9)
    reporter.print(
      "Trained on \(log.state.trainedUnits.grouped) \(task.unit.name) in \(log.trainingSeconds.fixed(2)) s: "
        + "\(Int(rate).grouped) \(task.unit.name) per second")
    reporter.note("model: \(folder.modelPath)")
    try log.drawCurves()
    try task.draw(results, folder: folder)
    reporter.note("pictures: \(task.kind.pictures.map(\.fileName).joined(separator: ", ")) in \(folder.path)")
  }

  /// The loop, with the number of steps that the minutes allowed come to.
  private func limited<Rule: Optimizer>(_ rule: Rule) throws(CommandFailure) -> TrainingLoop {
    guard let minutes = options.training.maxMinutes else { return loop }
    let steps: Int
    if case .resuming(let folder, _) = mode, let limit = RunConfiguration.of(folder)?.stepLimit {
      steps = limit
    } else {
      let limit = StepLimit(minutes: Double(minutes), network: start, optimizer: rule, data: task.training, loop: loop)
      reporter.note(limit.description)
      steps = limit.steps
    }
    var loop = loop
    loop.maximumSteps = min(steps, loop.maximumSteps ?? .max)
    // The schedule is to end with the time.
    var limited = options
    limited.training.maxSteps = loop.maximumSteps
    limited.schedule(&loop.options, batchesPerEpoch: task.training.batches(epoch: 0).count)
    return loop
  }

  private func openFolder(_ loop: TrainingLoop) throws(CommandFailure) -> RunFolder {
    if case .resuming(let path, _) = mode {
      let folder = try RunFolder(resuming: path)
      // Other data would lead elsewhere, without a word.
      if let found = RunConfiguration.of(path)?.data, !found.holdsSame(as: task.record) {
        throw CommandFailure(
          "\(path): found a run on other data than \(task.record.source.shown()) holds now, expected the same; undo the "
            + "change of the data, or begin anew", .badData)
      }
      return folder
    }
    let stepLimit = options.training.maxMinutes == nil ? nil : loop.maximumSteps
    return try RunFolder(
      options.run.runDir, name: task.kind.rawValue, replaces: mode == .replacing, input: input
    ) { folder in
      var recorded = recorded
      if input != nil { recorded["files"] = .list([.text(folder + "/" + RunFolder.inputName)]) }
      return RunConfiguration(
        version: RootCommand.version, task: task.kind.rawValue, data: task.record, network: start.configuration,
        parameterCount: start.parameters.count, options: recorded, stepLimit: stepLimit,
        threads: start.threads.threads, instructionSet: Processor.instructionSet)
    }
  }

  /// The checkpoint to go on from, if any; log and metrics are then as they were at that point.
  private func readCheckpoint<Rule: Optimizer & Codable>(
    of rule: Rule.Type, folder: RunFolder, log: TrainingLog
  ) throws(CommandFailure) -> Checkpoint<Rule>? {
    guard case .resuming(_, let file) = mode else { return nil }
    let found = try folder.checkpoints.read(Checkpoint<Rule>.self, file: file)
    if let found {
      do throws(InputError) { try found.training.check(for: start) } catch {
        throw CommandFailure("\(folder.path)/\(CheckpointStore.folderName): \(error)", .badData)
      }
      log.resume(found.log)
      reporter.note("going on after \(found.log.steps.grouped) steps")
    } else {
      reporter.note("found no checkpoint: beginning anew")
    }
    try folder.shortenMetrics(to: found?.metricsLength ?? 0)
    return found
  }

  private func description(of folder: RunFolder) -> String {
    "\(start.parameters.count.grouped) parameters, \(quantity(start.threads.threads, "thread")), "
      + "\(Processor.instructionSet) kernels; results in \(folder.path)"
  }
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
