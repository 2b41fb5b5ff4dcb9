import Recurrent

/// One line of `metrics.jsonl`.
///
/// Everything except times is the same for the same seed, whatever the number of threads.
enum MetricsEvent {
  case step(epoch: Int, step: Int, result: SequenceModel.StepResult, milliseconds: Double)
  case epoch(epoch: Int, steps: Int, validation: SequenceModel.Evaluation, milliseconds: Double)
  /// A validation within an epoch.
  case validation(epoch: Int, steps: Int, SequenceModel.Evaluation)
  /// The best validation so far, if early stopping keeps the best network.
  case improved(steps: Int, SequenceModel.Evaluation)
  case test(SequenceModel.Evaluation, milliseconds: Double)

  /// The event as a JSON object.
  var json: String {
    switch self {
    case .step(let epoch, let step, let result, let milliseconds):
      return """
        {"event":"step","epoch":\(epoch),"step":\(step),"loss":\(Self.number(result.loss)),\
        "accuracy":\(Self.number(result.accuracy)),"milliseconds":\(milliseconds.fixed(3))}
        """
    case .epoch(let epoch, let steps, let validation, let milliseconds):
      return """
        {"event":"epoch","epoch":\(epoch),"steps":\(steps),\(Self.fields(validation)),\
        "milliseconds":\(milliseconds.fixed(3))}
        """
    case .validation(let epoch, let steps, let validation):
      return """
        {"event":"validation","epoch":\(epoch),"steps":\(steps),\(Self.fields(validation))}
        """
    case .improved(let steps, let validation):
      return """
        {"event":"improved","steps":\(steps),\(Self.fields(validation))}
        """
    case .test(let evaluation, let milliseconds):
      return """
        {"event":"test",\(Self.fields(evaluation)),"milliseconds":\(milliseconds.fixed(3))}
        """
    }
  }

  private static func fields(_ evaluation: SequenceModel.Evaluation) -> String {
    """
    "loss":\(number(evaluation.loss)),"accuracy":\(number(evaluation.accuracy)),\
    "correct":\(evaluation.correct),"count":\(evaluation.count)
    """
  }

  /// The shortest digits that identify the number; null for infinity and NaN, which JSON cannot represent.
  private static func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
    value.isFinite ? value.description : "null"
  }
}
