/// What a training loop works on: batches to learn from, epoch by epoch, and other data to measure the network on.
///
/// ``DatasetTrainingData`` shuffles the sequences of a data set. A type of one's own can draw new sequences in each epoch, or
/// read long ones window by window.
public protocol TrainingData {
  /// The batches of an epoch, in the order of training: always the same ones for the same epoch.
  ///
  /// - Parameter epoch: counted from 0.
  /// - Complexity: once for each epoch; a batch refers to its data rather than holding them.
  func batches(epoch: Int) -> [SequenceBatch]

  /// Whether each batch of an epoch holds the next steps of the same sequences as the one before, in the same order.
  ///
  /// The network's state is then carried from batch to batch: truncated backpropagation through time. An epoch begins with
  /// the network's initial state. False by default.
  var continuesSequences: Bool { get }

  /// Measures a network on data that are not learned from.
  ///
  /// - Parameter network: the network, which does not change.
  /// - Returns: the mean loss, and the number of targets predicted correctly.
  /// - Throws: ``InputError`` if the data do not fit the network.
  /// - Complexity: that of a forward pass over the data.
  func evaluate(_ network: SequenceModel) throws(InputError) -> SequenceModel.Evaluation

  /// Whether there are data to measure on.
  var hasValidation: Bool { get }
}

extension TrainingData {
  /// False: batches are of whole sequences.
  public var continuesSequences: Bool { false }
}

/// The sequences of a data set, shuffled anew in each epoch.
public struct DatasetTrainingData: TrainingData {
  /// What is learned from.
  public let training: SequenceDataset
  /// What the network is measured on; may be empty.
  public let validation: SequenceDataset
  private let loop: TrainingLoop
  private let preparing: (_ training: SequenceDataset, _ epoch: Int) -> SequenceDataset

  init(
    _ training: SequenceDataset, validation: SequenceDataset, loop: TrainingLoop,
    preparing: @escaping (_ training: SequenceDataset, _ epoch: Int) -> SequenceDataset
  ) {
    self.training = training
    self.validation = validation
    self.loop = loop
    self.preparing = preparing
  }

  /// The batches of the loop's size, shuffled with its seed.
  ///
  /// - Parameter epoch: counted from 0.
  /// - Complexity: O(sequences).
  public func batches(epoch: Int) -> [SequenceBatch] {
    Array(
      preparing(training, epoch).batches(
        of: loop.batchSize, shuffledWith: loop.shuffleSeed, epoch: epoch, droppingLast: loop.dropsLast))
  }

  /// Measures a network on the validation data.
  ///
  /// - Parameter network: the network, which does not change.
  /// - Returns: the mean loss, and the number of targets predicted correctly.
  /// - Throws: ``InputError`` if the data do not fit the network.
  /// - Complexity: that of a forward pass over them.
  public func evaluate(_ network: SequenceModel) throws(InputError) -> SequenceModel.Evaluation {
    try network.evaluate(on: validation)
  }

  /// Whether there are validation data.
  public var hasValidation: Bool { validation.count > 0 }
}

extension TrainingLoop {
  /// Data sets to train and to measure on, as this loop divides them into batches.
  ///
  /// - Parameters:
  ///   - training: what is learned from.
  ///   - validation: what the network is measured on; may be empty.
  ///   - preparing: what an epoch sees of the training data, such as augmented images; by default the data as they are.
  /// - Complexity: O(1).
  public func data(
    training: SequenceDataset, validation: SequenceDataset,
    preparing: @escaping (_ training: SequenceDataset, _ epoch: Int) -> SequenceDataset = { training, _ in training }
  ) -> DatasetTrainingData {
    DatasetTrainingData(training, validation: validation, loop: self, preparing: preparing)
  }
}
