import RecurrentSupport

extension SequenceModel {
  /// What a training step finds: the batch as it was before the update.
  public struct StepResult: Sendable, Equatable {
    /// The mean loss over the targets of the batch; of classes and labels in nats.
    public let loss: Float
    /// The fraction of the targets that were predicted correctly; 0 of values, which are neither right nor wrong.
    public let accuracy: Float
    /// ‖g‖₂ of the whole gradient before it was clipped.
    public let gradientNorm: Float
  }

  /// Takes one step of training on a batch.
  ///
  /// ```
  /// loss = mean over the targets of loss(outputs, target)
  /// g ← clipping(∂loss/∂weights)        weights ← optimizer(weights, g)
  /// ```
  ///
  /// The result does not depend on the number of threads. After the first step of a given size, no tile, gradient or state
  /// is allocated.
  ///
  /// Backpropagation through time needs the gates and states of all T steps, which is most of the memory that training
  /// takes. With an `interval` of n, only the states of every n-th step are kept; when the gradient comes to the steps
  /// between two of them, these are computed again, to the same bits:
  ///
  /// ```
  /// memory   T steps        →  n + layers steps, and T / n states
  /// time     3 passes       →  4 passes, and layers / n of one
  /// ```
  ///
  /// So n about √T takes the least memory. Source: Chen, Xu, Zhang and Guestrin, *Training Deep Nets with Sublinear
  /// Memory Cost*, 2016.
  ///
  /// - Parameters:
  ///   - batch: sequences with targets, of the kind that the network's output has.
  ///   - optimizer: the rule for the step, which remembers what it has to.
  ///   - loss: what is made small; nil for cross-entropy of classes and labels, and the squared error of values.
  ///   - clipping: a limit to the gradient; nil for none.
  ///   - interval: n, to remember the states of every n-th step only; nil for all.
  /// - Returns: loss, accuracy and the norm of the gradient, of the batch as it was before the step.
  /// - Throws: ``InputError`` if the batch is empty, or has inputs or targets of other kinds or sizes than the network,
  ///   or if there is an interval and a layer reads in reverse, which begins with the state after the last step;
  ///   ``NonFiniteError`` if loss or gradient are infinite or NaN. The weights then stay what they were; the optimizer has
  ///   counted the step, and the seeds of its random masks are used up.
  /// - Precondition: the loss is one for the network's output; the interval is positive.
  /// - Complexity: one forward and one backward pass over the batch, about three times the products of the forward
  ///   pass, and the update of all parameters.
  @discardableResult
  public mutating func train(
    on batch: SequenceBatch, with optimizer: inout some Optimizer, loss: Loss? = nil,
    clipping: GradientClipping? = nil, remembering interval: Int? = nil
  ) throws -> StepResult {
    var none: StackState?
    return try step(
      over: CollectionOfOne(batch), from: &none, with: &optimizer, loss: loss, clipping: clipping,
      remembering: interval)
  }

  /// Takes one step of training on several batches together.
  ///
  /// Several batches give, up to rounding, the step of one large batch, in the memory of the largest of them; the
  /// result is over all of them.
  ///
  /// - Parameters:
  ///   - batches: sequences with targets, of the kind that the network's output has.
  ///   - optimizer: the rule for the step, which remembers what it has to.
  ///   - loss: what is made small; nil for cross-entropy of classes and labels, and the squared error of values.
  ///   - clipping: a limit to the gradient; nil for none.
  ///   - interval: n, to remember the states of every n-th step only; nil for all.
  /// - Returns: loss, accuracy and the norm of the gradient, of all batches as they were before the step.
  /// - Throws: as for a single batch.
  /// - Precondition: there is a batch; the loss is one for the network's output; the interval is positive.
  /// - Complexity: that of a step on each of the batches, with a single update.
  @discardableResult
  public mutating func train(
    on batches: [SequenceBatch], with optimizer: inout some Optimizer, loss: Loss? = nil,
    clipping: GradientClipping? = nil, remembering interval: Int? = nil
  ) throws -> StepResult {
    require(!batches.isEmpty, "a step needs a batch; found none")
    var none: StackState?
    return try step(
      over: batches, from: &none, with: &optimizer, loss: loss, clipping: clipping, remembering: interval)
  }

