public import Recurrent

/// How a language model of a text is trained: the size of the network, the windows, and the course of the learning rate.
///
/// One LSTM with layer normalization reads embedded tokens and predicts the next one at every step; AdamW with a rate that
/// falls along half a cosine to the end of training, and gradients clipped to a norm of 1.
public struct TextRecipe: Sendable, Hashable {
  /// H, the hidden units of the one layer.
  public var hiddenSize: Int
  /// The features of an embedded token.
  public var embeddingSize = 64
  /// The steps of a window.
  public var windowSteps = 64
  /// How many parts of the text are read side by side.
  public var streams: Int
  /// η, the rate of AdamW at the beginning.
  public var learningRate: Float = 0.004
  /// λ, the weight decay of AdamW.
  public var weightDecay: Float = 0.1
  /// The regularization of the layer.
  ///
  /// A long training reads the text so often that the network would learn it by heart: masks then stay for a whole
  /// window, and the recurrent weights have one too.
  public var regularization: Regularization
  /// How often the text is read.
  public var epochs: Int

  /// About how many training steps are taken if no time is given.
  private static let defaultSteps = 5000

  /// The recipe for a text, and for the time that its training may take.
  ///
  /// Values were found by experiment, on plays of a million characters and on shorter parts of them.
  ///
  /// - Parameters:
  ///   - length: the length of the text in bytes.
  ///   - minutes: the time; nil if none is given.
  /// - Complexity: O(1).
  public init(length: Int, minutes: Double? = nil) {
    let isShort = length < 100_000
    let isLong = !isShort && (minutes ?? 0) >= 10
    hiddenSize = isShort ? 128 : isLong ? 512 : 384
    streams = isShort ? 8 : 32
    regularization =
      isLong
      ? Regularization(dropout: 0.3, isVariational: true, recurrentDropout: 0.15) : Regularization(dropout: 0.3)
    let stepsPerEpoch = max(1, length * 9 / 10 / (windowSteps * streams))
    epochs = min(100, max(2, Self.defaultSteps / stepsPerEpoch))
  }
}
