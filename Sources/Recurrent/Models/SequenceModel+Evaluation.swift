import RecurrentSupport

extension SequenceModel {
  /// Loss and accuracy of a network on a dataset.
  public struct Evaluation: Sendable, Equatable {
    /// The mean loss, in nats for classes and labels; 0 if there are no targets.
    public let loss: Double
    /// The number of targets predicted correctly; 0 for values, which have no accuracy.
    public let correct: Int
    /// The number of targets.
    public let count: Int

    package init(loss: Double, correct: Int, count: Int) {
      (self.loss, self.correct, self.count) = (loss, correct, count)
    }

    /// The fraction of targets predicted correctly; 0 if there are none.
    public var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }

    /// The 95 % confidence interval: 95 of 100 such intervals contain the accuracy on unlimited data of this kind.
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
  /// The network does not change.
  ///
  /// - Parameters:
  ///   - dataset: sequences with targets.
  ///   - loss: the loss to measure; nil for cross-entropy of classes and labels, and the squared error of values.
  /// - Returns: the mean loss, and the number of targets predicted correctly.
  /// - Throws: ``InputError`` unless sequences have inputs and targets of the network's kinds and sizes.
  /// - Precondition: the loss fits the network's output.
  /// - Complexity: that of one forward pass over the sequences.
  public func evaluate(on dataset: SequenceDataset, loss: Loss? = nil) throws(InputError) -> Evaluation {
    try evaluate(on: dataset.wholeBatch, loss: loss)
  }

  /// Measures loss and accuracy on a batch of any size.
  ///
  /// The network does not change.
  ///
  /// - Parameters:
  ///   - batch: sequences with targets, any number of them.
  ///   - loss: the loss to measure; nil for cross-entropy of classes and labels, and the squared error of values.
  ///   - state: the state before the first step; nil for that of the model.
  /// - Returns: the mean loss, and the number of targets predicted correctly.
  /// - Throws: ``InputError`` unless sequences have inputs and targets of the network's kinds and sizes.
  /// - Precondition: the loss fits the network's output; the state is one of this network for as many sequences.
  /// - Complexity: that of one forward pass over the sequences.
  public func evaluate(
    on batch: SequenceBatch, loss: Loss? = nil, from state: StackState? = nil
  ) throws(InputError) -> Evaluation {
    let outputs = try outputs(for: batch, from: state).outputs
    try checkTargets(of: batch)
    return Evaluation(outputs, batch: batch, loss: checked(loss))
  }

  /// Measures loss and accuracy on long sequences that come window by window.
  ///
  /// ```
  /// outputs(w), state(w+1) = network(inputs(w), state(w))        loss = mean over the targets of all windows
  /// ```
  ///
  /// - Parameter windows: each holds the next steps of the same sequences as the one before, in the same order.
  /// - Returns: the mean loss, and the number of targets predicted correctly.
  /// - Throws: ``InputError`` unless windows have as many sequences as the first one, with inputs and targets of the
  ///   network's kinds and sizes, or if a layer reads in reverse.
  /// - Complexity: that of one forward pass over the windows, in the memory of the largest one.
  public func evaluate(onConsecutive windows: some Sequence<SequenceBatch>) throws(InputError) -> Evaluation {
    try checkReadsForward()
    var (sum, correct, count) = (0.0, 0, 0)
    var state: StackState?
    var sequenceCount: Int?
    for window in windows {
      if let sequenceCount, sequenceCount != window.count {
        throw InputError(
          .size, found: "a window of \(quantity(window.count, "sequence"))",
          expected: "\(sequenceCount), as in the first one")
      }
      sequenceCount = window.count
      let (outputs, final) = try outputs(for: window, from: state)
      try checkTargets(of: window)
      let part = Evaluation(outputs, batch: window, loss: defaultLoss)
      sum += part.loss * Double(part.count)
      correct += part.correct
      count += part.count
      state = final
    }
    return Evaluation(loss: count == 0 ? 0 : sum / Double(count), correct: correct, count: count)
  }

