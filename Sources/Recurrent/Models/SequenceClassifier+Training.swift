extension SequenceClassifier {
  /// What a training step saw: the batch as it was before its update.
  public struct StepResult: Sendable, Equatable {
    /// The mean cross-entropy over the batch, in nats.
    public let loss: Float
    /// The fraction of the batch that was classified rightly.
    public let accuracy: Float
  }

  /// Takes one step of training on a batch and returns loss and accuracy from before that step.
  ///
  /// ```
  /// loss = 1/B Σ -ln softmax(logits)[label]        weights ← optimizer(weights, ∂loss/∂weights)
  /// ```
  ///
  /// The result does not depend on the number of threads. After the first step of a given size, memory is reused.
  ///
  /// - Precondition: the batch is not empty and has the network's input size; labels lie below `classCount`.
  @discardableResult
  public mutating func train(on batch: SequenceBatch, with optimizer: inout some Optimizer) -> StepResult {
    check(batch)
    let update = optimizer.nextUpdate(parameterCount: plan.parameterCount)
    let pool = threads
    let seed = noise.next()
    return trainingJobs.withJob(TrainingJob.init) { job in
      parameters.values.withUnsafeMutableBufferPointer { values in
        guard let weights = values.baseAddress else { preconditionFailure("a network without parameters") }
        job.step(over: batch, weights: weights, update: update, seed: seed, pool: pool)
      }
      return job.result
    }
  }

  /// The gradient of the mean loss over a batch, without a step.
  ///
  /// - Parameter seed: what random masks are drawn from; without noise where nil.
  public func gradient(
    on batch: SequenceBatch, seed: UInt64? = nil
  ) -> (result: StepResult, gradient: Parameters) {
    check(batch)
    var gradient = parameters.zeros
    var weights = parameters.values
    let result = trainingJobs.withJob(TrainingJob.init) { job in
      weights.withUnsafeMutableBufferPointer { weights in
        guard let weights = weights.baseAddress else { preconditionFailure("a network without parameters") }
        job.step(over: batch, weights: weights, update: nil, seed: seed, pool: threads)
      }
      gradient.values = Array(UnsafeBufferPointer(start: job.gradient, count: plan.parameterCount))
      return job.result
    }
    return (result, gradient)
  }

  private func check(_ batch: SequenceBatch) {
    precondition(batch.count > 0, "an empty batch teaches nothing")
    precondition(
      batch.dataset.classCount <= classCount,
      "the network tells \(classCount) classes apart; the batch has \(batch.dataset.classCount)")
  }
}

extension TrainingJob {
  /// The means over the batch, added up in its order.
  fileprivate var result: SequenceClassifier.StepResult {
    var loss = 0.0
    var right = 0
    for i in 0..<sampleCount {
      loss += Double(losses[i])
      right += Int(correct[i])
    }
    return .init(loss: Float(loss / Double(sampleCount)), accuracy: Float(right) / Float(sampleCount))
  }
}
