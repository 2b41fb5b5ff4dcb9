import Recurrent
import RecurrentData
import RecurrentSupport

/// A run on a task that makes its own data: it trains on short sequences, which grow as they are mastered, and tests on
/// long ones.
struct TaskRun: ResumableRun {
  /// The task and its options, with their defaults filled in.
  let task: TaskOptions
  let options: TrainOptions
  let recorded: RecordedOptions
  let start: SequenceModel
  let mode: RunMode
  let reporter: RunReporter

  /// What a checkpoint holds of the training.
  private struct Training: Codable {
    let course: TaskTraining
    let parameters: Parameters
    let maskSeeds: SplitMix64
  }

  var kind: TaskKind { .task }

  var record: RunConfiguration.Data {
    .init(
      name: task.name.rawValue, source: "made by the program", trainingCount: 0, validationCount: 0,
      testCount: task.testSequences * task.testLength.count)
  }

  /// Trains on the task and measures the result.
  func callAsFunction() throws(CommandFailure) {
    // From here on files are written.
    Interruption.listen()
    let recipe = task.recipe(options)
    let folder = try openFolder()
    let lengths = ArgumentCheck.list(task.testLength.map(\.grouped))
    reporter.note(
      "\(task.name.rawValue): trained on at most \(recipe.longestLength.grouped) steps, tested on "
        + "\(task.testSequences.grouped) sequences of \(lengths) steps")
    reporter.note(description(of: folder))
    try RunReport.write(to: folder.path, reporter: reporter) { () throws(CommandFailure) in
      try train(by: recipe, in: folder)
    }
  }

  /// Trains by a recipe, tests the network and draws pictures.
  private func train(by recipe: TaskRecipe, in folder: RunFolder) throws(CommandFailure) {
    let log = TaskLog(
      of: task.name, recipe: recipe, minutes: options.training.maxMinutes, folder: folder,
      logEvery: options.run.logEvery, reporter: reporter)
    var network = start
    let course = try train(&network, by: recipe, log: log)
    reporter.print()
    reporter.print(course.conclusion)
    let scores = try test(network, after: course, log: log)
    reportSpeed(course.stepCount * recipe.batchSize, "sequences", seconds: log.trainingSeconds)
    reporter.note("model: \(folder.modelPath)")
    try folder.write(
      RunPicture.accuracyByLength(scores, of: task.name, trainedOn: recipe.longestLength), as: .accuracyByLength)
    try log.drawCurves()
    notePictures(in: folder)
  }

  /// Trains until the task is solved, or no more steps or no more time are allowed.
  ///
  /// No schedule depends on how many steps the time comes to, and nobody could say it before: lengths grow, and a proof
  /// takes as long as some hundred steps. So the clock decides, and how far it has come is recorded, for repetitions.
  private func train(
    _ network: inout SequenceModel, by recipe: TaskRecipe, log: TaskLog
  ) throws(CommandFailure) -> TaskTraining {
    let folder = log.folder
    let seed = options.training.seed
    // The options were checked when they were read.
    var course = require { try TaskTraining(task.name, recipe: recipe, seed: seed) }
    let checkpoint = try readCheckpoint(RunCheckpoint<Training, TaskLog.State>.self, in: folder) {
      training throws(InputError) in try check(training, recipe: recipe)
    }
    if let checkpoint {
      course = checkpoint.training.course
      network.parameters = checkpoint.training.parameters
      network.maskSeeds = checkpoint.training.maskSeeds
      log.resume(checkpoint.log)
    }
    var writer = CheckpointWriter(folder, interval: options.run.checkpointInterval)
    func keep() throws(CommandFailure) {
      try writer.write(
        RunCheckpoint(
          training: Training(course: course, parameters: network.parameters, maskSeeds: network.maskSeeds),
          log: log.saved, steps: course.stepCount, metricsLength: folder.metricsLength))
    }
    let clock = ContinuousClock()
    while !course.isOver {
      let (before, began) = (TaskStage(course), clock.now)
      let step: TaskTraining.Step
      do { step = try course.step(&network) } catch {
        throw log.failure("\(error); " + log.stopped, error is NonFiniteError ? .badData : .bug)
      }
      try log.observe(
        step, index: course.stepCount - 1, duration: clock.now - began, stages: (before, TaskStage(course)))
      if log.isTimeOver { course.giveUp() }
      let after = TaskStage(course)
      if after != before { try log.write(network, steps: course.stepCount) }
      let isToStop = Interruption.isRequested
      if after != before || isToStop || writer.isDue { try keep() }
      if isToStop { throw log.interruption(in: folder) }
    }
    if course.isOutOfTime { try folder.record(stepLimit: course.stepCount) }
    return course
  }

  /// Throws if a checkpoint is that of another training.
  private func check(_ training: Training, recipe: TaskRecipe) throws(InputError) {
    let course = training.course
    // How many steps are allowed changes none of them, and is known only afterwards where the time is limited.
    var begun = course.recipe
    begun.maximumSteps = recipe.maximumSteps
    let isSame = course.task == task.name && begun == recipe && course.seed == options.training.seed
    if isSame && training.parameters.entries == start.parameters.entries { return }
    throw InputError(
      .network, found: "a checkpoint of another training (\(course.task.rawValue), seed \(course.seed))",
      expected: "one of this run (\(task.name.rawValue), seed \(options.training.seed), with its options)")
  }

  /// Measures the trained network at all lengths, and prints and records the results.
  private func test(
    _ network: SequenceModel, after course: TaskTraining, log: TaskLog
  ) throws(CommandFailure) -> [LengthAccuracy.Score] {
    func scores(_ lengths: [Int], from first: Int) -> [LengthAccuracy.Score] {
      require {
        try LengthAccuracy(
          of: network, on: task.name, lengths: lengths, count: task.testSequences, seed: course.testSeed, from: first
        ).scores
      }
    }
    // The whole training counts as one epoch; it is validated on the lengths of training, on other sequences than the
    // test.
    let validation = scores([task.longestLength], from: task.testSequences)
    try log.folder.log(
      .epoch(
        epoch: 0, steps: course.stepCount, validation: validation[0].evaluation,
        milliseconds: 1000 * log.trainingSeconds))
    let clock = ContinuousClock()
    let began = clock.now
    let found = scores(task.testLength, from: 0)
    let duration = clock.now - began
    try log.folder.log(.lengths(found))
    let longest = found.max { $0.length < $1.length }
    if let longest { try log.folder.log(.test(longest.evaluation, milliseconds: duration.milliseconds)) }
    reporter.print()
    for line in TaskReport(task: task.name, scores: found).lines { reporter.print(line) }
    return found
  }
}
