import Recurrent
import RecurrentData
import RecurrentSupport

/// What is said of time series when a run begins: their sizes, what the reader decided, and what is done with them.
struct SeriesSummary {
  let lines: [String]

  init(_ data: PreparedSeries, source: TrainingSeries, options: SeriesOptions, training count: Int) {
    let preparation = data.preparation
    var lines: [String] = []
    for part in [source.data, data.test].compactMap(\.self) {
      lines.append("\(part.source): \(part)")
      lines += part.notices.map { "\(part.source): \($0)" }
    }
    if source.data.stepCounts.upperBound == 1 {
      lines.append(
        "\(source.data.source): each series has one step; if each row is a whole series, read it with --file-format wide"
      )
    }
    lines.append(data.split)
    switch preparation.task {
    case .classification, .stepClassification:
      let balance = data.training.classBalance
      lines.append(
        "classes to learn: \(balance); always predicting the largest would be right in "
          + "\((100 * balance.largestFraction).fixed(1)) %")
    case .regression, .stepRegression:
      lines.append("predicting \(Self.scales(preparation.targets)) (mean ± deviation in training)")
    case .forecasting(let forecast):
      lines.append(
        "forecasting \(Self.scales(preparation.targets)) (mean ± deviation in training) for the next "
          + "\(quantity(forecast.horizon, "step")) from the last \(forecast.history): \(quantity(count, "window"))")
      lines.append(
        "the network corrects the seasonal naive forecast with a season of \(quantity(forecast.season ?? 1, "step")); "
          + "--season chooses another")
    }
    if preparation.task.isEveryStep {
      lines += Self.missingTargets(data)
      if let steps = options.pieceSteps, data.training.stepCounts.upperBound > steps {
        lines.append(
          "series longer than \(quantity(steps, "step")) are cut into pieces, to be learned from: "
            + quantity(count, "sequence"))
      }
    }
    for part in [data.training, data.validation, data.test].compactMap(\.self) {
      // Whatever cannot be filled has been refused before.
      if let filling = try? preparation.filling(of: part), filling.count > 0 {
        lines.append("\(part.source), \(quantity(part.sequences.count, "sequence")): \(filling)")
      }
    }
    if options.loss != .squared && !preparation.task.predictsClasses {
      lines.append("loss in training: \(options.loss.rawValue); validation is measured by the squared error")
    }
    self.lines = lines
  }

  private static func scales(_ targets: [SeriesScaling]) -> String {
    targets.map { "\($0.name) (\($0.mean.sixDigits) ± \($0.deviation.sixDigits))" }.joined(separator: ", ")
  }

  /// How many steps lack a target: each is left out alone.
  private static func missingTargets(_ data: PreparedSeries) -> [String] {
    [data.training, data.validation, data.test].compactMap(\.self).compactMap { part in
      let all = part.sequences.reduce(0) { $0 + $1.labels.count + $1.targets.count }
      let missing = all - part.targetCount
      return missing == 0
        ? nil : "\(part.source): \(missing.grouped) of \(all.grouped) targets are missing and left out"
    }
  }
}
