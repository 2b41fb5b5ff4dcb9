/// The result of a run, read from its folder.
struct RunResult: Equatable {
  let parameterCount: Int
  /// The number of finished epochs.
  let epochs: Int
  /// The time of training, without validation.
  let trainingSeconds: Double
  let testAccuracy: Double
  /// The validation accuracy of the model; nil if there were no images for validation.
  let validationAccuracy: Double?

  /// The entries of a line of the metrics that are read.
  private struct Event: Decodable {
    let event: String
    let accuracy: Double?
    let count: Int?
    let milliseconds: Double?
  }

  /// Reads the result of a run; nil if the run is not complete.
  init?(folder: String) {
    guard let configuration = RunConfiguration.forModel(folder + "/" + ModelFile.name),
      let metrics = UntrustedFile.start(of: folder + "/metrics.jsonl", limit: 1 << 30)
    else { return nil }
    let events = metrics.split(separator: UInt8(ascii: "\n")).compactMap {
      try? UntrustedFile.decode(Event.self, from: Array($0))
    }
    guard let test = events.last, test.event == "test", let testAccuracy = test.accuracy else { return nil }
    let epochs = events.filter { $0.event == "epoch" }
    self.testAccuracy = testAccuracy
    self.epochs = epochs.count
    trainingSeconds = epochs.reduce(0) { $0 + ($1.milliseconds ?? 0) } / 1000
    // Early stopping keeps the best model; without it, the last one is kept.
    let kept = events.contains { $0.event == "improved" } ? events.filter { $0.event == "improved" } : epochs
    validationAccuracy = kept.last { $0.count ?? 0 > 0 }?.accuracy
    parameterCount = configuration.parameterCount
  }
}
