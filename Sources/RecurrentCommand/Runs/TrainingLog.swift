import Recurrent

/// Tells a person and a file what happens during training, keeps the model of each finished epoch, and draws the curves.
final class TrainingLog {
  private let folder: RunFolder
  private let logEvery: Int
  private let epochs: Int
  /// Whether the model file is to hold the network that did best in validation, rather than that of the last epoch.
  private let keepsBest: Bool
  private let voice: RunVoice
  private let clock = ContinuousClock()
  private var lastProgress: ContinuousClock.Instant?
  private var curves: RunCurves
  private var steps = 0
  private var batches = 0
  private var bestSteps: Int?
  private(set) var finishedEpochs = 0
  private(set) var trainedImages = 0
  private(set) var trainingTime = Duration.zero

  /// - Parameter images: what the curves say of the images.
  init(folder: RunFolder, logEvery: Int, epochs: Int, keepsBest: Bool, images: String, voice: RunVoice) {
    self.voice = voice
    curves = RunCurves(images: images)
    self.folder = folder
    self.logEvery = logEvery
    self.epochs = epochs
    self.keepsBest = keepsBest
  }

  /// Takes note of an event.
  func observe(_ event: TrainingLoop.Event) throws(CommandFailure) {
    switch event {
    case .epochBegan(let epoch, let batches):
      self.batches = batches
      voice.print()
      voice.print("Epoch:  \(epoch)")
    case .step(let epoch, let batch, let result, let count, let duration):
      trainedImages += count
      trainingTime += duration
      if batch.isMultiple(of: logEvery) {
        voice.print("Minibatch loss: \(result.loss.sixDigits)  Accuracy: \(result.accuracy.sixDigits)")
        try folder.log(.step(epoch: epoch, step: batch, result: result, milliseconds: duration.milliseconds))
        curves.add(loss: result.loss, accuracy: result.accuracy, step: steps)
      }
      steps += 1
      showProgress(epoch: epoch, batch: batch)
    case .epochEnded(let epoch, let steps, let network, let validation, let duration):
      tell(validation)
      curves.add(validation, step: steps)
      if !keepsBest { try folder.write(network) }
      try folder.log(
        .epoch(epoch: epoch, steps: steps, validation: validation, milliseconds: duration.milliseconds))
      finishedEpochs = epoch + 1
    case .notFinite(let error): throw failure("\(error); " + stopped, .badData)
    case .validated(let epoch, let steps, _, let validation):
      tell(validation)
      curves.add(validation, step: steps)
      try folder.log(.validation(epoch: epoch, steps: steps, validation))
    case .improved(let steps, let network, let validation):
      try folder.write(network)
      try folder.log(.improved(steps: steps, validation))
      bestSteps = steps
    case .endedEarly(_, let best):
      voice.print("No better validation for too long: the best had an accuracy of \(best.accuracy.sixDigits)")
    }
    try checkOutput()
  }

  private func tell(_ validation: SequenceModel.Evaluation) {
    let words =
      validation.count == 0
      ? "no images" : "loss: \(validation.loss.sixDigits)  Accuracy: \(validation.accuracy.sixDigits)"
    voice.print("Validation \(words)")
  }

  /// A run whose log cannot be read by anybody is stopped, and says so.
  private func checkOutput() throws(CommandFailure) {
    do throws(CommandFailure) { try Terminal.checkOutput() } catch {
      throw CommandFailure(error.message + "; " + stopped, error.status)
    }
  }

  /// Draws the curves so far, if there is anything to see.
  func drawCurves() throws(CommandFailure) {
    if curves.isEmpty { return }
    try folder.write(curves.loss, as: .loss)
    try folder.write(curves.accuracy, as: .accuracy)
  }

  /// What to say of a run that ends before its end, when its curves so far are drawn.
  func failure(_ message: String, _ status: ExitStatus) -> CommandFailure {
    do throws(CommandFailure) { try drawCurves() } catch {
      return CommandFailure("\(message); \(error.message)", status)
    }
    return CommandFailure(message, status)
  }

  /// What is left of a run that ends here.
  var stopped: String {
    if let bestSteps {
      return "stopped before the end: \(folder.modelPath) holds the model that did best, that after step \(bestSteps)"
    }
    let kept =
      finishedEpochs == 0
      ? "no epoch was finished, so there is no model"
      : "\(folder.modelPath) holds the model of epoch \(finishedEpochs - 1)"
    return "stopped before the end: \(kept)"
  }

  private func showProgress(epoch: Int, batch: Int) {
    guard Terminal.isInteractive else { return }
    // At once, so that there is something to see, then ten times a second.
    if let lastProgress, clock.now - lastProgress < .milliseconds(100) { return }
    lastProgress = clock.now
    let width = 20
    let done = (batch + 1) * width / max(batches, 1)
    let bar = String(repeating: "█", count: done) + String(repeating: "░", count: width - done)
    let speed = Int(Double(trainedImages) / max(trainingTime.seconds, 1e-9)).grouped
    voice.progress(
      "epoch \(epoch) (\(epoch + 1) of \(epochs)) \(bar) batch \(batch + 1) of \(batches), \(speed) images/s")
  }
}
