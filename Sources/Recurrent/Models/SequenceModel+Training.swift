import RecurrentSupport

extension SequenceModel {
  /// What a training step saw: the batch as it was before its update.
  public struct StepResult: Sendable, Equatable {
    /// The mean cross-entropy over the batch, in nats.
    public let loss: Float
    /// The fraction of the batch that was classified rightly.
    public let accuracy: Float
    /// ‖g‖₂ of the whole gradient before it was clipped; nil where the step did not measure it.
    public let gradientNorm: Float?
  }

  /// Takes one step of training on a batch and returns loss and accuracy from before that step.
  ///
  /// ```
  /// loss = 1/B Σ -ln softmax(logits)[label]        weights ← optimizer(weights, ∂loss/∂weights)
  /// ```
  ///
  /// The result does not depend on the number of threads. After the first step of a given size, memory is reused.
  ///
  /// - Parameters:
  ///   - batch: labelled sequences.
  ///   - optimizer: the rule for the step, which remembers what it has to; one of your own leaves the weights as they
  ///     are where loss or gradient are not finite.
  /// - Returns: loss in nats and accuracy as a fraction, of the batch as it was before the step.
  /// - Precondition: the batch is not empty and has the network's input size; labels lie below `classCount`.
  /// - Complexity: one forward and one backward pass over the batch, about three times the products of the forward
  ///   pass, and the update of all parameters.
  @discardableResult
  public mutating func train(on batch: SequenceBatch, with optimizer: inout some Optimizer) -> StepResult {
    check(batch)
    let update = optimizer.nextUpdate(parameterCount: plan.parameterCount)
    // A rule that is not the library's follows after the step, which then has to say whether it may.
    let ending = TrainingJob.Ending(update: update, isMeasured: update == nil)
    return step(over: CollectionOfOne(batch), ending: ending, seed: { $0.next() }) { job, parameters in
      if update == nil { job.update(&parameters, with: &optimizer) }
      return job.result
    }
  }

  /// Takes one step of training on one or several batches, limits its gradient, and looks whether it is finite.
  ///
  /// ```
  /// loss = mean over the samples of all batches
  /// g ← clipping(∂loss/∂weights)        weights ← optimizer(weights, g)
  /// ```
  ///
  /// Several batches give, up to rounding, the step of one large batch, in the memory of the largest of them; the
  /// result is over all samples. It does not depend on the number of threads.
  ///
  /// Cost: beside ``train(on:with:)`` one pass over the gradient, and one more for each further batch.
  ///
  /// - Parameters:
  ///   - batches: labelled sequences, which make one step together.
  ///   - optimizer: the rule for the step, which remembers what it has to.
  ///   - loss: what is made small, with smoothed labels or weighted classes if wanted.
  ///   - clipping: a limit to the gradient; nil for none.
  /// - Returns: loss in nats, accuracy as a fraction and the norm of the gradient, of all batches as they were before
  ///   the step.
  /// - Throws: ``NonFiniteError`` where loss or gradient are infinite or no numbers. The weights then stay what they
  ///   were; the optimiser has counted the step.
  /// - Precondition: there is a batch, and each is as ``train(on:with:)`` takes it.
  @discardableResult
  public mutating func train(
    on batches: [SequenceBatch], with optimizer: inout some Optimizer,
    loss: SoftmaxCrossEntropy = SoftmaxCrossEntropy(), clipping: GradientClipping? = nil
  ) throws(NonFiniteError) -> StepResult {
    require(!batches.isEmpty, "a step needs a batch; found none")
    loss.check(classCount: classCount)
    clipping?.check()
    for batch in batches { check(batch) }
    let update = optimizer.nextUpdate(parameterCount: plan.parameterCount)
    let ending = TrainingJob.Ending(update: update, isMeasured: true, clipping: clipping)
    let (result, gradient) = step(over: batches, loss: loss, ending: ending, seed: { $0.next() }) { job, parameters in
      if update == nil { job.update(&parameters, with: &optimizer) }
      return (job.result, job.isFinite ? nil : job.gradientValues)
    }
    if let gradient {
      throw NonFiniteError(network: self, batches: batches, gradient: gradient, loss: result.loss)
    }
    return result
  }

  /// Runs a step on a job that is free; `seed` draws what masks come from, `result` gets the job and the weights after
  /// the step.
  private mutating func step<Result>(
    over batches: some Collection<SequenceBatch>, loss: SoftmaxCrossEntropy = SoftmaxCrossEntropy(),
    ending: TrainingJob.Ending, seed: (inout SplitMix64) -> UInt64?,
    _ result: (TrainingJob, inout Parameters) -> Result
  ) -> Result {
    let pool = threads
    var noise = self.noise
    defer { self.noise = noise }
    return trainingJobs.withJob(TrainingJob.init) { job in
      parameters.values.withUnsafeMutableBufferPointer { values in
        guard let weights = values.baseAddress else { fatalError("a network without parameters") }
        job.step(over: batches, weights: weights, loss: loss, ending: ending, seed: { seed(&noise) }, pool: pool)
      }
      return result(job, &parameters)
    }
  }

  /// The gradient of the mean loss over a batch, without a step.
  ///
  /// - Parameters:
  ///   - batch: labelled sequences.
  ///   - seed: what random masks are drawn from; without noise where nil.
  /// - Returns: loss and accuracy, and ∂loss/∂weights under the names of the weights.
  /// - Precondition: the batch is as ``train(on:with:)`` takes it.
  /// - Complexity: one forward and one backward pass over the batch, with memory of its own.
  public func gradient(
    on batch: SequenceBatch, seed: UInt64? = nil
  ) -> (result: StepResult, gradient: Parameters) {
    check(batch)
    var copy = self
    let (result, values) = copy.step(over: CollectionOfOne(batch), ending: .init(), seed: { _ in seed }) { job, _ in
      (job.result, job.gradientValues)
    }
    var gradient = parameters.zeros
    gradient.values = values
    return (result, gradient)
  }

  private func check(_ batch: SequenceBatch) {
    require(batch.count > 0, "an empty batch teaches nothing")
    require(
      batch.dataset.classCount <= classCount,
      "the network tells \(classCount) classes apart; the batch has \(batch.dataset.classCount)")
  }
}

extension TrainingJob {
  /// The means over the samples of the step.
  fileprivate var result: SequenceModel.StepResult {
    .init(
      loss: Float(totals.loss), accuracy: Float(totals.correct) / Float(totals.count),
      gradientNorm: gradientNorm.map { Float($0) })
  }

  /// Changes the weights by a rule that is not the library's, one tensor after the other, if the gradient is finite.
  fileprivate func update(_ parameters: inout Parameters, with optimizer: inout some Optimizer) {
    if isFinite { optimizer.update(eachOf: &parameters, gradient: gradient) }
  }

  fileprivate var gradientValues: [Float] {
    Array(UnsafeBufferPointer(start: gradient, count: network.parameterCount))
  }
}
