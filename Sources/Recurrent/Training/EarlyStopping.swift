import RecurrentSupport

/// Early stopping: ends training when validation no longer improves.
///
/// The best weights are kept and are the result of training.
///
/// Source: Prechelt, *Early Stopping — But When?*, 1998; `patience` counts as Keras's does.
public struct EarlyStopping: Sendable, Equatable, Codable {
  /// The measure that is monitored.
  public enum Measure: String, Sendable, CaseIterable, Codable {
    /// The validation loss; lower is better.
    case loss
    /// The validation accuracy; higher is better.
    case accuracy
  }

  /// The measure to monitor.
  public var measure: Measure
  /// How many validations in a row may fail to improve; the last of them ends training.
  public var patience: Int
  /// By how much a validation must be better than the best one so far, in nats or as a fraction.
  public var minimumImprovement: Double

  /// Early stopping.
  ///
  /// - Parameters:
  ///   - measure: the measure to monitor.
  ///   - patience: how many validations in a row may fail to improve; the last of them ends training.
  ///   - minimumImprovement: by how much a validation must be better than the best one so far, in nats or as a
  ///     fraction.
  /// - Precondition: `patience` is at least 1; `minimumImprovement` is not negative.
  public init(measure: Measure = .loss, patience: Int = 3, minimumImprovement: Double = 0) {
    require(patience >= 1, "patience must be at least 1; found \(patience)")
    require(minimumImprovement >= 0, "minimumImprovement must not be negative; found \(minimumImprovement)")
    self.measure = measure
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }

  /// Whether one validation is better than the best so far.
  ///
  /// A validation with a NaN loss is worse than any other, whatever the measure.
  ///
  /// - Parameters:
  ///   - found: the new validation.
  ///   - best: the best one so far.
  public func isImprovement(
    _ found: SequenceModel.Evaluation, over best: SequenceModel.Evaluation
  ) -> Bool {
    if found.loss.isNaN != best.loss.isNaN { return best.loss.isNaN }
    return switch measure {
    case .loss: found.loss < best.loss - minimumImprovement
    case .accuracy: found.accuracy > best.accuracy + minimumImprovement
    }
  }
}

extension EarlyStopping {
  /// Reads the settings.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is out of range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    measure = try container.decode(Measure.self, forKey: .measure)
    patience = try container.value(.patience, in: 1...)
    minimumImprovement = try container.value(.minimumImprovement, in: 0...)
  }
}
