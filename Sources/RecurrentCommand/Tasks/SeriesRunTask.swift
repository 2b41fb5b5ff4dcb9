import Recurrent
import RecurrentData
import RecurrentSupport

/// Learning from time series: classes or values, of series or of steps, or the next values.
struct SeriesRunTask: RunTask {
  let kind = TaskKind.series
  let training: DatasetTrainingData
  private let data: PreparedSeries
  private let source: TrainingSeries
  private let options: SeriesOptions
  /// The test data as the network reads them; made before training, so that what is wrong is found before.
  private let test: SequenceDataset?

  private var preparation: SeriesPreparation { data.preparation }

  init(
    _ data: PreparedSeries, source: TrainingSeries, options: SeriesOptions, loop: TrainingLoop, seed: UInt64
  ) throws(CommandFailure) {
    (self.data, self.source, self.options) = (data, source, options)
    let preparation = data.preparation
    do throws(SeriesError) {
      let steps = preparation.task.isEveryStep ? options.pieceSteps : nil
      let learned = steps.map { data.training.pieces(of: $0) } ?? data.training
      let set = try preparation.dataset(of: learned, weighsBySpread: options.loss == .nse)
      let validation = try data.validation.map { part throws(SeriesError) in try preparation.dataset(of: part) }
      test = try data.test.map { part throws(SeriesError) in try preparation.dataset(of: part) }
      let noise = InputNoise(
        deviation: options.inputNoise ?? 0, channelCount: preparation.channels.count, seed: seed)
      training = loop.data(training: set, validation: validation ?? set[0..<0]) { noise($0, epoch: $1) }
    } catch { throw CommandFailure(error) }
  }

  var unit: CountedUnit { CountedUnit(name: isForecast ? "windows" : "series") }
  private var isForecast: Bool { if case .forecasting = preparation.task { true } else { false } }

  var metadata: [String: String] { SeriesModel.metadata(data.description) }

  var curves: RunCurves {
    preparation.task.predictsClasses
      ? RunCurves(remark: "Series: \(source.nameInPictures).")
      : RunCurves(
        lossUnit: "mean squared error of normalized values", hasAccuracy: false,
        remark: "Series: \(source.nameInPictures).")
  }

  var record: RunConfiguration.Data {
    .init(
      name: TrainingSeries.dataName, source: source.identity?.source ?? "", trainingCount: training.training.count,
      validationCount: training.validation.count, testCount: test?.count ?? 0, checksum: source.checksum)
  }

  var summary: [String] {
    SeriesSummary(data, source: source, options: options, training: training.training.count).lines
  }

  func text(of batch: SequenceModel.StepResult) -> String {
    "Minibatch loss: \(batch.loss.sixDigits)"
      + (preparation.task.predictsClasses ? "  Accuracy: \(batch.accuracy.sixDigits)" : "")
  }

  func text(of validation: SequenceModel.Evaluation) -> String {
    if validation.count == 0 { return "Validation no series" }
    return "Validation loss: \(validation.loss.sixDigits)"
      + (preparation.task.predictsClasses ? "  Accuracy: \(validation.accuracy.sixDigits)" : "")
  }

  func text(ofBest validation: SequenceModel.Evaluation) -> String {
    preparation.task.predictsClasses
      ? "accuracy is \(validation.accuracy.sixDigits)" : "loss is \(validation.loss.sixDigits)"
  }

  /// Measures the trained network on the test data, or on the part for validation if there are none.
  func test(_ network: SequenceModel, log: TrainingLog) throws(CommandFailure) -> SeriesResults? {
    let reporter = log.reporter
    reporter.print()
    guard let measured = data.measured else {
      reporter.print("There are no series to measure on: --validation-share is 0, and there is no --test.")
      try log.folder.log(.test(require { try training.evaluate(network) }, milliseconds: 0))
      return nil
    }
    let clock = ContinuousClock()
    let start = clock.now
    let results: SeriesResults
    do throws(SeriesError) {
      results = try SeriesResults(
        of: network, preparation, on: measured, dataset: test ?? training.validation, training: data.training)
    } catch { throw CommandFailure(error) }
    try log.folder.log(
      .test(results.evaluation, measures: results.measures, milliseconds: (clock.now - start).milliseconds))
    reporter.print(data.test == nil ? "Validation series, since there is no --test:" : "Test series:")
    results.lines.forEach(reporter.print)
    return results
  }

  func draw(_ results: SeriesResults?, folder: RunFolder) throws(CommandFailure) {
    guard let results, let measured = data.measured else { return }
    let remark = "Series: \(RunPicture.shortSource(measured.source))."
    if let confusion = results.confusion {
      try folder.write(
        RunPicture.confusion(
          confusion, classes: preparation.classes, counted: preparation.task.isEveryStep ? "steps" : "series",
          remark: remark), as: .confusion)
    }
    if let forecasts = results.forecasts {
      try folder.write(RunPicture.forecast(forecasts, of: measured, remark: remark), as: .forecast)
    }
  }
}
