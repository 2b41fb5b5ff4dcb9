/// The training loop: epochs of shuffled batches, with validation after each.
///
/// ```
/// for each epoch
///   for each batch of the shuffled training data
///     loss, accuracy ← network.train(on: batch, with: &optimizer)
///   loss, accuracy ← network.evaluate(on: validation)
/// ```
///
/// The loop itself prints and stores nothing: it tells an observer what happens, who may end it.
public struct ClassifierTraining: Sendable, Equatable {
  /// How often the network sees the training data.
  public var epochs: Int
  /// How many sequences make a batch.
  public var batchSize: Int
  /// Shuffles the training data anew in each epoch; nil keeps its order.
  public var shuffleSeed: UInt64?
  /// Whether a last, smaller batch is left out.
  public var dropsLast: Bool
  /// After how many steps in all to stop, whatever the epoch; nil for no such limit.
  public var maximumSteps: Int?

  /// A training loop; the defaults are the notebook's.
  public init(
    epochs: Int = 4, batchSize: Int = 100, shuffleSeed: UInt64? = 0, dropsLast: Bool = false, maximumSteps: Int? = nil
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.shuffleSeed = shuffleSeed
    self.dropsLast = dropsLast
    self.maximumSteps = maximumSteps
  }

  /// What happens during training.
  public enum Event: Sendable {
    /// An epoch begins.
    case epochBegan(epoch: Int, batches: Int)
    /// A step was taken: loss and accuracy of its batch of `count` sequences, before the update.
    case step(epoch: Int, batch: Int, result: SequenceClassifier.StepResult, count: Int, duration: Duration)
    /// An epoch ended, or the last step allowed was taken; the network as it is now, measured on the validation data.
    case epochEnded(
      epoch: Int, steps: Int, network: SequenceClassifier, validation: SequenceClassifier.Evaluation,
      duration: Duration)
  }

  /// Trains a network.
  ///
  /// - Parameters:
  ///   - observe: is told what happens and says whether to go on. It may throw to end the training with an error.
  /// - Returns: whether training went to its end, rather than being stopped by the observer.
  public func run<Failure: Error>(
    _ network: inout SequenceClassifier, optimizer: inout some Optimizer, training: SequenceDataset,
    validation: SequenceDataset, observe: (Event) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    let clock = ContinuousClock()
    var steps = 0
    for epoch in 0..<epochs {
      let batches = training.batches(
        of: batchSize, shuffledWith: shuffleSeed, epoch: epoch, droppingLast: dropsLast)
      if try !observe(.epochBegan(epoch: epoch, batches: batches.count)) { return false }
      let began = clock.now
      for (index, batch) in batches.enumerated() {
        if let maximumSteps, steps >= maximumSteps { break }
        let start = clock.now
        let result = network.train(on: batch, with: &optimizer)
        steps += 1
        let event = Event.step(
          epoch: epoch, batch: index, result: result, count: batch.count, duration: clock.now - start)
        if try !observe(event) { return false }
      }
      let duration = clock.now - began
      let evaluation = network.evaluate(on: validation)
      let event = Event.epochEnded(
        epoch: epoch, steps: steps, network: network, validation: evaluation, duration: duration)
      if try !observe(event) { return false }
      if let maximumSteps, steps >= maximumSteps { break }
    }
    return true
  }
}
