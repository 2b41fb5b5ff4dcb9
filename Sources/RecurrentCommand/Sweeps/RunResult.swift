/// What has come of a run, as its folder tells it.
struct RunResult: Equatable {
  let parameterCount: Int
  /// How many epochs were finished.
  let epochs: Int
  /// How long training took, without validation.
  let trainingSeconds: Double
  let testAccuracy: Double
  /// The accuracy of the last validation; nil where there were no images for it.
  let validationAccuracy: Double?

  /// What is read of a line of the metrics.
  private struct Event: Decodable {
    let event: String
    let accuracy: Double?
    let count: Int?
    let milliseconds: Double?
  }

  /// Reads the result of a run; nil where the run is not complete.
  init?(folder: String) {
    guard let configuration = RunConfiguration.beside(folder + "/" + ModelFile.name),
      let metrics = ForeignFile.start(of: folder + "/metrics.jsonl", limit: 1 << 30)
    else { return nil }
    let events = metrics.split(separator: UInt8(ascii: "\n")).compactMap {
      try? ForeignFile.decode(Event.self, from: Array($0))
    }
    guard let test = events.last, test.event == "test", let testAccuracy = test.accuracy else { return nil }
    let epochs = events.filter { $0.event == "epoch" }
    self.testAccuracy = testAccuracy
    self.epochs = epochs.count
    trainingSeconds = epochs.reduce(0) { $0 + ($1.milliseconds ?? 0) } / 1000
    // That of the model that was kept: the best one with early stopping, else the last.
    let kept = events.contains { $0.event == "improved" } ? events.filter { $0.event == "improved" } : epochs
    validationAccuracy = kept.last { $0.count ?? 0 > 0 }?.accuracy
    parameterCount = configuration.parameterCount
  }
}
