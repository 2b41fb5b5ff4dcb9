import RecurrentSupport

/// The training loop: epochs of batches, with validation after each.
///
/// ```
/// for each epoch
///   for each batch of the shuffled training data
///     loss, accuracy ← network.train(on: batch, with: &optimizer)
///   loss, accuracy ← network.evaluate(on: validation)
/// ```
///
/// ``Options`` hold what else a training may want: another loss, clipping, steps over several batches, a schedule of
/// the learning rate, averaged weights, more validations and an early end.
///
/// The loop itself prints and stores nothing: it tells an observer what happens, who may end it.
public struct TrainingLoop: Sendable, Equatable {
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
  /// What is done beyond plain steps.
  public var options: Options

  /// A training loop; the defaults are the notebook's.
  ///
  /// - Parameters:
  ///   - epochs: how often the network sees the training data.
  ///   - batchSize: how many sequences make a batch.
  ///   - shuffleSeed: what the order of each epoch is drawn from; nil keeps the order of the data.
  ///   - dropsLast: whether a last, smaller batch is left out.
  ///   - maximumSteps: after how many steps in all to stop; nil for no such limit.
  ///   - options: what is done beyond plain steps.
  /// - Precondition: `epochs` is not negative, `batchSize` is positive.
  public init(
    epochs: Int = 4, batchSize: Int = 100, shuffleSeed: UInt64? = 0, dropsLast: Bool = false, maximumSteps: Int? = nil,
    options: Options = Options()
  ) {
    require(epochs >= 0, "epochs are not negative; found \(epochs)")
    require(batchSize > 0, "a batch has a sequence at least; found a batch size of \(batchSize)")
    self.epochs = epochs
    self.batchSize = batchSize
    self.shuffleSeed = shuffleSeed
    self.dropsLast = dropsLast
    self.maximumSteps = maximumSteps
    self.options = options
  }

  /// What happens during training.
  public enum Event: Sendable {
    /// An epoch of so many steps begins.
    case epochBegan(epoch: Int, batches: Int)
    /// A step was taken: loss and accuracy of its batch of `count` sequences, before the update.
    ///
    /// Batches whose gradients are added up are one here.
    case step(epoch: Int, batch: Int, result: SequenceModel.StepResult, count: Int, duration: Duration)
    /// A validation within an epoch, where the options ask for some.
    case validated(
      epoch: Int, steps: Int, network: SequenceModel, validation: SequenceModel.Evaluation)
    /// An epoch ended, or the last step allowed was taken; the network as it is now, measured on the validation data.
    case epochEnded(
      epoch: Int, steps: Int, network: SequenceModel, validation: SequenceModel.Evaluation,
      duration: Duration)
    /// That validation was the best so far, by the measure of early stopping: this is the network that is kept.
    case improved(steps: Int, network: SequenceModel, validation: SequenceModel.Evaluation)
    /// Validation has not improved for too long: training ends, with the network that did best.
    case endedEarly(steps: Int, best: SequenceModel.Evaluation)
    /// Loss or gradient are infinite or no numbers: training ends.
    case notFinite(NonFiniteError)
  }

  /// A place between two steps, where training can be left and continued.
  public enum Pause: Sendable {
    /// After a step that no validation follows.
    case step
    /// After a validation, and the step before it.
    case validation
    /// The observer, or cancellation, ends training here.
    case stop
  }

