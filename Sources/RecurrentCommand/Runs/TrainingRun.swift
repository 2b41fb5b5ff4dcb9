import Recurrent
import RecurrentData

/// A training run from data to test result: the notebook's log on standard output, a run folder on disk.
struct TrainingRun {
  let task: String
  let network: NetworkOptions
  let training: TrainingOptions
  let run: RunOptions

  /// Trains on the data and measures the result on all its test images.
  func callAsFunction(on data: DigitData) throws(CommandFailure) {
    let pool = run.threads.pool
    var classifier = try network.makeNetwork(
      inputSize: data.training.inputSize, classCount: data.training.classCount, seed: training.seed, threads: pool)
    let images = data.training[0..<min(training.trainCount ?? data.training.count, data.training.count)]
    let folder = try RunFolder(run.runDir, name: task)
    try folder.write(configuration(classifier, data: data, trainingCount: images.count))
    Terminal.note(
      "\(data.name) (\(data.source)): \(images.count.grouped) training, \(data.validation.count.grouped) validation, "
        + "\(data.test.count.grouped) test images")
    Terminal.note(
      "\(classifier.parameters.count.grouped) parameters, \(pool.threads) thread\(pool.threads == 1 ? "" : "s"), "
        + "\(instructionSet) kernels; results in \(folder.path)")

    Interruption.listen()
    let log = TrainingLog(folder: folder, logEvery: run.logEvery, epochs: training.epochs)
    let isComplete =
      switch training.optimizer {
      case .adam: try train(&classifier, Adam(learningRate: training.learningRate), images, data, log)
      case .sgd: try train(&classifier, SGD(learningRate: training.learningRate), images, data, log)
      }
    if !isComplete {
      let kept =
        log.finishedEpochs == 0
        ? "no epoch was finished, so there is no model yet"
        : "\(folder.modelPath) holds the model of epoch \(log.finishedEpochs - 1)"
      throw CommandFailure("stopped before the end: \(kept)", .interrupted)
    }
    try test(classifier, data: data, folder: folder, log: log)
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
    EvaluationReport.print(result)
    Terminal.print()
    Terminal.print(
      "Trained on \(log.trainedImages.grouped) images in \(log.trainingTime.seconds.fixed(2)) s: "
        + "\(Int(Double(log.trainedImages) / max(log.trainingTime.seconds, 1e-9)).grouped) images per second")
    Terminal.note("model: \(folder.modelPath)")
  }

  private func configuration(
    _ classifier: SequenceClassifier, data: DigitData, trainingCount: Int
  ) -> RunConfiguration {
    RunConfiguration(
      version: RootCommand.version, task: task,
      data: .init(
        name: data.name, source: data.source, trainingCount: trainingCount, validationCount: data.validation.count,
        testCount: data.test.count),
      cells: classifier.cells.map { type(of: $0).name }, hiddenSizes: classifier.cells.map(\.hiddenSize),
      parameterCount: classifier.parameters.count,
      initializer: network.startingModel == nil ? network.initializer.rawValue : nil,
      startingModel: network.startingModel, epochs: training.epochs, batchSize: training.batchSize,
      learningRate: training.learningRate, optimizer: training.optimizer.rawValue, seed: training.seed,
      shuffle: training.shuffle, dropLast: training.dropLast, maxSteps: training.maxSteps, logEvery: run.logEvery,
      threads: classifier.threads.threads, instructionSet: instructionSet)
  }
}

/// How a result on test images is told.
enum EvaluationReport {
  static func print(_ result: SequenceClassifier.Evaluation) {
    let interval = result.interval
    Terminal.print("Loss on test set:  \(result.loss.sixDigits)")
    Terminal.print(
      "Accuracy on test set:  \(result.accuracy.sixDigits)  (\(result.correct.grouped) of \(result.count.grouped); "
        + "95 % interval \((100 * interval.lowerBound).fixed(2)) … \((100 * interval.upperBound).fixed(2)) %)")
  }
}
