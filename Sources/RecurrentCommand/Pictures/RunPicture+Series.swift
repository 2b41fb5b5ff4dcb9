import Recurrent
import RecurrentCharts
import RecurrentData
import RecurrentSupport

extension RunPicture {
  /// The most steps of a picture of forecasts.
  private static let mostSteps = 400

  /// The confusion matrix of classes with names.
  ///
  /// - Parameters:
  ///   - confusion: the counts.
  ///   - classes: the names of the classes.
  ///   - counted: the name of what has a class, such as series.
  ///   - remark: what else the reader should know.
  static func confusion(
    _ confusion: ConfusionMatrix, classes: [String], counted: String, remark: String
  ) -> ConfusionMatrixChart {
    ConfusionMatrixChart(
      title: "Confusion matrix: true class against prediction", labels: classes.map { $0.shown(limit: 60) },
      counts: confusion.counts, counted: counted,
      remark: "\(confusion.correct.grouped) of \(confusion.count.grouped) \(counted) were classified correctly. "
        + remark)
  }

  /// The end of the first series, with forecasts one after the other.
  static func forecast(_ fit: ForecastFit, of data: SeriesData, remark: String) -> LineChart {
    let name = fit.names[0]
    let (first, channel) = (fit.windows[0].series, data.channels.firstIndex(of: name) ?? 0)
    let truths = data.values(ofChannel: channel, in: data.sequences[first])
    let horizon = fit.windows[0].truths[0].count
    // Of overlapping forecasts, those that follow upon one another, counted from the end.
    let windows = fit.windows.filter { $0.series == first }
    let last = windows[windows.count - 1].firstStep
    let shown = windows.filter {
      (last - $0.firstStep).isMultiple(of: horizon) && last - $0.firstStep <= max(0, mostSteps - horizon)
    }
    let start = max(0, shown[0].firstStep - 1 - max(2 * horizon, 24))
    func line(_ name: String, _ values: (ForecastFit.Window) -> [[Float]]) -> LineChart.Line {
      LineChart.Line(
        name,
        shown.flatMap { window in
          values(window)[0].enumerated().map { (x: Double(window.firstStep + $0), y: Double($1)) }
        })
    }
    return LineChart(
      title: "Forecasts of \(horizon) steps with the true series", x: "step of the series", y: name.shown(limit: 60),
      lines: [
        LineChart.Line("true", truths.indices[start...].map { (x: Double($0 + 1), y: Double(truths[$0])) }),
        line("forecast", \.predictions), line("seasonal naive", \.naive),
      ],
      remark: "Series \(data.sequences[first].id.shown(limit: 60)); each forecast is made from the steps before it. "
        + "Season of the naive forecast: \(quantity(fit.season, "step")). " + remark)
  }
}