  /// Trains a network.
  ///
  /// If the task that calls this is cancelled, training ends after the present step.
  ///
  /// When training is over, in whichever way, the network has the weights that the options say: the best ones with
  /// early stopping, averaged ones where an average is taken, else the last.
  ///
  /// ```swift
  /// let isComplete = try loop.run(&model, optimizer: &optimizer, on: data, from: saved) { pause, checkpoint in
  ///   if pause != .step { try write(checkpoint()) }
  /// } observe: { event in … }
  /// ```
  ///
  /// - Parameters:
  ///   - network: the network, whose weights change.
  ///   - optimizer: the rule for each step, whose learning rate a schedule changes meanwhile.
  ///   - data: what is learned from, and what the network is measured on.
  ///   - checkpoint: where an earlier training of this network, with these data and options, was left; nil to begin.
  ///   - keeping: is told when training can be left and continued, and may ask for the checkpoint: a value that holds
  ///     copies of weights and optimizer. It may throw to end the training with an error.
  ///   - observe: is told what happens and says whether to go on. It may throw to end the training with an error.
  /// - Returns: whether training went to its end, rather than being stopped by the observer, by cancellation or by a
  ///   ``NonFiniteError``, of which the observer is told.
  /// - Throws: what `keeping` and `observe` throw.
  /// - Precondition: there are validation data where early stopping or a plateau look at them; batches are as
  ///   `SequenceModel.train(on:with:)` takes them; a checkpoint fits, see ``TrainingCheckpoint/check(for:)``.
  /// - Complexity: one step of `SequenceModel.train(on:with:)` for each batch of each epoch, and a forward pass
  ///   over the validation data for each validation.
  public func run<Rule: Optimizer, Failure: Error>(
    _ network: inout SequenceModel, optimizer: inout Rule, on data: some TrainingData,
    from checkpoint: TrainingCheckpoint<Rule>? = nil,
    keeping: (_ pause: Pause, _ checkpoint: () -> TrainingCheckpoint<Rule>) throws(Failure) -> Void = { _, _ in },
    observe: (Event) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    require(data.hasValidation || !options.needsValidation, "early stopping and a plateau need validation data")
    var progress = TrainingProgress(options, network: network, optimizer: optimizer)
    if let checkpoint { progress.resume(checkpoint, &network, &optimizer) }
    defer {
      optimizer.learningRate = progress.initialRate
      network = progress.result(network)
    }
    let clock = ContinuousClock()
    var state: StackState?
    func kept(epoch: Int, step: Int) -> TrainingCheckpoint<Rule> {
      TrainingCheckpoint(
        network, optimizer: optimizer, epoch: epoch, step: step, state: state, progress: progress.state)
    }
    for epoch in min(checkpoint?.epoch ?? 0, epochs)..<epochs {
      let batches = data.batches(epoch: epoch)
      let stepCount = batches.count.groups(of: options.accumulation)
      state = data.continuesSequences ? batches.first.map { network.initialState(batchSize: $0.count) } : nil
      var index = 0
      if let checkpoint, checkpoint.epoch == epoch {
        index = checkpoint.step
        if let states = checkpoint.states { state?.values = states }
      }
      if try !observe(.epochBegan(epoch: epoch, batches: stepCount)) { return false }
      let began = clock.now
      while index < stepCount && !isAtLimit(progress.steps) {
        if progress.isValidationDue {
          let isToGoOn = try validate(network, on: data, &progress, observe: observe) {
            .validated(epoch: epoch, steps: $2, network: $0, validation: $1)
          }
          try keeping(isToGoOn ? .validation : .stop) { kept(epoch: epoch, step: index) }
          if !isToGoOn { return false }
        }
        if progress.isOver { break }
        let first = index * options.accumulation
        let group = Array(batches[first..<first + min(options.accumulation, batches.count - first)])
        let start = clock.now
        optimizer.learningRate = progress.learningRate(epoch: epoch)
        let result: SequenceModel.StepResult
        do {
          result = try network.step(
            over: group, from: &state, with: &optimizer, loss: options.loss, clipping: options.clipping,
            remembering: options.remembering)
        } catch var error as NonFiniteError {
          error.step = progress.steps
          _ = try observe(.notFinite(error))
          return false
        } catch {
          // Anything else is a batch that does not fit the network, which the precondition rules out.
          fatalError("\(error)")
        }
        progress.finishStep(network)
        let event = Event.step(
          epoch: epoch, batch: index, result: result, count: group.reduce(0) { $0 + $1.count },
          duration: clock.now - start)
        index += 1
        let isToGoOn = try observe(event) && !Task.isCancelled
        try keeping(isToGoOn ? .step : .stop) { kept(epoch: epoch, step: index) }
        if !isToGoOn { return false }
      }
      // After early stopping nothing has changed since the last validation.
      if progress.isOver { break }
      let duration = clock.now - began
      let isToGoOn = try validate(network, on: data, &progress, observe: observe) {
        .epochEnded(epoch: epoch, steps: $2, network: $0, validation: $1, duration: duration)
      }
      state = nil
      let isLast = progress.isOver || isAtLimit(progress.steps)
      try keeping(isToGoOn ? .validation : .stop) { kept(epoch: isLast ? epochs : epoch + 1, step: 0) }
      if !isToGoOn { return false }
      if isLast { break }
    }
    return true
  }

