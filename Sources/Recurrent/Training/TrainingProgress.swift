/// What a training loop remembers from step to step.
struct TrainingProgress {
  private let options: TrainingLoop.Options
  private let initialRate: Float
  private var schedule: LearningRateSchedule
  private var average: ExponentialMovingAverage?
  /// The best validation so far, and the network it was; nil where nobody asks.
  private(set) var best: (network: SequenceModel, validation: SequenceModel.Evaluation)?
  /// How many validations in a row have not been better.
  private var failures = 0
  /// How many steps have been taken.
  private(set) var steps = 0

  init(_ options: TrainingLoop.Options, network: SequenceModel, learningRate: Float) {
    self.options = options
    initialRate = learningRate
    schedule = options.schedule
    average = options.averageDecay.map { ExponentialMovingAverage(of: network.parameters, decay: $0) }
  }

  /// The learning rate of the next step.
  func learningRate(epoch: Int) -> Float {
    schedule.rate(at: options.scheduleUnit == .step ? steps : epoch, from: initialRate)
  }

  /// Takes note of a step.
  mutating func finishStep(_ network: SequenceModel) {
    steps += 1
    average?.update(with: network.parameters)
  }

  /// Whether to validate now, besides the ends of epochs.
  var isValidationDue: Bool { options.validationEvery.map { steps.isMultiple(of: $0) } ?? false }

  /// The network to be validated and handed out: of the averaged weights where there are such.
  func presentable(_ network: SequenceModel) -> SequenceModel {
    average.map { network.with($0.parameters) } ?? network
  }

  /// Takes note of a validation and says whether it is the best so far, by the measure of early stopping.
  mutating func observe(_ validation: SequenceModel.Evaluation, of network: SequenceModel) -> Bool {
    schedule.observe(validationLoss: validation.loss)
    guard let rule = options.earlyStopping else { return false }
    if let best, !rule.isImprovement(validation, over: best.validation) {
      failures += 1
      return false
    }
    best = (network, validation)
    failures = 0
    return true
  }

  /// Whether validation has not improved for long enough.
  var isOver: Bool { options.earlyStopping.map { failures >= $0.patience } ?? false }

  /// What the network is when training ends here.
  func result(_ network: SequenceModel) -> SequenceModel { best?.network ?? presentable(network) }
}
