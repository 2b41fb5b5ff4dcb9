import Recurrent
import RecurrentData
import RecurrentSupport

/// The task of a run, as in `config.json` and in the names of run folders.
enum TrainingTask: String {
  case mnist, digits
}

/// A training run from data to test result: the notebook's log on standard output, a run folder on disk.
struct TrainingRun {
  private let options: TrainOptions
  private let recorded: RecordedOptions
  private let start: SequenceModel
  private let reporter: RunReporter
  /// Whether files of the same run, which was interrupted, may be replaced.
  private let replaces: Bool

  /// Checks the options and makes the network before any data is read.
  init(_ command: some TrainingCommand, reporter: RunReporter = RunReporter(), replaces: Bool = false)
    throws(CommandFailure)
  {
    self.reporter = reporter
    self.replaces = replaces
    options = command.options
    recorded = RecordedOptions(of: command.resolved)
    if let folder = options.run.runDir, !replaces { try RunFolder.checkIsFree(folder) }
    try options.checkMemory(of: nil)
    start = try options.makeNetwork(threads: options.run.threads.pool)
    try options.checkMemory(of: start)
  }

  /// Trains on the images and measures the result on all its test images.
  func callAsFunction(on images: TrainingImages) throws(CommandFailure) {
    let rows = try images.data(for: options.training)
    let data = rows.read(options.pixelOrder.order)
    // Augmentation needs whole images, before their pixels are reordered.
    let training = try options.training.images(of: options.training.augment ? rows : data)
    try check(data, training: training)
    // From here on files are written.
    Interruption.listen()
    let folder = try RunFolder(
      options.run.runDir, name: images.task.rawValue, replaces: replaces,
      configuration: configuration(data: data, task: images.task, trainingCount: training.count))
    describe(data, imageCount: training.count, folder: folder)
    try RunReport.write(to: folder.path, reporter: reporter) { () throws(CommandFailure) in
      try train(on: data, training: training, rows: rows, folder: folder)
    }
  }

  /// Trains and measures the network.
  ///
  /// - Parameters:
  ///   - data: the images, in the order in which the network reads their pixels.
  ///   - training: those to train on.
  ///   - rows: the images, row by row.
  ///   - folder: the folder of the run.
  private func train(
    on data: DigitData, training: SequenceDataset, rows: DigitData, folder: RunFolder
  ) throws(CommandFailure) {
    var classifier = start
    let log = TrainingLog(
      folder: folder, logEvery: options.run.logEvery, epochs: options.training.epochs,
      keepsBest: options.training.earlyStopping != nil, images: RunPicture.remark(of: data), reporter: reporter)
    var optimizer = options.optimizer.rule
    let (augmentation, order, pool) = (options.training.augmentation, options.pixelOrder.order, start.threads)
    let isComplete = try options.loop(imageCount: training.count).run(
      &classifier, optimizer: &optimizer, training: training, validation: data.validation,
      preparing: { images, epoch in
        augmentation.map { order($0(images, epoch: epoch, threads: pool)) } ?? images
      }
    ) { event throws(CommandFailure) in
      try log.observe(event)
      return !Interruption.isRequested
    }
    if !isComplete { throw log.failure(log.stopped, .interrupted) }
    let predictions = try test(classifier, data: data, folder: folder, log: log)
    try draw(predictions, images: rows, folder: folder, log: log)
  }

  /// Throws if there are too few images for the run.
  private func check(_ data: DigitData, training: SequenceDataset) throws(CommandFailure) {
    let images = "\(data.name) (\(data.source.shown()))"
    if training.count == 0 || data.test.count == 0 {
      throw CommandFailure(
        "\(images): found \(training.count) training and \(data.test.count) test images, expected at least 1 of each",
        .badData)
    }
    if data.validation.count == 0, let option = options.optionThatNeedsValidation {
      throw CommandFailure(
        "\(images): found \(training.count) training images and none for validation, which \(option) needs; expected "
          + "more images, or no \(option)", .badData)
    }
  }

