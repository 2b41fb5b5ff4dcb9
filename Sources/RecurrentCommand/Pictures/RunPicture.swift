import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

/// The pictures in the folder of a run.
enum RunPicture: String, CaseIterable {
  case loss, accuracy, confusion, mistakes
  case accuracyByLength = "accuracy-by-length"
  case lengths
  case forecast

  /// The name of its file.
  var fileName: String { rawValue + ".svg" }

  /// The number of misclassified digits that are shown.
  private static let mistakeCount = 12

  /// The remark on the images, so that nobody takes results on other images for results on MNIST.
  static func remark(of data: DigitData) -> String {
    let isCaveat = EvaluationReport.caveat(name: data.name, source: data.source) != nil
    return isCaveat ? "Images: \(data.name) (\(shortSource(data.source))), not MNIST." : "Images: \(data.name)."
  }

  /// The source of images, for a picture: only the last part of a path, since pictures are published.
  static func shortSource(_ source: String) -> String {
    let name = source.hasPrefix("/") ? source.split(separator: "/").last.map(String.init) : nil
    return (name ?? source).shown()
  }

  /// The confusion matrix of the test images.
  static func confusion(_ confusion: ConfusionMatrix, remark: String) -> ConfusionMatrixChart {
    ConfusionMatrixChart(
      title: "Confusion matrix: true digit against prediction", labels: confusion.counts.indices.map { "\($0)" },
      counts: confusion.counts, counted: "images",
      remark: "\(confusion.correct.grouped) of \(confusion.count.grouped) test images were classified correctly. "
        + remark)
  }

  /// The misclassified digits with the largest loss.
  ///
  /// - Parameters:
  ///   - predictions: the predictions on the images.
  ///   - images: the images row by row, `[count, 28, 28]`, in whatever order the network read their pixels.
  ///   - remark: the remark on the images.
  static func mistakes(
    _ predictions: SequenceModel.Predictions, images: SequenceDataset, remark: String
  ) -> ImageGrid {
    let mistakes = predictions.mistakes(count: mistakeCount)
    let pixels = images.batch(mistakes.map(\.index)).inputs.values
    let size = images.stepCount * images.inputSize
    let items = mistakes.enumerated().map { position, mistake in
      let lines = [
        "\(mistake.label), predicted \(mistake.prediction)", "probability \(mistake.probability.fixed(3))",
        "image \(mistake.index)",
      ]
      return ImageGrid.Item(
        pixels: Array(pixels[position * size..<(position + 1) * size]), width: images.inputSize,
        caption: lines.joined(separator: "\n"))
    }
    let evaluation = predictions.evaluation
    let wrong = evaluation.count - evaluation.correct
    let count =
      "\(wrong.grouped) of \(evaluation.count.grouped) test images were misclassified"
      + (wrong > items.count ? "; these \(items.count) have the largest loss. " : ". ")
    return ImageGrid(
      title: "Misclassified digits, largest loss first", items: items, columns: 4, remark: count + remark)
  }
}