  /// Whether no more steps are allowed after this number of steps.
  private func isAtLimit(_ steps: Int) -> Bool { steps >= maximumSteps ?? .max }

  /// Trains a network on the sequences of a data set.
  ///
  /// - Parameters:
  ///   - network: the network, whose weights change.
  ///   - optimizer: the rule for each step, whose learning rate a schedule changes meanwhile.
  ///   - training: what is learned from.
  ///   - validation: what the network is measured on; may be empty.
  ///   - preparing: what an epoch sees of the training data, such as augmented images; by default the data as they are.
  ///   - observe: is told what happens and says whether to go on. It may throw to end the training with an error.
  /// - Returns: whether training went to its end.
  /// - Throws: what `observe` throws.
  /// - Precondition: that of ``run(_:optimizer:on:from:keeping:observe:)``.
  /// - Complexity: that of ``run(_:optimizer:on:from:keeping:observe:)``.
  public func run<Failure: Error>(
    _ network: inout SequenceModel, optimizer: inout some Optimizer, training: SequenceDataset,
    validation: SequenceDataset,
    preparing: @escaping (_ training: SequenceDataset, _ epoch: Int) -> SequenceDataset = { training, _ in training },
    observe: (Event) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    try run(
      &network, optimizer: &optimizer, on: data(training: training, validation: validation, preparing: preparing),
      observe: observe)
  }

  /// Trains a network that nobody looks at meanwhile; ends after the present step if its task is cancelled.
  ///
  /// - Parameters:
  ///   - network: the network, whose weights change.
  ///   - optimizer: the rule for each step.
  ///   - training: what is learned from.
  ///   - validation: what the network is measured on; may be empty.
  /// - Throws: ``NonFiniteError`` where loss or gradient became infinite or no numbers.
  /// - Precondition: that of the other forms, which have an observer.
  /// - Complexity: one step of `SequenceModel.train(on:with:)` for each batch of each epoch, and a forward pass
  ///   over the validation data for each validation.
  public func run(
    _ network: inout SequenceModel, optimizer: inout some Optimizer, training: SequenceDataset,
    validation: SequenceDataset
  ) throws(NonFiniteError) {
    _ = try run(&network, optimizer: &optimizer, training: training, validation: validation) {
      (event) throws(NonFiniteError) -> Bool in
      if case .notFinite(let error) = event { throw error }
      return true
    }
  }

  /// Measures the network as it would be handed out, and tells what comes of it; returns whether to go on.
  private func validate<Failure: Error>(
    _ network: SequenceModel, on data: some TrainingData, _ progress: inout TrainingProgress,
    observe: (Event) throws(Failure) -> Bool,
    event: (SequenceModel, SequenceModel.Evaluation, _ steps: Int) -> Event
  ) throws(Failure) -> Bool {
    let network = progress.presentable(network)
    let evaluation = require { try data.evaluate(network) }
    let isBest = progress.observe(evaluation, of: network)
    // Who ends training at the first event is told of the second one all the same: it has been recorded.
    var isToGoOn = try observe(event(network, evaluation, progress.steps))
    if isBest {
      isToGoOn = try observe(.improved(steps: progress.steps, network: network, validation: evaluation)) && isToGoOn
    } else if progress.isOver, let best = progress.best {
      isToGoOn = try observe(.endedEarly(steps: progress.steps, best: best.validation)) && isToGoOn
    }
    return isToGoOn
  }
}
