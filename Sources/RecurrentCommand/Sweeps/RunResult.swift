/// What a sweep keeps of a run: its results, without curves and samples, since a sweep may have thousands of runs.
struct RunResult: Equatable {
  let parameterCount: Int
  /// The number of finished epochs.
  let epochs: Int
  /// The time of training, without validation.
  let trainingSeconds: Double
  let testAccuracy: Double
  /// The validation accuracy of the model; nil if there were no data for validation.
  let validationAccuracy: Double?

  /// Reads the result of a run; nil if the run is not complete.
  init?(folder: String) {
    guard let record = try? RunRecord(folder: folder), record.isComplete, let test = record.test?.accuracy else {
      return nil
    }
    testAccuracy = test
    validationAccuracy = record.validation?.accuracy
    epochs = record.epochs
    trainingSeconds = record.trainingSeconds ?? 0
    parameterCount = record.configuration.parameterCount
  }
}
