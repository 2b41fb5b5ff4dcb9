import Recurrent
import RecurrentData
import RecurrentSupport

/// The log of a training on a task: prints and records what its steps find, saves the model of each length that is
/// mastered, and draws curves.
final class TaskLog: RunLog {
  /// What a resumed run takes over.
  struct State: Codable {
    /// The time of training steps.
    fileprivate var milliseconds = 0.0
    /// The number of steps before the model of the file; nil if there is none.
    fileprivate var modelSteps: Int?
    fileprivate var growth = LengthGrowth()
    fileprivate var curves = RunCurves.Points()
  }

  let folder: RunFolder
  let reporter: RunReporter
  private let task: SequenceTask
  private let recipe: TaskRecipe
  private let minutes: Float?
  private let logEvery: Int
  private var state = State()
  private var curves: RunCurves
  private var progressTimer = ProgressTimer()

  /// A log that writes into a folder; `minutes` limit the time of training.
  init(
    of task: SequenceTask, recipe: TaskRecipe, minutes: Float?, folder: RunFolder, logEvery: Int, reporter: RunReporter
  ) {
    self.task = task
    self.recipe = recipe
    self.minutes = minutes
    self.folder = folder
    self.logEvery = logEvery
    self.reporter = reporter
    curves = RunCurves(
      lossUnit: task == .adding ? "squared error" : "cross-entropy in nats", hasAccuracy: task != .adding,
      remark: "Task: \(task.rawValue).")
  }

  /// Goes on where an earlier log was.
  func resume(_ state: State) {
    self.state = state
    curves.points = state.curves
  }

  /// What to take over, now.
  var saved: State {
    var saved = state
    saved.curves = curves.points
    return saved
  }

  /// The time of training steps.
  var trainingSeconds: Double { state.milliseconds / 1000 }

  /// Whether training has taken all the time allowed, looks at fresh sequences included.
  var isTimeOver: Bool { minutes.map { trainingSeconds >= 60 * Double($0) } ?? false }

  /// Prints and records a step.
  ///
  /// - Parameters:
  ///   - step: what it has found.
  ///   - index: the number of steps before it.
  ///   - duration: how long it took.
  ///   - stages: where training was before it, and where it is now.
  func observe(
    _ step: TaskTraining.Step, index: Int, duration: Duration, stages: (before: TaskStage, after: TaskStage)
  ) throws(CommandFailure) {
    state.milliseconds += duration.milliseconds
    state.growth.add(length: step.length, step: index)
    if index.isMultiple(of: logEvery) {
      reporter.print(text(of: step.result))
      try folder.log(.step(epoch: 0, step: index, result: step.result, milliseconds: duration.milliseconds))
      curves.add(loss: step.result.loss, accuracy: step.result.accuracy, step: index)
    }
    if let score = step.check {
      reporter.print(
        "Step \((index + 1).grouped): accuracy \(score.accuracy.sixDigits) at length \(score.length.grouped)"
          + stages.after.outcome(since: stages.before))
      try folder.log(.check(steps: index + 1, score))
    }
    showProgress(index + 1, length: step.length)
    try checkOutput()
  }

  private func text(of batch: SequenceModel.StepResult) -> String {
    "Minibatch loss: \(batch.loss.sixDigits)" + (curves.hasAccuracy ? "  Accuracy: \(batch.accuracy.sixDigits)" : "")
  }

  /// Saves the network after some steps.
  func write(_ network: SequenceModel, steps: Int) throws(CommandFailure) {
    try folder.write(network, metadata: TaskModel.metadata(task))
    state.modelSteps = steps
  }

  func drawCurves() throws(CommandFailure) {
    if curves.isEmpty { return }
    try folder.write(RunPicture.lengths(state.growth, of: task), as: .lengths)
    if curves.hasAccuracy { try folder.write(curves.accuracy, as: .accuracy) }
    // The last file of a complete run.
    try folder.write(curves.loss, as: .loss)
  }

  var stopped: String {
    let kept =
      state.modelSteps.map { "\(folder.modelPath) holds the model after step \($0.grouped)" }
      ?? "no length was mastered, so there is no model"
    return "stopped before the end: \(kept)"
  }

  /// The progress in one line: where training is, and how fast it goes; nobody knows when it will be over.
  private func showProgress(_ steps: Int, length: Int) {
    guard progressTimer.isDue() else { return }
    let speed = Int(Double(steps * recipe.batchSize) / max(trainingSeconds, 1e-9)).grouped
    let most =
      minutes.map { "\((trainingSeconds / 60).fixed(1)) of at most \($0.sixDigits) minutes" }
      ?? "of at most \(recipe.maximumSteps.grouped)"
    reporter.progress("step \(steps.grouped) \(most), length \(length.grouped), \(speed) sequences/s")
  }
}
