import RecurrentSupport

/// How a network of time series is trained: its size, the course of the learning rate, and what keeps it from learning
/// few series by heart.
///
/// One GRU of 64 units, which reads whole series in both directions; Adam with a rate that falls along half a cosine to
/// the end of training, and gradients clipped to a norm of 1. The same for all data: what differs follows from the task
/// and from how many series there are.
public struct SeriesRecipe: Sendable, Hashable {
  /// H, the hidden units of the one layer, in each direction.
  public var hiddenSize = 64
  /// Whether the layer reads in both directions: if there is one prediction for each series.
  public var isBidirectional: Bool
  /// Series, or windows of a forecast, of a training step.
  public var batchSize: Int
  /// η, the rate of Adam at the beginning.
  public var learningRate: Float = 0.005
  /// The dropout rate of the layer's outputs.
  public var dropout: Float
  /// The deviation of the noise that is added to normalized inputs in training; 0 for none.
  public var inputNoise: Float
  /// How often the training data are read.
  public var epochs: Int

  /// The steps of the pieces that longer series with targets at each step are cut into, to be learned from.
  public static let pieceSteps = 365

  /// About how many training steps are taken.
  private static let steps = 2000

  /// The recipe for some data.
  ///
  /// Values were found by experiment, on a set of 270 series of speech, and left as they are for all others.
  ///
  /// - Parameters:
  ///   - task: what the network is to do.
  ///   - count: the series that are learned from, or the windows of a forecast.
  /// - Complexity: O(1).
  public init(for task: SeriesTask, count: Int) {
    let isWhole = task == .classification || task == .regression
    isBidirectional = isWhole
    batchSize = count < 200 ? 8 : 32
    // Few series are learned by heart if they are the same in each epoch.
    inputNoise = isWhole && count < 5000 ? 0.3 : 0
    dropout = isWhole ? 0.3 : 0
    let stepsPerEpoch = max(1, count.groups(of: batchSize))
    epochs = min(300, max(5, Self.steps / stepsPerEpoch))
  }
}
