import Recurrent
import RecurrentSupport

/// A training run from data to test result: a log on standard output, a run folder on disk.
struct TrainingRun<Task: RunTask>: ResumableRun {
  /// The data, and what is made of the results.
  let task: Task
  let options: TrainOptions
  let recorded: RecordedOptions
  let start: SequenceModel
  let loop: TrainingLoop
  let mode: RunMode
  let reporter: RunReporter
  var input: [UInt8]?

  private typealias Checkpoint<Rule: Optimizer & Codable> = RunCheckpoint<TrainingCheckpoint<Rule>, TrainingLog.State>

  var kind: TaskKind { task.kind }
  var record: RunConfiguration.Data { task.record }

  /// Trains on the data and measures the result.
  func callAsFunction() throws(CommandFailure) {
    // From here on files are written.
    Interruption.listen()
    let rule = options.optimizer.rule
    let loop = limited(rule)
    let folder = try openFolder(stepLimit: options.training.maxMinutes == nil ? nil : loop.maximumSteps)
    for line in task.summary { reporter.note(line) }
    reporter.note(description(of: folder))
    try RunReport.write(to: folder.path, reporter: reporter) { () throws(CommandFailure) in
      try train(rule, by: loop, in: folder)
    }
  }

  /// Trains by a loop, measures the network and draws pictures.
  private func train<Rule: Optimizer & Codable>(
    _ rule: Rule, by loop: TrainingLoop, in folder: RunFolder
  ) throws(CommandFailure) {
    var (network, optimizer) = (start, rule)
    let log = TrainingLog(of: task, folder: folder, logEvery: options.run.logEvery, loop: loop, reporter: reporter)
    let checkpoint = try readCheckpoint(Checkpoint<Rule>.self, in: folder) { training throws(InputError) in
      try training.check(for: start)
    }
    if let checkpoint { log.resume(checkpoint.log) }
    var writer = CheckpointWriter(folder, interval: options.run.checkpointInterval)
    let isComplete = try loop.run(
      &network, optimizer: &optimizer, on: task.training, from: checkpoint?.training
    ) { pause, checkpoint throws(CommandFailure) in
      let training = checkpoint()
      // The last one lets a run that is killed in its test go on from there.
      guard writer.isDue(at: pause) || training.epoch == loop.epochs else { return }
      try writer.write(
        Checkpoint<Rule>(
          training: training, log: log.saved, steps: log.state.steps, metricsLength: folder.metricsLength),
        best: log.state.lowestSteps)
    } observe: { event throws(CommandFailure) in
      try log.observe(event)
      return !Interruption.isRequested
    }
    if !isComplete { throw log.interruption(in: folder) }
    let results = try task.test(network, log: log)
    reportSpeed(log.state.trainedUnits, task.unit.name, seconds: log.trainingSeconds)
    reporter.note("model: \(folder.modelPath)")
    try log.drawCurves()
    try task.draw(results, folder: folder)
    notePictures(in: folder)
  }

  /// The loop, with the number of steps that the minutes allowed come to.
  private func limited<Rule: Optimizer>(_ rule: Rule) -> TrainingLoop {
    guard let steps = stepLimit(rule) else { return loop }
    var loop = loop
    loop.maximumSteps = min(steps, loop.maximumSteps ?? .max)
    // The schedule is to end with the time.
    var limited = options
    limited.training.maxSteps = loop.maximumSteps
    limited.schedule(&loop.options, batchesPerEpoch: task.training.batches(epoch: 0).count)
    return loop
  }

  /// The number of steps that --max-minutes comes to: as recorded when the run began, else measured now; nil without it.
  private func stepLimit(_ rule: some Optimizer) -> Int? {
    guard let minutes = options.training.maxMinutes else { return nil }
    if case .resuming(let folder, _) = mode, let steps = RunConfiguration.of(folder)?.stepLimit { return steps }
    let limit = StepLimit(
      minutes: Double(minutes), network: start, optimizer: rule, data: task.training, loop: loop)
    reporter.note(limit.description)
    return limit.steps
  }
}
