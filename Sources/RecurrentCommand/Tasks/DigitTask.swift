import Recurrent
import RecurrentData
import RecurrentSupport

/// The classification of images of digits: the notebook's task.
struct DigitTask: RunTask {
  let kind: TaskKind
  /// The images, row by row.
  private let rows: DigitData
  /// The images as the network reads them.
  private let data: DigitData
  private let order: PixelOrder
  let training: DatasetTrainingData

  /// Images for a loop; throws if there are too few.
  init(
    _ images: TrainingImages, options: ImageOptions, train: TrainOptions, loop: TrainingLoop
  ) throws(CommandFailure) {
    kind = images.kind
    rows = try images.data(for: options, seed: train.training.seed)
    order = options.pixelOrder.order
    data = rows.read(order)
    // Augmentation needs whole images, before their pixels are reordered.
    let set = try options.images(of: options.augment ? rows : data)
    let (augmentation, order, pool) = (
      options.augment ? ImageAugmentation(seed: train.training.seed) : nil, order, train.run.threads.pool
    )
    training = loop.data(training: set, validation: data.validation) { images, epoch in
      augmentation.map { order($0(images, epoch: epoch, threads: pool)) } ?? images
    }
    let name = "\(data.name) (\(data.source.shown()))"
    if set.count == 0 || data.test.count == 0 {
      throw CommandFailure(
        "\(name): found \(set.count) training and \(data.test.count) test images, expected at least 1 of each", .badData
      )
    }
    if data.validation.count == 0, let option = train.optionThatNeedsValidation {
      throw CommandFailure(
        "\(name): found \(set.count) training images and none for validation, which \(option) needs; expected "
          + "more images, or no \(option)", .badData)
    }
  }

  var unit: CountedUnit { CountedUnit(name: "images") }
  var curves: RunCurves { RunCurves(remark: RunPicture.remark(of: data)) }

  var record: RunConfiguration.Data {
    .init(
      name: data.name, source: data.source, trainingCount: training.training.count,
      validationCount: data.validation.count, testCount: data.test.count)
  }

  var summary: [String] {
    [
      "\(data.name) (\(data.source.shown())): \(training.training.count.grouped) training, "
        + "\(data.validation.count.grouped) validation, \(data.test.count.grouped) test images" + order.remark
    ]
  }

  func text(of batch: SequenceModel.StepResult) -> String {
    "Minibatch loss: \(batch.loss.sixDigits)  Accuracy: \(batch.accuracy.sixDigits)"
  }

  func text(of validation: SequenceModel.Evaluation) -> String {
    validation.count == 0
      ? "Validation no images"
      : "Validation loss: \(validation.loss.sixDigits)  Accuracy: \(validation.accuracy.sixDigits)"
  }

  func text(ofBest validation: SequenceModel.Evaluation) -> String { "accuracy is \(validation.accuracy.sixDigits)" }

  func test(_ network: SequenceModel, log: TrainingLog) throws(CommandFailure) -> SequenceModel.Predictions {
    let reporter = log.reporter
    reporter.print()
    reporter.print("Optimization done! Let's calculate the test error")
    let clock = ContinuousClock()
    let start = clock.now
    let predictions = require { try network.predictions(on: data.test) }
    let result = predictions.evaluation
    try log.folder.log(.test(result, milliseconds: (clock.now - start).milliseconds))
    reporter.print()
    if reporter.label == nil {
      EvaluationReport.print(result, caveat: EvaluationReport.caveat(name: data.name, source: data.source))
    }
    return predictions
  }

  func draw(_ predictions: SequenceModel.Predictions, folder: RunFolder) throws(CommandFailure) {
    let remark = RunPicture.remark(of: data)
    try folder.write(RunPicture.confusion(predictions.confusion, remark: remark), as: .confusion)
    try folder.write(RunPicture.mistakes(predictions, images: rows.test, remark: remark), as: .mistakes)
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