  /// Takes one step of training on a window of longer sequences: truncated backpropagation through time.
  ///
  /// ```
  /// outputs(w), state(w+1) = network(inputs(w), state(w))        ∂state(w) / ∂weights := 0
  /// ```
  ///
  /// Source: Williams and Peng, *An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent Network
  /// Trajectories*, 1990; here windows do not overlap.
  ///
  /// - Parameters:
  ///   - batch: the next steps of the same sequences as before, in the same order.
  ///   - state: the state that the sequences have come to, see ``zeroState(batchSize:)``; afterwards the one after these
  ///     steps.
  ///   - optimizer: the rule for the step, which remembers what it has to.
  ///   - loss: what is made small; nil for cross-entropy of classes and labels, and the squared error of values.
  ///   - clipping: a limit to the gradient; nil for none.
  ///   - interval: n, to remember the states of every n-th step only; nil for all.
  /// - Returns: loss, accuracy and the norm of the gradient, of the batch as it was before the step.
  /// - Throws: as for a batch of whole sequences; the state then stays what it was, too. ``InputError`` also if a layer
  ///   reads in reverse, for its state would have to come from steps that are yet to come.
  /// - Precondition: the state is one of this network for as many sequences; the loss is one for the network's output; the
  ///   interval is positive.
  /// - Complexity: that of a step on a batch of whole sequences.
  @discardableResult
  public mutating func train(
    on batch: SequenceBatch, from state: inout StackState, with optimizer: inout some Optimizer, loss: Loss? = nil,
    clipping: GradientClipping? = nil, remembering interval: Int? = nil
  ) throws -> StepResult {
    state.check(plan.directions, batchSize: batch.count)
    try checkReadsForward()
    // Moved out and back, so that its memory is referred to from one place alone.
    var moved: StackState? = state
    state = StackState([])
    defer { if let moved { state = moved } }
    return try step(
      over: CollectionOfOne(batch), from: &moved, with: &optimizer, loss: loss, clipping: clipping,
      remembering: interval)
  }

  /// The gradients of the mean loss over a batch, without a step.
  ///
  /// - Parameters:
  ///   - batch: sequences with targets, of the kind that the network's output has.
  ///   - loss: what is differentiated; nil for cross-entropy of classes and labels, and the squared error of values.
  ///   - state: the state before the first step, which takes no gradient; nil for that of the model.
  ///   - seed: the seed of random masks; nil for none.
  /// - Returns: loss and accuracy, and ∂loss/∂weights under the names of the weights.
  /// - Throws: ``InputError`` if the batch is empty, or has inputs or targets of other kinds or sizes than the network.
  /// - Precondition: the loss is one for the network's output.
  /// - Complexity: one forward and one backward pass over the batch.
  public func gradient(
    on batch: SequenceBatch, loss: Loss? = nil, from state: StackState? = nil, seed: UInt64? = nil
  ) throws(InputError) -> (result: StepResult, gradient: Parameters) {
    try gradient(on: batch, loss: loss, from: state, seed: seed, trace: nil)
  }

