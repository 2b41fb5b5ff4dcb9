extension ClassifierTraining {
  /// What a training loop does beyond plain steps; by default nothing.
  public struct Options: Sendable, Equatable {
    /// What the places of a schedule are.
    public enum ScheduleUnit: String, Sendable, CaseIterable {
      case step, epoch
    }

    /// What is made small, with smoothed labels or weighted classes if wanted.
    ///
    /// Validation measures the plain loss.
    public var loss: SoftmaxCrossEntropy
    /// A limit to the gradient.
    public var clipping: GradientClipping?
    /// How many batches make a step; their gradients are added up.
    public var accumulation: Int
    /// How the optimiser's learning rate changes.
    ///
    /// It starts from the rate the optimiser has, which has it again when training is over.
    public var schedule: LearningRateSchedule
    /// What the places of the schedule are.
    public var scheduleUnit: ScheduleUnit
    /// How slowly an average of the weights forgets; nil for no average.
    ///
    /// Where there is one, it is what is validated, and what the network has when training is over.
    public var averageDecay: Float?
    /// After how many steps to validate, besides the end of each epoch; nil for no more than that.
    public var validationEvery: Int?
    /// When to end training, and keep the best weights; nil to go on to the end and keep the last.
    public var earlyStopping: EarlyStopping?

    /// The options; without any, nothing but plain steps.
    ///
    /// - Precondition: counts are positive.
    public init(
      loss: SoftmaxCrossEntropy = SoftmaxCrossEntropy(), clipping: GradientClipping? = nil, accumulation: Int = 1,
      schedule: LearningRateSchedule = .constant, scheduleUnit: ScheduleUnit = .epoch, averageDecay: Float? = nil,
      validationEvery: Int? = nil, earlyStopping: EarlyStopping? = nil
    ) {
      precondition(accumulation > 0, "a step takes one batch at least; found \(accumulation)")
      precondition((validationEvery ?? 1) > 0, "steps between validations are one at least")
      self.loss = loss
      self.clipping = clipping
      self.accumulation = accumulation
      self.schedule = schedule
      self.scheduleUnit = scheduleUnit
      self.averageDecay = averageDecay
      self.validationEvery = validationEvery
      self.earlyStopping = earlyStopping
    }

    /// Whether something of it looks at validation data.
    var needsValidation: Bool {
      if case .plateau = schedule { return true }
      return earlyStopping != nil
    }
  }
}
