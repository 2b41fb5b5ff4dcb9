/// A measure by which the runs of a sweep are judged: what says how well a network does its task.
///
/// | what is predicted | of the test data | of the validation data |
/// |---|---|---|
/// | classes | accuracy | accuracy |
/// | the next token of a text | nats per character | nats per token |
/// | forecasts | MASE of each target | mean squared error |
/// | other values | RMSE and NSE of each target; without targets of a name, the mean squared error | mean squared error |
struct SweepMeasure: Hashable {
  /// The data that were measured on.
  enum Part: String { case test, validation }

  let part: Part
  /// The name in `metrics.jsonl`, such as `mase sales`.
  let key: String
  /// The words for it, such as `test MASE of sales`.
  let title: String

  /// Whether values are fractions, which are shown in percent.
  var isFraction: Bool { key == "accuracy" }

  init(_ part: Part, _ key: String, words: String) {
    self.part = part
    self.key = key
    title = "\(part) \(words)"
  }
}

extension SweepMeasure {
  /// Measures of values with the name of a target behind them; the first kind that a run has judges it.
  private static let kinds = [["mase"], ["rmse", "nse"]]

  /// What judges a run, with its values; nothing if there were no data to measure on.
  static func values(of record: RunRecord, _ part: Part) -> [(measure: SweepMeasure, value: Double)] {
    guard let found = part == .test ? record.test : record.validation, found.count != 0 else { return [] }
    let isText = record.configuration.task == TaskKind.text.rawValue
    func value(_ key: String, _ words: String, _ value: Double?) -> [(measure: SweepMeasure, value: Double)] {
      value.map { [(SweepMeasure(part, key, words: words), $0)] } ?? []
    }
    if isText, let nats = found.others["natsPerCharacter"] {
      return value("natsPerCharacter", MeasureName.words("natsPerCharacter"), nats)
    }
    if !isText && found.accuracy != nil { return value("accuracy", "accuracy", found.accuracy) }
    for kinds in kinds {
      let named = kinds.flatMap { kind in
        found.others.keys.filter { $0.hasPrefix(kind + " ") }.sorted().flatMap { key in
          value(key, MeasureName.words(key), found.others[key])
        }
      }
      if !named.isEmpty { return named }
    }
    return value("loss", isText ? "nats per token" : "mean squared error", found.loss)
  }
}
