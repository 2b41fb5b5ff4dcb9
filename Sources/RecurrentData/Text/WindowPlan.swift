import RecurrentSupport

/// How a text is cut into windows of parallel streams, and what had to be reduced for it.
///
/// ```
/// steps   = min(steps asked for, predictions)          predictions = tokens - 1
/// streams = min(streams asked for, predictions / steps)
/// ```
public struct WindowPlan: Sendable, Hashable, CustomStringConvertible {
  /// Steps of a window.
  public let steps: Int
  /// How many streams are read side by side.
  public let streams: Int
  /// How many windows there are, one after the other; 0 of fewer than two tokens.
  public let count: Int
  /// How many tokens a stream has, those after its last window included.
  let streamLength: Int
  /// What was reduced, and why, as a sentence; nil if all is as it was asked for.
  public let reduction: String?

  /// How many tokens all windows predict; the others, at the end of streams, are left out.
  public var predictionCount: Int { count * streams * steps }

  /// The windows in words.
  public var description: String {
    "\(quantity(count, "window")) of \(quantity(steps, "step")) in \(quantity(streams, "stream"))"
      + (reduction.map { "; \($0)" } ?? "")
  }

  init(tokenCount: Int, steps: Int, streams: Int) {
    require(steps > 0 && streams > 0, "windows have steps and streams; found \(steps) and \(streams)")
    let predictions = max(0, tokenCount - 1)
    self.steps = min(steps, max(1, predictions))
    self.streams = min(streams, max(1, predictions / self.steps))
    streamLength = predictions / self.streams
    count = streamLength / self.steps
    var changes: [String] = []
    if self.steps < steps { changes.append("\(quantity(self.steps, "step")) instead of \(steps)") }
    if self.streams < streams { changes.append("\(quantity(self.streams, "stream")) instead of \(streams)") }
    reduction =
      if predictions == 0 {
        "a text of \(quantity(tokenCount, "token")) has nothing to predict: there are no windows"
      } else if changes.isEmpty {
        nil
      } else {
        "a text of \(quantity(tokenCount, "token")) does not fill \(quantity(streams, "stream")) of "
          + "\(quantity(steps, "step")): " + changes.joined(separator: ", ")
      }
  }
}
