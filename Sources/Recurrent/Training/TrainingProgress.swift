/// What a training loop remembers from step to step.
struct TrainingProgress {
  private let options: ClassifierTraining.Options
  private let initialRate: Float
  private var schedule: LearningRateSchedule
  private var average: WeightAverage?
  /// The best validation so far, and the network it was; nil where nobody asks.
  private(set) var best: (network: SequenceClassifier, validation: SequenceClassifier.Evaluation)?
  /// How many validations in a row have not been better.
  private var failures = 0
  /// How many steps have been taken.
  private(set) var steps = 0

  init(_ options: ClassifierTraining.Options, network: SequenceClassifier, learningRate: Float) {
    self.options = options
    initialRate = learningRate
    schedule = options.schedule
    average = options.averageDecay.map { WeightAverage(of: network.parameters, decay: $0) }
  }

  /// The learning rate of the next step.
  func learningRate(epoch: Int) -> Float {
    schedule.rate(at: options.scheduleUnit == .step ? steps : epoch, from: initialRate)
  }

  /// Takes note of a step.
  mutating func finishStep(_ network: SequenceClassifier) {
    steps += 1
    average?.update(with: network.parameters)
  }

  /// Whether to validate now, besides the ends of epochs.
  var isValidationDue: Bool { options.validationEvery.map { steps.isMultiple(of: $0) } ?? false }

  /// The network to be validated and handed out: of the averaged weights where there are such.
  func presentable(_ network: SequenceClassifier) -> SequenceClassifier {
    average.map { network.with($0.parameters) } ?? network
  }

  /// Takes note of a validation and says whether it is the best so far, by the measure of early stopping.
  mutating func observe(_ validation: SequenceClassifier.Evaluation, of network: SequenceClassifier) -> Bool {
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
  func result(_ network: SequenceClassifier) -> SequenceClassifier { best?.network ?? presentable(network) }
}
