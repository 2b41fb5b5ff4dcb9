import RecurrentSupport

extension SequenceModel {
  /// How well a network does on data it is measured on.
  public struct Evaluation: Sendable, Equatable {
    /// The mean cross-entropy, in nats; 0 of no sequences.
    public let loss: Double
    /// How many sequences were classified rightly.
    public let correct: Int
    /// How many sequences there were.
    public let count: Int

    /// The fraction classified rightly; 0 of no sequences.
    public var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }

    /// The 95 % interval: made in this way, 95 of 100 hold the accuracy on unlimited data of this kind.
    ///
    /// ```
    /// (p̂ + z²/2n ± z √(p̂(1-p̂)/n + z²/4n²)) / (1 + z²/n),   z = 1.96
    /// ```
    ///
    /// Source: Wilson, *Probable Inference*, 1927; unlike p̂ ± 1.96 s it stays within 0 and 1.
    public var interval: ClosedRange<Double> {
      guard count > 0 else { return 0...1 }
      let (n, p, z) = (Double(count), accuracy, 1.959964)
      let middle = p + z * z / (2 * n)
      let reach = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
      let scale = 1 + z * z / n
      return max(0, (middle - reach) / scale)...min(1, (middle + reach) / scale)
    }
  }

  /// Measures loss and accuracy on a whole dataset.
  ///
  /// Changes nothing.
  ///
  /// - Parameter dataset: labelled sequences.
  /// - Returns: the mean cross-entropy in nats, and how many are classified rightly.
  /// - Throws: ``InputError`` unless sequences have the features that the network reads, and classes it tells apart.
  /// - Complexity: that of one forward pass over the sequences.
  public func evaluate(on dataset: SequenceDataset) throws(InputError) -> Evaluation {
    try evaluate(on: dataset.wholeBatch)
  }

  /// Measures loss and accuracy on a batch of any size.
  ///
  /// Changes nothing.
  ///
  /// - Parameter batch: labelled sequences, as many as there are.
  /// - Returns: the mean cross-entropy in nats, and how many are classified rightly.
  /// - Throws: ``InputError`` unless sequences have the features that the network reads, and classes it tells apart.
  /// - Complexity: that of one forward pass over the sequences.
  public func evaluate(on batch: SequenceBatch) throws(InputError) -> Evaluation {
    try predictions(on: batch).evaluation
  }

  /// The logits of each sequence after its last step, `[batch, classes]`.
  ///
  /// - Parameter batch: sequences, whose labels are not looked at.
  /// - Throws: ``InputError`` unless sequences have the features that the network reads.
  /// - Complexity: that of one forward pass over the sequences.
  public func logits(for batch: SequenceBatch) throws(InputError) -> Tensor {
    try check(batch)
    return logits(for: batch, everyStep: false)
  }

  /// The probability of each class for each sequence, `[batch, classes]`.
  ///
  /// - Parameter batch: sequences, whose labels are not looked at.
  /// - Throws: ``InputError`` unless sequences have the features that the network reads.
  /// - Complexity: that of one forward pass over the sequences.
  public func probabilities(for batch: SequenceBatch) throws(InputError) -> Tensor {
    Tensor.softmax(try logits(for: batch))
  }

  /// What the network would say if the sequences ended after each step, `[batch, time, classes]`; past a sequence's
  /// length the probabilities are even.
  ///
  /// - Parameter batch: sequences, whose labels are not looked at.
  /// - Throws: ``InputError`` unless sequences have the features that the network reads.
  /// - Complexity: that of one pass; for a network that reads in reverse, one pass for each step, since an ending
  ///   changes everything that is read from it.
  public func probabilitiesOverTime(for batch: SequenceBatch) throws(InputError) -> Tensor {
    try check(batch)
    return Tensor.softmax(plan.readsInReverse ? logitsOfBeginnings(of: batch) : logits(for: batch, everyStep: true))
  }

  /// The logits of the first step, the first two, and so on, each read as a whole, `[batch, time, classes]`.
  private func logitsOfBeginnings(of batch: SequenceBatch) -> Tensor {
    var result = Tensor(zeros: [batch.count, batch.stepCount, classCount])
    let (inputs, lengths) = (batch.inputs, batch.lengths)
    for t in 0..<batch.stepCount {
      let beginnings = require {
        try SequenceBatch(
          inputs, labels: batch.labels, lengths: lengths.map { min($0, t + 1) }, classCount: batch.dataset.classCount)
      }
      let logits = logits(for: beginnings, everyStep: false).values
      for sample in 0..<batch.count where lengths[sample] > t {
        for k in 0..<classCount {
          result.values[(sample * batch.stepCount + t) * classCount + k] = logits[sample * classCount + k]
        }
      }
    }
    return result
  }

  /// Refuses sequences of other features than the network reads.
  private func check(_ batch: SequenceBatch) throws(InputError) {
    if batch.inputSize == inputSize { return }
    throw InputError(
      .size, found: "sequences of \(quantity(batch.inputSize, "feature")) a step",
      expected: "\(inputSize), as the network reads")
  }

  /// The logits after the last step, or after every step, of sequences that have the network's features.
  func logits(for batch: SequenceBatch, everyStep: Bool) -> Tensor {
    let shape = everyStep ? [batch.count, batch.stepCount, classCount] : [batch.count, classCount]
    var logits = Tensor(zeros: shape)
    if batch.count == 0 { return logits }
    inferenceJobs.withJob(InferenceJob.init) { job in
      parameters.values.withUnsafeBufferPointer { parameters in
        logits.values.withUnsafeMutableBufferPointer { logits in
          guard let parameters = parameters.baseAddress, let logits = logits.baseAddress else { return }
          job.logits(over: batch, everyStep: everyStep, parameters: parameters, into: logits, pool: threads)
        }
      }
    }
    return logits
  }
}
