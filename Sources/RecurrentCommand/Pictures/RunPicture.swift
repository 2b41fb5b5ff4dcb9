import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

/// The pictures in the folder of a run.
enum RunPicture: String, CaseIterable {
  case loss, accuracy, confusion, mistakes

  /// The name of its file.
  var fileName: String { rawValue + ".svg" }

  /// How many mistakes are shown.
  private static let mistakeCount = 12

  /// What a picture says of its images, so that figures on other images never pass for figures on MNIST.
  static func remark(of data: DigitData) -> String {
    let isCaveat = EvaluationReport.caveat(name: data.name, source: data.source) != nil
    return isCaveat ? "Images: \(data.name) (\(place(data.source))), not MNIST." : "Images: \(data.name)."
  }

  /// What a picture says of where its images lie: the last part of a path, since a picture may go anywhere.
  static func place(_ source: String) -> String {
    let name = source.hasPrefix("/") ? source.split(separator: "/").last.map(String.init) : nil
    return (name ?? source).shown()
  }

  /// How often each digit was taken for each.
  static func confusion(_ confusion: ConfusionMatrix, remark: String) -> ConfusionMatrixChart {
    ConfusionMatrixChart(
      title: "Confusion matrix: true digit against prediction", labels: confusion.counts.indices.map { "\($0)" },
      counts: confusion.counts,
      remark: "\(confusion.correct.grouped) of \(confusion.count.grouped) test images were classified correctly. "
        + remark)
  }

  /// The mistakes that cost the most.
  ///
  /// - Parameter images: the images that were answered, `[count, 28, 28]`, whatever the order in which they were read.
  static func mistakes(
    _ predictions: SequenceModel.Predictions, images: SequenceDataset, remark: String
  ) -> ImageGrid {
    let mistakes = predictions.mistakes(count: mistakeCount)
    let pixels = images.batch(mistakes.map(\.index)).inputs.values
    let size = images.stepCount * images.inputSize
    let items = mistakes.enumerated().map { place, mistake in
      let lines = [
        "\(mistake.label), read as \(mistake.prediction)", "probability \(mistake.probability.fixed(3))",
        "image \(mistake.index)",
      ]
      return ImageGrid.Item(
        pixels: Array(pixels[place * size..<(place + 1) * size]), width: images.inputSize,
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
