import Recurrent
import RecurrentData

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
  /// What a network of text has written.
  case sample(steps: Int, text: String)
  /// A look at fresh sequences of one length, by a task whose lengths grow.
  case check(steps: Int, LengthAccuracy.Score)
  /// The accuracy of the trained network on sequences of several lengths.
  case lengths([LengthAccuracy.Score])
  /// The last line of a complete run; `measures` are those of the task, by name.
  case test(SequenceModel.Evaluation, measures: TaskMeasures = [:], milliseconds: Double)

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
    case .sample(let steps, let text):
      return """
        {"event":"sample","steps":\(steps),"text":\(Self.string(text))}
        """
    case .check(let steps, let score):
      return """
        {"event":"check","steps":\(steps),\(Self.fields(score))}
        """
    case .lengths(let scores):
      return """
        {"event":"lengths","accuracies":[\(scores.map { "{\(Self.fields($0))}" }.joined(separator: ","))]}
        """
    case .test(let evaluation, let measures, let milliseconds):
      let others = measures.map { "\(Self.string($0)):\(Self.number($1))," }.joined()
      return """
        {"event":"test",\(Self.fields(evaluation)),\(others)"milliseconds":\(milliseconds.fixed(3))}
        """
    }
  }

  private static func fields(_ evaluation: SequenceModel.Evaluation) -> String {
    """
    "loss":\(number(evaluation.loss)),"accuracy":\(number(evaluation.accuracy)),\
    "correct":\(evaluation.correct),"count":\(evaluation.count)
    """
  }

  private static func fields(_ score: LengthAccuracy.Score) -> String {
    """
    "length":\(score.length),"accuracy":\(number(score.accuracy)),\
    "sequenceAccuracy":\(number(score.sequenceAccuracy)),"count":\(score.sequenceCount)
    """
  }

  /// A text as a JSON string.
  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      // Controls, and the line ends of JavaScript.
      case "\0"..<" ", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The shortest digits that identify the number; null for infinity and NaN, which JSON cannot represent.
  static func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
    value.isFinite ? value.description : "null"
  }
}
