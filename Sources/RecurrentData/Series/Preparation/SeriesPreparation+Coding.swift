extension SeriesPreparation {
  enum CodingKeys: String, CodingKey {
    case task, channels, statics, targets, classes, missingInputs, marksMissing
  }

  /// Decodes a preparation, as a model file holds it.
  ///
  /// - Parameter decoder: of the file that it was written into.
  /// - Throws: `DecodingError` if it lacks a part, or its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    task = try values.decode(SeriesTask.self, forKey: .task)
    channels = try values.decode([SeriesScaling].self, forKey: .channels)
    statics = try values.decode([SeriesScaling].self, forKey: .statics)
    targets = try values.decode([SeriesScaling].self, forKey: .targets)
    classes = try values.decode([String].self, forKey: .classes)
    missingInputs = try values.decode(MissingInputs.self, forKey: .missingInputs)
    marksMissing = try values.decode(Bool.self, forKey: .marksMissing)

    try decoder.check(!channels.isEmpty, "no channels")
    let deviations = (channels + statics + targets).map(\.deviation)
    try decoder.check(deviations.allSatisfy { $0 > 0 }, "a deviation that is not above 0")
    try decoder.check(task.predictsClasses ? classes.count >= 2 : !targets.isEmpty, "nothing to predict")
    if case .forecasting = task {
      try decoder.check(targets.allSatisfy(channels.contains), "a forecast of a channel that is not read")
    }
  }
}

extension Decoder {
  /// Refuses what was decoded unless a condition holds.
  func check(_ condition: Bool, _ found: String) throws {
    if condition { return }
    throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "found \(found)"))
  }
}
