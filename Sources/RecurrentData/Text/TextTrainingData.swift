import Recurrent
import RecurrentSupport

/// A text to train on, window by window, in streams that keep their states.
///
/// ```swift
/// let data = TextTrainingData(text, steps: 64, streams: 32)
/// _ = TrainingLoop(epochs: 10).run(&model, optimizer: &optimizer, on: data) { event in … }
/// ```
///
/// The first epoch begins with the text; each later one begins elsewhere, so that windows are cut at other places:
/// ``TokenSequence/windows(of:streams:offset:)``.
public struct TextTrainingData: TrainingData {
  /// The text: its first part is learned from, the rest is measured on.
  public let text: Text
  /// How the training part is cut into windows.
  public let plan: WindowPlan
  private let seed: UInt64
  private let measured: [SequenceBatch]

  /// A text to train on.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - steps: steps of a window; there are fewer if the text is shorter.
  ///   - streams: how many streams are read side by side; there are fewer if the text does not fill them.
  ///   - seed: what the beginnings of epochs are drawn from.
  /// - Precondition: `steps` and `streams` are positive.
  /// - Complexity: O(tokens of the validation part).
  public init(_ text: Text, steps: Int, streams: Int, seed: UInt64 = 0) {
    self.text = text
    self.seed = seed
    plan = text.training.plan(of: steps, streams: streams)
    measured = text.measuringWindows(of: plan.steps, streams: streams)
  }

  /// Each window goes on where the one before has ended.
  public var continuesSequences: Bool { true }
  /// Whether the text has a validation part.
  public var hasValidation: Bool { !measured.isEmpty }

  /// The windows of the training part, in order.
  ///
  /// - Parameter epoch: counted from 0.
  /// - Complexity: O(tokens).
  public func batches(epoch: Int) -> [SequenceBatch] {
    var generator = SplitMix64(seed: seed, stream: UInt64(epoch))
    let offset = epoch == 0 ? 0 : Int(generator.next() % UInt64(text.training.tokens.count))
    return text.training.windows(of: plan.steps, streams: plan.streams, offset: offset)
  }

  /// Measures how well a network predicts each token of the validation part from those before it.
  ///
  /// The text is read in parallel streams; each reads a window of the text before its own part first, which is not
  /// measured, so that no prediction is made without context.
  ///
  /// - Parameter network: reads tokens and predicts the next one.
  /// - Throws: `InputError` if it has another number of tokens.
  /// - Complexity: that of a forward pass over the validation part.
  public func evaluate(_ network: SequenceModel) throws(InputError) -> SequenceModel.Evaluation {
    try network.evaluate(onConsecutive: measured)
  }
}

extension Text {
  /// How well a network predicts all tokens of a text but the first.
  ///
  /// - Parameters:
  ///   - network: reads tokens of this vocabulary and predicts the next one.
  ///   - tokens: the text.
  ///   - steps: the tokens that each stream reads first, and those of a window.
  ///   - streams: how many parts of the text are read side by side.
  /// - Throws: `InputError` if it has another number of tokens.
  /// - Precondition: `steps` and `streams` are positive.
  /// - Complexity: that of a forward pass over the text.
  public static func measure(
    _ network: SequenceModel, on tokens: TokenSequence, steps: Int = 100, streams: Int = 32
  ) throws(InputError) -> SequenceModel.Evaluation {
    try network.evaluate(
      onConsecutive: measuringWindows(tokens.tokens, from: 1, tokens.tokenCount, steps: steps, streams: streams))
  }

  /// The windows in which the validation part is measured.
  fileprivate func measuringWindows(of steps: Int, streams: Int) -> [SequenceBatch] {
    if validation.tokens.isEmpty { return [] }
    let context = training.tokens.suffix(steps + 1)
    return Self.measuringWindows(
      context + validation.tokens, from: context.count, training.tokenCount, steps: steps, streams: streams)
  }

  /// Windows in which each token from `first` on is a target once.
  ///
  /// ```
  /// stream s predicts tokens first + ⌈s P / S⌉ … first + ⌈(s + 1) P / S⌉ - 1,    P = tokens - first
  /// ```
  ///
  /// It reads up to `steps` tokens before them first, whose predictions have no target.
  private static func measuringWindows(
    _ tokens: some RandomAccessCollection<Int32>, from first: Int, _ tokenCount: Int, steps: Int, streams: Int
  ) -> [SequenceBatch] {
    let tokens = Array(tokens)
    let predictions = tokens.count - first
    if predictions <= 0 { return [] }
    let streams = min(streams, predictions)
    let bounds = (0...streams).map { first + ($0 * predictions).groups(of: streams) }
    let parts = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
    // The first part is as long as any: it never has to read a token before the first one.
    let longest = parts[0].count
    // All streams read as many tokens first, for their steps to lie side by side.
    let total = min(steps, first - 1) + longest
    return stride(from: 0, to: total, by: steps).map { start in
      let range = start..<min(start + steps, total)
      var (inputs, targets): ([Int32], [Int32]) = ([], [])
      for part in parts {
        for step in range {
          // The token that is read; the next one is the target.
          let index = part.upperBound - 1 - (total - 1 - step)
          inputs.append(tokens[index - 1])
          targets.append(part.contains(index) ? tokens[index] : -1)
        }
      }
      return require {
        try SequenceDataset(
          .tokens(inputs, count: tokenCount), targets: .classes(targets, count: tokenCount, everyStep: true),
          stepCount: range.count, count: streams)
      }.wholeBatch
    }
  }
}