  /// The outputs of a network, according to its readout, for each sequence, `[batch, outputs]`, or for each step,
  /// `[batch, time, outputs]`: logits of classes and labels, or values.
  ///
  /// Outputs of steps past a sequence's length are 0.
  ///
  /// - Parameters:
  ///   - batch: sequences, whose targets are ignored.
  ///   - state: the state before the first step; nil for that of the model, see ``initialState(batchSize:)``.
  /// - Returns: the outputs, and the state after each sequence's last step.
  /// - Throws: ``InputError`` unless sequences have the inputs that the network reads.
  /// - Precondition: the state is one of this network for as many sequences.
  /// - Complexity: that of one forward pass over the sequences.
  public func outputs(
    for batch: SequenceBatch, from state: StackState? = nil
  ) throws(InputError) -> (outputs: Tensor, finalState: StackState) {
    try check(batch, needsTargets: false)
    state?.check(plan.directions, batchSize: batch.count)
    var final = zeroState(batchSize: batch.count)
    let outputs = outputs(for: batch, everyStep: plan.readsEveryStep, from: state, into: &final)
    return (outputs, final)
  }

  /// The logits of classes or labels, or the values, for each sequence, `[batch, outputs]`, or for each step.
  ///
  /// - Parameter batch: sequences, whose targets are ignored.
  /// - Throws: ``InputError`` unless sequences have the inputs that the network reads.
  /// - Complexity: that of one forward pass over the sequences.
  public func logits(for batch: SequenceBatch) throws(InputError) -> Tensor {
    try check(batch, needsTargets: false)
    return logits(for: batch, everyStep: plan.readsEveryStep)
  }

  /// What the head reads: the outputs of the last layer for each sequence, `[batch, features]`, or for each step; past a
  /// sequence's length they are 0.
  ///
  /// A trained network's features serve other tasks: nearest neighbors, another classifier, a second network.
  ///
  /// - Parameter batch: sequences, whose targets are not looked at.
  /// - Throws: ``InputError`` unless sequences have the inputs that the network reads.
  /// - Complexity: that of one forward pass over the sequences.
  public func features(for batch: SequenceBatch) throws(InputError) -> Tensor {
    try check(batch, needsTargets: false)
    var none: StackState?
    return outputs(for: batch, everyStep: plan.readsEveryStep, readsLayers: true, from: nil, final: &none)
  }

  /// The probability of each class or label for each sequence, `[batch, outputs]`, or for each step.
  ///
  /// ```
  /// classes    softmax(z)          labels    σ(z)
  /// ```
  ///
  /// - Parameter batch: sequences, whose targets are ignored.
  /// - Throws: ``InputError`` unless sequences have the inputs that the network reads, or if it predicts values.
  /// - Complexity: that of one forward pass over the sequences.
  public func probabilities(for batch: SequenceBatch) throws(InputError) -> Tensor {
    try checkProbabilities()
    return configuration.output.predictions(try logits(for: batch))
  }

  /// The predictions if the sequences ended after each step, `[batch, time, outputs]`; past a sequence's length the
  /// logits are 0, so the probabilities are uniform.
  ///
  /// For a network that predicts at every step, these are its predictions.
  ///
  /// - Parameter batch: sequences, whose targets are ignored.
  /// - Throws: ``InputError`` unless sequences have the inputs that the network reads, or if it predicts values.
  /// - Complexity: that of one pass; for a network that reads in reverse, one pass per step, since the reverse states
  ///   depend on where a sequence ends.
  public func probabilitiesOverTime(for batch: SequenceBatch) throws(InputError) -> Tensor {
    try check(batch, needsTargets: false)
    try checkProbabilities()
    let needsPrefixes = plan.readsInReverse && !plan.readsEveryStep
    return configuration.output.predictions(
      needsPrefixes ? logitsOfPrefixes(of: batch) : logits(for: batch, everyStep: true))
  }

  /// The logits of all prefixes of the sequences, each read as a whole sequence, `[batch, time, classes]`.
  func logitsOfPrefixes(of batch: SequenceBatch) -> Tensor {
    let size = plan.head?.outputSize ?? 0
    var result = Tensor(zeros: [batch.count, batch.stepCount, size])
    let lengths = batch.lengths
    for t in 0..<batch.stepCount {
      let logits = logits(for: batch.shortened(to: t + 1), everyStep: false).values
      for sample in 0..<batch.count where lengths[sample] > t {
        for k in 0..<size {
          result.values[(sample * batch.stepCount + t) * size + k] = logits[sample * size + k]
        }
      }
    }
    return result
  }

  /// Throws if the network predicts values, which have no probabilities.
  private func checkProbabilities() throws(InputError) {
    if case .values = configuration.output {
      throw InputError(
        .network, found: "a network of values", expected: "one of classes or labels, which have probabilities")
    }
  }