  private func describe(_ data: DigitData, imageCount: Int, folder: RunFolder) {
    let threads = start.threads.threads
    reporter.note(
      "\(data.name) (\(data.source.shown())): \(imageCount.grouped) training, \(data.validation.count.grouped) validation, "
        + "\(data.test.count.grouped) test images" + options.pixelOrder.order.remark)
    reporter.note(
      "\(start.parameters.count.grouped) parameters, \(threads) thread\(threads == 1 ? "" : "s"), "
        + "\(Processor.instructionSet) kernels; results in \(folder.path)")
  }

  private func test(
    _ classifier: SequenceModel, data: DigitData, folder: RunFolder, log: TrainingLog
  ) throws(CommandFailure) -> SequenceModel.Predictions {
    reporter.print()
    reporter.print("Optimization done! Let's calculate the test error")
    let clock = ContinuousClock()
    let start = clock.now
    let predictions = require { try classifier.predictions(on: data.test) }
    let result = predictions.evaluation
    try folder.log(.test(result, milliseconds: (clock.now - start).milliseconds))
    reporter.print()
    if reporter.label == nil {
      EvaluationReport.print(result, caveat: EvaluationReport.caveat(name: data.name, source: data.source))
    }
    reporter.print()
    reporter.print(
      "Trained on \(log.trainedImages.grouped) images in \(log.trainingTime.seconds.fixed(2)) s: "
        + "\(Int(Double(log.trainedImages) / max(log.trainingTime.seconds, 1e-9)).grouped) images per second")
    reporter.note("model: \(folder.modelPath)")
    return predictions
  }

  /// Draws the pictures, after all results are written.
  ///
  /// - Parameters:
  ///   - predictions: the predictions on the test images.
  ///   - images: the images, row by row.
  ///   - folder: the folder of the run.
  ///   - log: the log with the curves.
  private func draw(
    _ predictions: SequenceModel.Predictions, images: DigitData, folder: RunFolder, log: TrainingLog
  ) throws(CommandFailure) {
    let remark = RunPicture.remark(of: images)
    try log.drawCurves()
    try folder.write(RunPicture.confusion(predictions.confusion, remark: remark), as: .confusion)
    try folder.write(RunPicture.mistakes(predictions, images: images.test, remark: remark), as: .mistakes)
    reporter.note("pictures: \(RunPicture.allCases.map(\.fileName).joined(separator: ", ")) in \(folder.path)")
  }

  private func configuration(data: DigitData, task: TrainingTask, trainingCount: Int) -> RunConfiguration {
    RunConfiguration(
      version: RootCommand.version, task: task.rawValue,
      data: .init(
        name: data.name, source: data.source, trainingCount: trainingCount, validationCount: data.validation.count,
        testCount: data.test.count),
      network: start.configuration, parameterCount: start.parameters.count, options: recorded,
      threads: start.threads.threads,
      instructionSet: Processor.instructionSet)
  }
}

/// The report of a result on test images.
enum EvaluationReport {
  /// The remark on results that are not on MNIST, so that nobody takes them for results on MNIST; nil for MNIST.
  static func caveat(name: String, source: String) -> String? {
    name == "MNIST" ? nil : "The test set is \(name) (\(source.shown())), not MNIST."
  }

  /// Prints a result.
  static func print(_ result: SequenceModel.Evaluation, caveat: String?) {
    let interval = result.interval
    Terminal.print("Loss on test set:  \(result.loss.sixDigits)")
    Terminal.print(
      "Accuracy on test set:  \(result.accuracy.sixDigits)  (\(result.correct.grouped) of \(result.count.grouped); "
        + "95 % interval \((100 * interval.lowerBound).fixed(2)) … \((100 * interval.upperBound).fixed(2)) %)")
    if let caveat { Terminal.print(caveat) }
  }
}
