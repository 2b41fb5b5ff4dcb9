import RecurrentSupport

/// What a sweep keeps of a run: its results, without curves and samples, since a sweep may have thousands of runs.
struct RunResult {
  let parameterCount: Int
  /// The number of finished epochs.
  let epochs: Int
  /// The time of training, without validation.
  let trainingSeconds: Double
  /// What judges the run: the measures of the test data, then those of the validation of the model.
  let values: [(measure: SweepMeasure, value: Double)]

  /// Whether a folder holds a run that came to its end: there are its result, its model, and its report, the last file.
  static func isComplete(_ folder: String) -> Bool {
    [ModelFile.name, RunReport.name].allSatisfy { RunFolder.isThere(folder + "/" + $0) }
      && RunResult(folder: folder) != nil
  }

  /// Reads the result of a run; nil if there is none yet.
  init?(folder: String) {
    guard let record = try? RunRecord(folder: folder), record.isComplete, record.test != nil else { return nil }
    values = SweepMeasure.values(of: record, .test) + SweepMeasure.values(of: record, .validation)
    epochs = record.epochs
    trainingSeconds = record.trainingSeconds ?? 0
    parameterCount = record.configuration.parameterCount
  }

  /// The test results in words.
  var test: String {
    let found = values.filter { $0.measure.part == .test }
    return found.isEmpty
      ? "no test data"
      : found.map { "\($0.measure.title.shown()) \(SweepResults.Mean([$0.value]).text(for: $0.measure))" }
        .joined(separator: ", ")
  }
}