  /// Throws if inputs or targets differ from the network's in kind or size.
  func check(_ batch: SequenceBatch, needsTargets: Bool) throws(InputError) {
    guard batch.inputSize == plan.inputSize, batch.dataset.inputs.areTokens == plan.input.readsTokens else {
      let areTokens = batch.dataset.inputs.areTokens
      let found = areTokens ? quantity(batch.inputSize, "token") : quantity(batch.inputSize, "feature") + " a step"
      let kind = areTokens == plan.input.readsTokens ? "" : areTokens ? " features" : " tokens"
      throw InputError(
        .size, found: "sequences of " + found, expected: "\(plan.inputSize)\(kind), as the network reads")
    }
    if !needsTargets { return }
    try checkHasFloats()
    guard batch.count > 0 else { throw InputError(.size, found: "a batch without sequences", expected: "one or more") }
    try checkTargets(of: batch)
  }

  /// Throws if targets differ in kind from the network's output.
  func checkTargets(of batch: SequenceBatch) throws(InputError) {
    let targets = batch.targets
    let size = plan.head?.outputSize ?? 0
    let isEveryStep = plan.readsEveryStep
    guard !targets.areValues || targets.size == size, targets.areValues == hasValueTargets,
      targets.isEveryStep == isEveryStep
    else {
      func words(_ size: Int, _ areValues: Bool, _ isEveryStep: Bool) -> String {
        (areValues ? quantity(size, "value") : "one of \(size) classes") + " for each "
          + (isEveryStep ? "step" : "sequence")
      }
      throw InputError(
        .label, found: "targets of " + words(targets.size, targets.areValues, targets.isEveryStep),
        expected: words(size, hasValueTargets, isEveryStep) + ", as the network predicts")
    }
    guard case .classes(let classes, let count) = targets.values, count > size else { return }
    // The dataset may allow more classes than the network, as long as they do not occur.
    try batch.eachTarget { (target) throws(InputError) in
      if classes[target.index] >= size {
        throw InputError(
          .label, found: "label \(classes[target.index]) of sequence \(target.position)",
          expected: "labels in 0..<\(size), the network's classes")
      }
    }
  }

  /// The head's outputs after the last step, or after every step; the batch must have been checked.
  ///
  /// - Parameter trace: called after the pass, with tiles that have kept the gates and states of all steps; nil if nobody
  ///   reads them.
  func logits(for batch: SequenceBatch, everyStep: Bool, trace: ((TiledBatch) -> Void)? = nil) -> Tensor {
    var none: StackState?
    return outputs(for: batch, everyStep: everyStep, from: nil, final: &none, trace: trace)
  }

  private func outputs(
    for batch: SequenceBatch, everyStep: Bool, from state: StackState?, into final: inout StackState
  ) -> Tensor {
    var filled: StackState? = final
    let outputs = outputs(for: batch, everyStep: everyStep, from: state, final: &filled)
    if let filled { final = filled }
    return outputs
  }

  func outputs(
    for batch: SequenceBatch, everyStep: Bool, readsLayers: Bool = false, from state: StackState?,
    final: inout StackState?, trace: ((TiledBatch) -> Void)? = nil
  ) -> Tensor {
    if let network = streamingNetwork(for: batch, isTraced: trace != nil) {
      return streamedOutputs(
        network, for: batch, everyStep: everyStep, readsLayers: readsLayers, from: state, final: &final)
    }
    let size = readsLayers ? plan.outputSize : outputSize
    let shape = everyStep ? [batch.count, batch.stepCount, size] : [batch.count, size]
    var outputs = Tensor(zeros: shape)
    if batch.count == 0 { return outputs }
    let strides = SequenceStrides(sample: everyStep ? batch.stepCount * size : size, step: size)
    let workspace = workspaces.take()
    defer { workspaces.giveBack(workspace) }
    parameters.values.withPointer { parameters in
      outputs.values.withMutablePointer { outputs in
        withOptionalPointer(state?.values) { initial in
          let tiled = TiledBatch(
            batch.source, network: plan, parameters: parameters, workspace: workspace,
            purpose: .init(isTraining: trace != nil, readsEveryStep: everyStep), keepsTiles: trace != nil,
            threads: threads.threads)
          func run(_ final: Floats?) {
            threads.run(
              InferencePass(
                batch: tiled, readsLayers: readsLayers, outputs: outputs, strides: strides, isEveryStep: everyStep,
                initial: initial.map { StateStorage(reading: $0, batchSize: batch.count) },
                final: final.map { StateStorage(base: $0, batchSize: batch.count) }))
          }
          if final == nil { run(nil) } else { final?.values.withMutablePointer { run($0) } }
          trace?(tiled)
        }
      }
    }
    return outputs
  }
}
