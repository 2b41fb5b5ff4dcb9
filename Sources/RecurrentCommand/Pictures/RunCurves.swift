import Recurrent
import RecurrentCharts

/// Loss and accuracy over a run: of the logged batches, before their updates, and of all validations.
struct RunCurves {
  /// The curves so far.
  struct Points: Codable {
    fileprivate var training = Measures()
    fileprivate var validation = Measures()
  }

  fileprivate struct Measures: Codable {
    var loss = DownsampledCurve()
    var accuracy = DownsampledCurve()

    mutating func add(_ step: Int, loss: Double, accuracy: Double) {
      self.loss.add(Double(step), loss)
      self.accuracy.add(Double(step), accuracy)
    }
  }

  /// The unit of the loss.
  private let lossUnit: String
  /// Whether predictions are right or wrong.
  let hasAccuracy: Bool
  /// The remark on the data.
  private let remark: String
  var points = Points()

  init(lossUnit: String = "cross-entropy in nats", hasAccuracy: Bool = true, remark: String) {
    self.lossUnit = lossUnit
    self.hasAccuracy = hasAccuracy
    self.remark = remark
  }

  /// Adds a batch; `step` is the number of updates before it.
  mutating func add(loss: Float, accuracy: Float, step: Int) {
    points.training.add(step, loss: Double(loss), accuracy: Double(accuracy))
  }

  /// Adds a validation after `step` updates.
  mutating func add(_ evaluation: SequenceModel.Evaluation, step: Int) {
    if evaluation.count > 0 { points.validation.add(step, loss: evaluation.loss, accuracy: evaluation.accuracy) }
  }

  /// Whether there are no points.
  var isEmpty: Bool { points.training.loss.isEmpty && points.validation.loss.isEmpty }

  /// The loss, on a logarithmic axis since its late changes are small compared to the early ones.
  var loss: LineChart {
    chart("Loss over the run", y: lossUnit, yScale: .logarithmic, \.loss)
  }

  var accuracy: LineChart { chart("Accuracy over the run", y: "accuracy", yScale: .linear, \.accuracy) }

  private func chart(
    _ title: String, y: String, yScale: Scale, _ measure: (Measures) -> DownsampledCurve
  ) -> LineChart {
    let curves = [("training", measure(points.training)), ("validation", measure(points.validation))]
    let means = curves.compactMap { $1.remark($0) }
    return LineChart(
      title: title, x: "step", y: y, lines: curves.filter { !$0.1.isEmpty }.map { $0.1.line($0.0) }, yScale: yScale,
      remark: (means + [remark]).joined(separator: " "))
  }
}
