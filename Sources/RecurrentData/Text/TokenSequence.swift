import Recurrent
import RecurrentSupport

/// Tokens in a row, cut into windows of parallel streams.
public struct TokenSequence: Sendable {
  /// The tokens.
  public let tokens: [Int32]
  /// Tokens lie in `0..<tokenCount`.
  public let tokenCount: Int
  /// How many characters (grapheme clusters) a token spells on average; 1 of no tokens.
  public let charactersPerToken: Double

  init(_ tokens: ArraySlice<Int32>, vocabulary: Vocabulary) {
    self.tokens = Array(tokens)
    tokenCount = vocabulary.count
    charactersPerToken =
      vocabulary.unit == .character || tokens.isEmpty
      ? 1 : Double(vocabulary.decode(tokens).count) / Double(tokens.count)
  }

  /// How the tokens are cut into windows of some steps, of streams that read different parts of the text side by side.
  ///
  /// - Parameters:
  ///   - steps: steps of a window.
  ///   - streams: how many streams are read side by side.
  /// - Returns: as many steps and streams, or fewer if there are not enough tokens.
  /// - Precondition: `steps` and `streams` are positive.
  /// - Complexity: O(1).
  public func plan(of steps: Int, streams: Int) -> WindowPlan {
    WindowPlan(tokenCount: tokens.count, steps: steps, streams: streams)
  }

  /// Windows of some steps, one after the other, of streams that read different parts of the text side by side.
  ///
  /// ```
  /// stream s of S begins at token s · L, L = (number of tokens - 1) / S; the target of each step is the next token
  /// ```
  ///
  /// Each window goes on where the one before has ended, so that states can be carried along. What does not fill a window
  /// at the end of the streams is left out; a text shorter than a window of all streams is read in fewer streams, and in
  /// a shorter window if it is shorter than one: ``plan(of:streams:)`` says which.
  ///
  /// With the same windows in every epoch, the same tokens stand at the beginning of a window each time, and no gradient
  /// ever flows from them to those before; the same tokens are left out, too. Another offset in each epoch cuts elsewhere:
  /// the text is then read as a ring that begins there, with as many windows. One prediction, of the first token after
  /// the last, makes no sense in it.
  ///
  /// - Parameters:
  ///   - steps: steps of a window.
  ///   - streams: how many streams are read side by side.
  ///   - offset: the token with which the first stream begins; it may lie beyond the text, which is a ring.
  /// - Returns: the windows; none of fewer than two tokens.
  /// - Precondition: `steps` and `streams` are positive; the offset is not negative.
  /// - Complexity: O(tokens): they are put in the order of the windows once.
  public func windows(of steps: Int, streams: Int, offset: Int = 0) -> [SequenceBatch] {
    require(offset >= 0, "an offset is not negative; found \(offset)")
    let plan = plan(of: steps, streams: streams)
    if plan.count == 0 { return [] }
    let first = offset % tokens.count
    let ring = first == 0 ? tokens : Array(tokens[first...] + tokens[..<first])
    var (inputs, targets): ([Int32], [Int32]) = ([], [])
    inputs.reserveCapacity(plan.predictionCount)
    targets.reserveCapacity(plan.predictionCount)
    for window in 0..<plan.count {
      for stream in 0..<plan.streams {
        let first = stream * plan.streamLength + window * plan.steps
        inputs += ring[first..<first + plan.steps]
        targets += ring[first + 1..<first + plan.steps + 1]
      }
    }
    let data = require {
      try SequenceDataset(
        .tokens(inputs, count: tokenCount), targets: .classes(targets, count: tokenCount, everyStep: true),
        stepCount: plan.steps, count: plan.count * plan.streams)
    }
    return Array(data.batches(of: plan.streams))
  }
}