  /// The same, and a look at the tiles after the backward pass.
  func gradient(
    on batch: SequenceBatch, loss: Loss?, from state: StackState?, seed: UInt64?, trace: ((TiledBatch) -> Void)?
  ) throws(InputError) -> (result: StepResult, gradient: Parameters) {
    try check(batch, needsTargets: true)
    state?.check(plan.directions, batchSize: batch.count)
    let workspace = workspaces.take()
    defer { workspaces.giveBack(workspace) }
    let step = TrainingStep(network: plan, loss: checked(loss), clipping: nil, update: nil, pool: threads)
    let states = state.map { workspace.states($0.values) }
    // The weights do not change, but their memory is lent to be written to.
    var gradient = parameters
    var result = TrainingStep.Result()
    gradient.values.withMutablePointer { values in
      result = step.run(
        over: CollectionOfOne(batch), weights: values, states: states, workspace: workspace, seed: { seed },
        trace: trace)
      values.update(from: workspace.gradient.base, count: plan.parameterCount)
    }
    return (StepResult(result), gradient)
  }
}

extension SequenceModel {
  /// Throws if a layer reads in reverse: its state would have to come from steps that are yet to come.
  func checkReadsForward() throws(InputError) {
    if !plan.readsInReverse { return }
    throw InputError(
      .network, found: "a network that reads in reverse, which needs whole sequences",
      expected: "one that reads forward only, for windows with a state")
  }

  /// Throws if a layer reads in reverse: the state before a step would have to come from steps that are yet to come.
  func checkRecomputes(every interval: Int) throws(InputError) {
    require(interval > 0, "states are remembered every n steps, n above 0; found \(interval)")
    if !plan.readsInReverse { return }
    throw InputError(
      .network, found: "a network that reads in reverse, which needs the states of all steps",
      expected: "one that reads forward only, to remember the states of some")
  }

  /// The loss to use, which fits the output.
  func checked(_ loss: Loss?) -> Loss {
    let loss = loss ?? defaultLoss
    loss.check(configuration.output)
    return loss
  }

  /// Takes a step: what all forms of `train` come to.
  ///
  /// - Parameter state: the state that the sequences of the only batch begin with, then the one that they end with; nil for
  ///   whole sequences, which begin with the model's own.
  mutating func step(
    over batches: some Collection<SequenceBatch>, from state: inout StackState?, with optimizer: inout some Optimizer,
    loss: Loss?, clipping: GradientClipping?, remembering interval: Int?
  ) throws -> StepResult {
    clipping?.check()
    if let interval { try checkRecomputes(every: interval) }
    for batch in batches { try check(batch, needsTargets: true) }
    let update: OptimizerUpdate? = optimizer.nextUpdate(parameterCount: plan.parameterCount)
    let step = TrainingStep(
      network: plan, loss: checked(loss), clipping: clipping, update: update, pool: threads, remembering: interval)
    let workspace = workspaces.take()
    defer { workspaces.giveBack(workspace) }
    let states = state.map { workspace.states($0.values) }
    var (result, seeds) = (TrainingStep.Result(), maskSeeds)
    parameters.values.withUnsafeMutableBufferPointer { weights in
      guard let weights = weights.baseAddress else { preconditionFailure("a model has a head with weights") }
      result = step.run(over: batches, weights: weights, states: states, workspace: workspace) { seeds.next() }
    }
    maskSeeds = seeds
    if !result.isFinite {
      throw NonFiniteError(
        network: self, batches: Array(batches), state: state, gradient: workspace.gradientValues,
        loss: Float(result.loss))
    }
    if let states { state?.values.withMutablePointer { $0.update(from: states.final, count: states.count) } }
    // A rule that is not the library's follows after the step, one tensor after the other.
    if update == nil { optimizer.update(eachOf: &parameters, gradient: workspace.gradient.base) }
    return StepResult(result)
  }
}

extension SequenceModel.StepResult {
  init(_ result: TrainingStep.Result) {
    self.init(
      loss: Float(result.loss),
      accuracy: result.targetCount == 0 ? 0 : Float(result.correct) / Float(result.targetCount),
      gradientNorm: Float(result.gradientNorm))
  }
}

extension Workspace {
  /// The gradient that the last step has left.
  var gradientValues: [Float] { Array(UnsafeBufferPointer(start: gradient.base, count: gradient.count)) }
}
