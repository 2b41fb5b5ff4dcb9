import Recurrent
import RecurrentData
import RecurrentSupport

/// Time series, divided into what is learned from and what is measured on, and what turns them into inputs.
struct PreparedSeries {
  let training: SeriesData
  /// What the network is measured on while it learns; nil without such a part.
  let validation: SeriesData?
  let test: SeriesData?
  /// What the model file holds besides the network.
  let description: SeriesModel.Description
  /// How the series were divided, in one line.
  let split: String

  var preparation: SeriesPreparation { description.preparation }

  /// Divides series, and learns means, deviations and classes from those to learn from; or takes those of a model.
  init(
    _ source: TrainingSeries, options: SeriesOptions, start: SeriesModel?, seed: UInt64
  ) throws(CommandFailure) {
    var forecast = source.forecast(options)
    if case .forecasting(let stored) = start?.preparation.task { forecast = stored }
    do throws(SeriesError) {
      let share = Double(options.validationShare)
      if share == 0 {
        (training, validation) = (source.data, nil)
        split = "no series are kept for validation"
      } else {
        let parts =
          if let forecast { try source.data.split(validationFraction: share, by: forecast) } else {
            try source.data.split(validationFraction: share, seed: seed)
          }
        (training, validation, split) = (parts.training, parts.validation, parts.description)
      }
      test = source.test
      if let start {
        description = start.description
      } else {
        let preparation = try SeriesPreparation(
          learnedFrom: training, forecast: forecast, missingInputs: options.missing.policy)
        description = .init(preparation: preparation, columns: options.roles, format: options.columns.fileFormat)
      }
    } catch { throw CommandFailure(error) }
  }

  /// What the trained network is measured on; nil if there is nothing.
  var measured: SeriesData? { test ?? validation }
}
