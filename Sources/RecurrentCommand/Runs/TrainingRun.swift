import Recurrent
import RecurrentData

/// What a run learned, as `config.json` and the names of run folders have it.
enum TrainingTask: String {
  case mnist, digits
}

/// A training run from data to test result: the notebook's log on standard output, a run folder on disk.
struct TrainingRun {
  private let network: NetworkOptions
  private let training: TrainingOptions
  private let run: RunOptions
  private let start: SequenceClassifier

  /// Takes in what was asked for, and finds what is wrong with it before any data is read.
  init(network: NetworkOptions, training: TrainingOptions, run: RunOptions) throws(CommandFailure) {
    if let folder = run.runDir { try RunFolder.checkIsFree(folder) }
    self.network = network
    self.training = training
    self.run = run
    start = try network.makeNetwork(seed: training.seed, threads: run.threads.pool)
  }

  /// Trains on the data and measures the result on all its test images.
  func callAsFunction(on data: DigitData, task: TrainingTask) throws(CommandFailure) {
    var classifier = start
    let images = try training.images(of: data)
    let folder = try RunFolder(run.runDir, name: task.rawValue)
    try folder.write(configuration(data: data, task: task, trainingCount: images.count))
    describe(data, imageCount: images.count, folder: folder)

    Interruption.listen()
    let log = TrainingLog(folder: folder, logEvery: run.logEvery, epochs: training.epochs)
    let isComplete =
      switch training.optimizer {
      case .adam: try train(&classifier, Adam(learningRate: training.learningRate), images, data, log)
      case .sgd: try train(&classifier, SGD(learningRate: training.learningRate), images, data, log)
      }
    if !isComplete { throw CommandFailure(log.stopped, .interrupted) }
    try test(classifier, data: data, folder: folder, log: log)
  }

  private func describe(_ data: DigitData, imageCount: Int, folder: RunFolder) {
    let threads = start.threads.threads
    Terminal.note(
      "\(data.name) (\(data.source)): \(imageCount.grouped) training, \(data.validation.count.grouped) validation, "
        + "\(data.test.count.grouped) test images")
    Terminal.note(
      "\(start.parameters.count.grouped) parameters, \(threads) thread\(threads == 1 ? "" : "s"), "
        + "\(instructionSet) kernels; results in \(folder.path)")
  }

  private func train(
    _ classifier: inout SequenceClassifier, _ optimizer: some Optimizer, _ images: SequenceDataset, _ data: DigitData,
    _ log: TrainingLog
  ) throws(CommandFailure) -> Bool {
    var optimizer = optimizer
    return try training.loop.run(
      &classifier, optimizer: &optimizer, training: images, validation: data.validation
    ) { event throws(CommandFailure) in
      try log.observe(event)
      return !Interruption.isRequested
    }
  }

  private func test(
    _ classifier: SequenceClassifier, data: DigitData, folder: RunFolder, log: TrainingLog
  ) throws(CommandFailure) {
    Terminal.print()
    Terminal.print("Optimization done! Let's calculate the test error")
    let clock = ContinuousClock()
    let start = clock.now
    let result = classifier.evaluate(on: data.test)
    try folder.log(.test(result, milliseconds: (clock.now - start).milliseconds))
    Terminal.print()
    EvaluationReport.print(result, caveat: EvaluationReport.caveat(name: data.name, source: data.source))
    Terminal.print()
    Terminal.print(
      "Trained on \(log.trainedImages.grouped) images in \(log.trainingTime.seconds.fixed(2)) s: "
        + "\(Int(Double(log.trainedImages) / max(log.trainingTime.seconds, 1e-9)).grouped) images per second")
    Terminal.note("model: \(folder.modelPath)")
  }

  private func configuration(data: DigitData, task: TrainingTask, trainingCount: Int) -> RunConfiguration {
    RunConfiguration(
      version: RootCommand.version, task: task.rawValue,
      data: .init(
        name: data.name, source: data.source, trainingCount: trainingCount, validationCount: data.validation.count,
        testCount: data.test.count),
      cells: start.cells.map(\.kind), hiddenSizes: start.cells.map(\.hiddenSize),
      parameterCount: start.parameters.count, initializer: network.initializerKind?.rawValue,
      startingModel: network.startingModel, epochs: training.epochs, batchSize: training.batchSize,
      learningRate: training.learningRate, optimizer: training.optimizer.rawValue, seed: training.seed,
      shuffle: training.shuffle, dropLast: training.dropLast, maxSteps: training.maxSteps, logEvery: run.logEvery,
      threads: start.threads.threads, instructionSet: instructionSet)
  }
}

/// How a result on test images is told.
enum EvaluationReport {
  /// What to say of figures on images that are not MNIST, so that they never pass for figures on MNIST.
  static func caveat(name: String, source: String) -> String? {
    name == "MNIST" ? nil : "The test set is \(name) (\(source)), not MNIST."
  }

  /// Prints a result.
  static func print(_ result: SequenceClassifier.Evaluation, caveat: String?) {
    let interval = result.interval
    Terminal.print("Loss on test set:  \(result.loss.sixDigits)")
    Terminal.print(
      "Accuracy on test set:  \(result.accuracy.sixDigits)  (\(result.correct.grouped) of \(result.count.grouped); "
        + "95 % interval \((100 * interval.lowerBound).fixed(2)) … \((100 * interval.upperBound).fixed(2)) %)")
    if let caveat { Terminal.print(caveat) }
  }
}
