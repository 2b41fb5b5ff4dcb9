import Recurrent
import RecurrentSupport

/// The log of a training run: prints and records its events, saves the model of each finished epoch, and draws curves.
final class TrainingLog: RunLog {
  /// What a resumed run takes over.
  struct State: Codable {
    fileprivate(set) var steps = 0
    /// What has been trained on, in the units of the task.
    fileprivate(set) var trainedUnits = 0
    fileprivate var milliseconds = 0.0
    fileprivate(set) var finishedEpochs = 0
    /// The steps before the best validation that early stopping has found.
    fileprivate var bestSteps: Int?
    /// The lowest loss of a validation, and the steps before it.
    fileprivate var lowestLoss: Double?
    fileprivate(set) var lowestSteps: Int?
    fileprivate var curves = RunCurves.Points()
  }

  let folder: RunFolder
  let reporter: RunReporter
  private(set) var state = State()
  private let task: any RunTask
  private let logEvery: Int
  private let loop: TrainingLoop
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  /// The steps before this process began.
  private var firstStep = 0
  private var progressTimer = ProgressTimer()
  private var curves: RunCurves
  private var batches = 0

  /// A log that writes into a folder.
  init(of task: any RunTask, folder: RunFolder, logEvery: Int, loop: TrainingLoop, reporter: RunReporter) {
    self.task = task
    self.folder = folder
    self.logEvery = logEvery
    self.loop = loop
    self.reporter = reporter
    curves = task.curves
    began = clock.now
  }

  /// Goes on where an earlier log was.
  func resume(_ state: State) {
    self.state = state
    curves.points = state.curves
    firstStep = state.steps
  }

  /// What to take over, now.
  var saved: State {
    var saved = state
    saved.curves = curves.points
    return saved
  }

  /// The time of training steps.
  var trainingSeconds: Double { state.milliseconds / 1000 }
  /// Whether the model file holds the network with the best validation, rather than that of the last epoch.
  private var keepsBest: Bool { loop.options.earlyStopping != nil }

  /// Prints and records an event.
  func observe(_ event: TrainingLoop.Event) throws(CommandFailure) {
    switch event {
    case .epochBegan(let epoch, let batches):
      self.batches = batches
      reporter.print()
      reporter.print("Epoch:  \(epoch)")
    case .step(let epoch, let batch, let result, let count, let duration):
      state.trainedUnits += count * task.unit.perSequence
      state.milliseconds += duration.milliseconds
      if batch.isMultiple(of: logEvery) {
        reporter.print(task.text(of: result))
        try folder.log(.step(epoch: epoch, step: batch, result: result, milliseconds: duration.milliseconds))
        curves.add(loss: result.loss, accuracy: result.accuracy, step: state.steps)
      }
      state.steps += 1
      showProgress(epoch: epoch, batch: batch)
    case .epochEnded(let epoch, let steps, let network, let validation, let duration):
      report(validation, steps: steps)
      if !keepsBest { try folder.write(network, metadata: task.metadata) }
      try folder.log(
        .epoch(epoch: epoch, steps: steps, validation: validation, milliseconds: duration.milliseconds))
      try task.look(at: network, steps: steps, log: self)
      state.finishedEpochs = epoch + 1
    case .notFinite(let error): throw failure("\(error); " + stopped, .badData)
    case .validated(let epoch, let steps, let network, let validation):
      report(validation, steps: steps)
      try folder.log(.validation(epoch: epoch, steps: steps, validation))
      try task.look(at: network, steps: steps, log: self)
    case .improved(let steps, let network, let validation):
      try folder.write(network, metadata: task.metadata)
      try folder.log(.improved(steps: steps, validation))
      state.bestSteps = steps
    case .endedEarly(_, let best):
      reporter.print("Early stopping: the best validation \(task.text(ofBest: best))")
    }
    try checkOutput()
  }

  private func report(_ validation: SequenceModel.Evaluation, steps: Int) {
    reporter.print(task.text(of: validation))
    curves.add(validation, step: steps)
    if validation.count > 0 && validation.loss < state.lowestLoss ?? .infinity {
      (state.lowestLoss, state.lowestSteps) = (validation.loss, steps)
    }
  }

  func drawCurves() throws(CommandFailure) {
    if curves.isEmpty { return }
    try folder.write(curves.loss, as: .loss)
    if curves.hasAccuracy { try folder.write(curves.accuracy, as: .accuracy) }
  }

  var stopped: String {
    let kept =
      if let bestSteps = state.bestSteps {
        "\(folder.modelPath) holds the model with the best validation, after step \(bestSteps)"
      } else if state.finishedEpochs == 0 {
        "no epoch was finished, so there is no model"
      } else {
        "\(folder.modelPath) holds the model of epoch \(state.finishedEpochs - 1)"
      }
    return "stopped before the end: \(kept)"
  }

  /// The progress in one line: where training is, how fast it goes, and how long it will go on.
  private func showProgress(epoch: Int, batch: Int) {
    guard progressTimer.isDue() else { return }
    let width = 20
    let done = (batch + 1) * width / max(batches, 1)
    let bar = String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
    let speed = Int(Double(state.trainedUnits) / max(trainingSeconds, 1e-9)).grouped
    let epochs = loop.epochs == .max ? "" : " (\(epoch + 1) of \(loop.epochs))"
    reporter.progress(
      "epoch \(epoch)\(epochs) \(bar) batch \(batch + 1) of \(batches), \(speed) \(task.unit.name)/s"
        + (secondsLeft.map { ", \(Self.text(seconds: $0)) left" } ?? ""))
  }

  /// About how long training will go on, validations included.
  private var secondsLeft: Double? {
    let total = min(loop.epochs.saturatingProduct(batches), loop.maximumSteps ?? .max)
    let mine = state.steps - firstStep
    guard mine > 0, total < .max, state.steps >= firstStep + 10 else { return nil }
    return (clock.now - began).seconds / Double(mine) * Double(max(0, total - state.steps))
  }

  private static func text(seconds: Double) -> String {
    let seconds = Int(seconds.rounded(.up))
    return seconds < 60
      ? "\(seconds) s"
      : seconds < 3600 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds / 3600) h \(seconds / 60 % 60) min"
  }
}
