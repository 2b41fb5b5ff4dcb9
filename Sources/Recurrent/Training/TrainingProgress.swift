/// What a training loop keeps from step to step.
struct TrainingProgress {
  private let options: TrainingLoop.Options
  private(set) var state: State

  /// Everything that changes: together with the weights and the optimizer, what a loop needs to continue after a step.
  struct State: Codable, Equatable {
    /// The learning rate without a schedule.
    let initialRate: Float
    fileprivate(set) var schedule: LearningRateSchedule
    fileprivate(set) var average: ExponentialMovingAverage?
    /// The best validation so far, and its weights; nil without early stopping.
    fileprivate(set) var best: Best?
    /// The number of validations in a row without improvement.
    fileprivate(set) var failures = 0
    /// The number of steps taken.
    fileprivate(set) var steps = 0
    /// The number of steps taken before the last validation; nil before the first one.
    fileprivate(set) var validatedSteps: Int?
  }

  /// The best weights and their validation.
  struct Best: Codable, Equatable {
    let parameters: Parameters
    /// The bits of the loss, since JSON has neither NaN nor infinity.
    private let lossBits: UInt64
    private let correct: Int
    private let count: Int

    init(parameters: Parameters, validation: SequenceModel.Evaluation) {
      self.parameters = parameters
      (lossBits, correct, count) = (validation.loss.bitPattern, validation.correct, validation.count)
    }

    var validation: SequenceModel.Evaluation {
      SequenceModel.Evaluation(loss: Double(bitPattern: lossBits), correct: correct, count: count)
    }
  }

  /// The progress before the first step.
  init(_ options: TrainingLoop.Options, network: SequenceModel, optimizer: some Optimizer) {
    self.options = options
    state = State(
      initialRate: optimizer.learningRate, schedule: options.schedule,
      average: options.averageDecay.map { ExponentialMovingAverage(of: network.parameters, decay: $0) })
  }

  /// Goes on from a checkpoint, with its weights and its optimizer.
  mutating func resume<Rule: Optimizer>(
    _ checkpoint: TrainingCheckpoint<Rule>, _ network: inout SequenceModel, _ optimizer: inout Rule
  ) {
    network.parameters = checkpoint.parameters
    network.maskSeeds = checkpoint.maskSeeds
    optimizer = checkpoint.optimizer
    state = checkpoint.progress
  }

  /// The learning rate without a schedule.
  var initialRate: Float { state.initialRate }

  /// The number of steps taken.
  var steps: Int { state.steps }
  /// The best validation so far; nil without early stopping.
  var best: Best? { state.best }

  /// The learning rate of the next step.
  func learningRate(epoch: Int) -> Float {
    state.schedule.rate(at: options.scheduleUnit == .step ? steps : epoch, from: state.initialRate)
  }

  /// Records a step.
  mutating func finishStep(_ network: SequenceModel) {
    state.steps += 1
    state.average?.update(with: network.parameters)
  }

  /// Whether a validation is due before the next step, besides those at the ends of epochs.
  var isValidationDue: Bool {
    guard let every = options.validationEvery, steps > 0 else { return false }
    return steps.isMultiple(of: every) && state.validatedSteps != steps
  }

  /// The network to validate and return: with the averaged weights if there are any.
  func presentable(_ network: SequenceModel) -> SequenceModel {
    state.average.map { network.with($0.parameters) } ?? network
  }

  /// Records a validation and returns whether it is the best so far, by the measure of early stopping.
  mutating func observe(_ validation: SequenceModel.Evaluation, of network: SequenceModel) -> Bool {
    state.schedule.observe(validationLoss: validation.loss)
    state.validatedSteps = steps
    guard let rule = options.earlyStopping else { return false }
    if let best, !rule.isImprovement(validation, over: best.validation) {
      state.failures += 1
      return false
    }
    state.best = Best(parameters: network.parameters, validation: validation)
    state.failures = 0
    return true
  }

  /// Whether validation has not improved for long enough.
  var isOver: Bool { options.earlyStopping.map { state.failures >= $0.patience } ?? false }

  /// The network to return if training ends here.
  func result(_ network: SequenceModel) -> SequenceModel {
    best.map { network.with($0.parameters) } ?? presentable(network)
  }
}
