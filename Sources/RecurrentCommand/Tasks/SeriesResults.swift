import Recurrent
import RecurrentData
import RecurrentSupport

/// What a network of time series reaches on series that it has not learned from.
struct SeriesResults {
  /// Loss and accuracy; values have no accuracy, and the loss is that of normalized values.
  let evaluation: SequenceModel.Evaluation
  /// The confusion matrix, if classes are predicted.
  let confusion: ConfusionMatrix?
  /// The forecasts, if the task is one.
  let forecasts: ForecastFit?
  private let fit: SeriesFit?

  /// Measures a network.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - preparation: its preparation.
  ///   - data: the series.
  ///   - dataset: the same as the network reads them.
  ///   - training: what was learned from, for the scale of forecasts' errors; nil for the series themselves.
  init(
    of network: SequenceModel, _ preparation: SeriesPreparation, on data: SeriesData, dataset: SequenceDataset,
    training: SeriesData?
  ) throws(SeriesError) {
    switch preparation.task {
    case .classification, .stepClassification:
      let predictions = require { try network.predictions(on: dataset) }
      (evaluation, confusion, fit, forecasts) = (predictions.evaluation, predictions.confusion, nil, nil)
    case .regression, .stepRegression:
      evaluation = require { try network.evaluate(on: dataset) }
      (confusion, fit, forecasts) = (nil, try preparation.fit(of: data, by: network), nil)
    case .forecasting:
      evaluation = require { try network.evaluate(on: dataset) }
      let forecasts = try preparation.forecastFit(of: data, by: network, training: training ?? data)
      (confusion, fit, self.forecasts) = (nil, nil, forecasts)
    }
  }

  /// The measures that depend on the task, as the last event of a run records them.
  var measures: TaskMeasures {
    var all: TaskMeasures = [:]
    if let confusion { all.add("balancedAccuracy", confusion.balancedAccuracy) }
    for (target, name) in (fit?.names ?? []).enumerated() {
      guard let found = fit?.measures(of: target) else { continue }
      all.add("rmse \(name)", found.rootMeanSquaredError)
      all.add("mae \(name)", found.meanAbsoluteError)
      all.add("nse \(name)", found.nashSutcliffe)
      all.add("kge \(name)", found.klingGupta)
      if let medians = medians(of: target) {
        all.add("median nse \(name)", medians.nashSutcliffe)
        all.add("median kge \(name)", medians.klingGupta)
      }
    }
    guard let forecasts else { return all }
    for (target, name) in forecasts.names.enumerated() {
      let (found, naive) = (forecasts.measures(of: target), forecasts.naiveMeasures(of: target))
      all.add("rmse \(name)", found.rootMeanSquaredError)
      all.add("mae \(name)", found.meanAbsoluteError)
      all.add("mase \(name)", found.meanAbsoluteScaledError)
      all.add("naive rmse \(name)", naive.rootMeanSquaredError)
      all.add("naive mae \(name)", naive.meanAbsoluteError)
      all.add("naive mase \(name)", naive.meanAbsoluteScaledError)
    }
    return all
  }

  /// The medians over series, if there are several with values at steps.
  private func medians(of target: Int) -> SeriesFit.Measures? {
    guard let fit, fit.parts.count > 1, fit.parts.contains(where: { $0.truths.count > fit.names.count }) else {
      return nil
    }
    return fit.medians(of: target)
  }

  /// The results as they are printed.
  var lines: [String] {
    if let confusion { return lines(of: confusion) }
    if let forecasts { return lines(of: forecasts) }
    guard let fit else { return [] }
    return fit.names.indices.flatMap { target in
      let found = fit.measures(of: target)
      let medians = medians(of: target).map {
        "  median of \(quantity(fit.parts.count, "sequence")): NSE \($0.nashSutcliffe.sixDigits)  "
          + "KGE \($0.klingGupta.sixDigits)"
      }
      return [
        "\(fit.names[target]): RMSE \(found.rootMeanSquaredError.sixDigits)  MAE \(found.meanAbsoluteError.sixDigits)  "
          + "NSE \(found.nashSutcliffe.sixDigits)  KGE \(found.klingGupta.sixDigits)"
      ] + [medians].compactMap(\.self)
    }
  }

  private func lines(of confusion: ConfusionMatrix) -> [String] {
    let interval = evaluation.interval
    return [
      "Loss: \(evaluation.loss.sixDigits)",
      "Accuracy: \(evaluation.accuracy.sixDigits)  (\(evaluation.correct.grouped) of \(evaluation.count.grouped); "
        + "95 % interval \((100 * interval.lowerBound).fixed(2)) … \((100 * interval.upperBound).fixed(2)) %)  "
        + "Balanced: \(confusion.balancedAccuracy.sixDigits)",
    ]
  }

  private func lines(of forecasts: ForecastFit) -> [String] {
    [
      "\(forecasts.windows.count.grouped) forecasts; MASE below 1 is better than one step of the naive forecast in training"
    ]
      + forecasts.names.indices.flatMap { target in
        [
          ("network", forecasts.measures(of: target)),
          ("seasonal naive, season \(forecasts.season)", forecasts.naiveMeasures(of: target)),
        ].map { name, found in
          "\(forecasts.names[target]), \(name): MASE \(found.meanAbsoluteScaledError.sixDigits)  "
            + "RMSE \(found.rootMeanSquaredError.sixDigits)  MAE \(found.meanAbsoluteError.sixDigits)"
        }
      }
  }
}
