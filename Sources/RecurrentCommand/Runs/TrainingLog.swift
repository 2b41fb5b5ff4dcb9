import Recurrent

/// The log of a training run: prints and records its events, saves the model of each finished epoch, and draws curves.
final class TrainingLog {
  private let folder: RunFolder
  private let logEvery: Int
  private let epochs: Int
  /// Whether the model file holds the network with the best validation, rather than that of the last epoch.
  private let keepsBest: Bool
  private let reporter: RunReporter
  private let clock = ContinuousClock()
  private var lastProgress: ContinuousClock.Instant?
  private var curves: RunCurves
  private var steps = 0
  private var batches = 0
  private var bestSteps: Int?
  private(set) var finishedEpochs = 0
  private(set) var trainedImages = 0
  private(set) var trainingTime = Duration.zero

  /// A log that writes into a folder; `images` is the remark on the images below the curves.
  init(folder: RunFolder, logEvery: Int, epochs: Int, keepsBest: Bool, images: String, reporter: RunReporter) {
    self.reporter = reporter
    curves = RunCurves(images: images)
    self.folder = folder
    self.logEvery = logEvery
    self.epochs = epochs
    self.keepsBest = keepsBest
  }

  /// Prints and records an event.
  func observe(_ event: TrainingLoop.Event) throws(CommandFailure) {
    switch event {
    case .epochBegan(let epoch, let batches):
      self.batches = batches
      reporter.print()
      reporter.print("Epoch:  \(epoch)")
    case .step(let epoch, let batch, let result, let count, let duration):
      trainedImages += count
      trainingTime += duration
      if batch.isMultiple(of: logEvery) {
        reporter.print("Minibatch loss: \(result.loss.sixDigits)  Accuracy: \(result.accuracy.sixDigits)")
        try folder.log(.step(epoch: epoch, step: batch, result: result, milliseconds: duration.milliseconds))
        curves.add(loss: result.loss, accuracy: result.accuracy, step: steps)
      }
      steps += 1
      showProgress(epoch: epoch, batch: batch)
    case .epochEnded(let epoch, let steps, let network, let validation, let duration):
      report(validation)
      curves.add(validation, step: steps)
      if !keepsBest { try folder.write(network) }
      try folder.log(
        .epoch(epoch: epoch, steps: steps, validation: validation, milliseconds: duration.milliseconds))
      finishedEpochs = epoch + 1
    case .notFinite(let error): throw failure("\(error); " + stopped, .badData)
    case .validated(let epoch, let steps, _, let validation):
      report(validation)
      curves.add(validation, step: steps)
      try folder.log(.validation(epoch: epoch, steps: steps, validation))
    case .improved(let steps, let network, let validation):
      try folder.write(network)
      try folder.log(.improved(steps: steps, validation))
      bestSteps = steps
    case .endedEarly(_, let best):
      reporter.print("Early stopping: the best validation accuracy is \(best.accuracy.sixDigits)")
    }
    try checkOutput()
  }

  private func report(_ validation: SequenceModel.Evaluation) {
    let text =
      validation.count == 0
      ? "no images" : "loss: \(validation.loss.sixDigits)  Accuracy: \(validation.accuracy.sixDigits)"
    reporter.print("Validation \(text)")
  }

  /// Stops a run whose output cannot be written.
  private func checkOutput() throws(CommandFailure) {
    do throws(CommandFailure) { try Terminal.checkOutput() } catch {
      throw CommandFailure(error.message + "; " + stopped, error.status)
    }
  }

  /// Draws the curves so far, unless they are empty.
  func drawCurves() throws(CommandFailure) {
    if curves.isEmpty { return }
    try folder.write(curves.loss, as: .loss)
    try folder.write(curves.accuracy, as: .accuracy)
  }

  /// The failure of a run that stops early, after drawing its curves so far.
  func failure(_ message: String, _ status: ExitStatus) -> CommandFailure {
    do throws(CommandFailure) { try drawCurves() } catch {
      return CommandFailure("\(message); \(error.message)", status)
    }
    return CommandFailure(message, status)
  }

  /// The message of a run that stops now: which model it leaves.
  var stopped: String {
    if let bestSteps {
      return
        "stopped before the end: \(folder.modelPath) holds the model with the best validation, after step \(bestSteps)"
    }
    let kept =
      finishedEpochs == 0
      ? "no epoch was finished, so there is no model"
      : "\(folder.modelPath) holds the model of epoch \(finishedEpochs - 1)"
    return "stopped before the end: \(kept)"
  }

  private func showProgress(epoch: Int, batch: Int) {
    guard Terminal.isInteractive else { return }
    // The first time at once, then ten times a second.
    if let lastProgress, clock.now - lastProgress < .milliseconds(100) { return }
    lastProgress = clock.now
    let width = 20
    let done = (batch + 1) * width / max(batches, 1)
    let bar = String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
    let speed = Int(Double(trainedImages) / max(trainingTime.seconds, 1e-9)).grouped
    reporter.progress(
      "epoch \(epoch) (\(epoch + 1) of \(epochs)) \(bar) batch \(batch + 1) of \(batches), \(speed) images/s")
  }
}
