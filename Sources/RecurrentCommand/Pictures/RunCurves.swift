import Recurrent
import RecurrentCharts

/// Loss and accuracy over a run: of the logged batches, before their updates, and of all validations.
struct RunCurves {
  private struct Measures {
    var loss = DownsampledCurve()
    var accuracy = DownsampledCurve()

    mutating func add(_ step: Int, loss: Double, accuracy: Double) {
      self.loss.add(Double(step), loss)
      self.accuracy.add(Double(step), accuracy)
    }
  }

  /// The remark on the images.
  private let images: String
  private var training = Measures()
  private var validation = Measures()

  init(images: String) { self.images = images }

  /// Adds a batch; `step` is the number of updates before it.
  mutating func add(loss: Float, accuracy: Float, step: Int) {
    training.add(step, loss: Double(loss), accuracy: Double(accuracy))
  }

  /// Adds a validation after `step` updates.
  mutating func add(_ evaluation: SequenceModel.Evaluation, step: Int) {
    if evaluation.count > 0 { validation.add(step, loss: evaluation.loss, accuracy: evaluation.accuracy) }
  }

  /// Whether there are no points.
  var isEmpty: Bool { training.loss.isEmpty && validation.loss.isEmpty }

  /// The loss, on a logarithmic axis since its late changes are small compared to the early ones.
  var loss: LineChart {
    chart("Loss over the run", y: "cross-entropy in nats", yScale: .logarithmic, \.loss)
  }

  var accuracy: LineChart { chart("Accuracy over the run", y: "accuracy", yScale: .linear, \.accuracy) }

  private func chart(
    _ title: String, y: String, yScale: Scale, _ measure: (Measures) -> DownsampledCurve
  ) -> LineChart {
    let curves = [("training", measure(training)), ("validation", measure(validation))]
    let means = curves.compactMap { $1.remark($0) }
    return LineChart(
      title: title, x: "step", y: y, lines: curves.filter { !$0.1.isEmpty }.map { $0.1.line($0.0) }, yScale: yScale,
      remark: (means + [images]).joined(separator: " "))
  }
}
