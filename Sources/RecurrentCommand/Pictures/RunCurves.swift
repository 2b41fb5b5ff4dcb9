import Recurrent
import RecurrentCharts

/// Loss and accuracy over a run: of the logged batches, each before its update, and of all validations.
struct RunCurves {
  private struct Measures {
    var loss = ThinnedCurve()
    var accuracy = ThinnedCurve()

    mutating func add(_ step: Int, loss: Double, accuracy: Double) {
      self.loss.add(Double(step), loss)
      self.accuracy.add(Double(step), accuracy)
    }
  }

  /// What to say of the images.
  private let images: String
  private var training = Measures()
  private var validation = Measures()

  init(images: String) { self.images = images }

  /// Adds a batch; `step` is the number of updates before it.
  mutating func add(loss: Float, accuracy: Float, step: Int) {
    training.add(step, loss: Double(loss), accuracy: Double(accuracy))
  }

  /// Adds a validation after so many updates.
  mutating func add(_ evaluation: SequenceModel.Evaluation, step: Int) {
    if evaluation.count > 0 { validation.add(step, loss: evaluation.loss, accuracy: evaluation.accuracy) }
  }

  /// Whether there is nothing to see.
  var isEmpty: Bool { training.loss.isEmpty && validation.loss.isEmpty }

  /// The loss, whose late changes are small beside its early ones: hence the ratios.
  var loss: LineChart {
    chart("Loss over the run", y: "cross-entropy in nats", yScale: .logarithmic, \.loss)
  }

  var accuracy: LineChart { chart("Accuracy over the run", y: "accuracy", yScale: .linear, \.accuracy) }

  private func chart(
    _ title: String, y: String, yScale: Scale, _ measure: (Measures) -> ThinnedCurve
  ) -> LineChart {
    let curves = [("training", measure(training)), ("validation", measure(validation))]
    let means = curves.filter { $0.1.valuesPerPoint > 1 }.map {
      "Each point of \($0.0) is the mean of \($0.1.valuesPerPoint) logged values, the band their range."
    }
    return LineChart(
      title: title, x: "step", y: y, lines: curves.filter { !$0.1.isEmpty }.map { $0.1.line($0.0) }, yScale: yScale,
      remark: (means + [images]).joined(separator: " "))
  }
}
