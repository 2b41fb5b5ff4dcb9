import RecurrentSupport

extension TrainingLoop {
  /// What a training loop does beyond plain steps; by default nothing.
  public struct Options: Sendable, Equatable {
    /// What the places of a schedule are.
    public enum ScheduleUnit: String, Sendable, CaseIterable {
      /// Steps of the whole training, counted from 0.
      case step
      /// Epochs, counted from 0.
      case epoch
    }

    /// What is made small; nil for the usual loss of the network's output.
    ///
    /// Validation measures the plain loss.
    public var loss: Loss?
    /// A limit to the gradient.
    public var clipping: GradientClipping?
    /// The steps from one state that a training step remembers to the next; nil to remember all.
    ///
    /// Saves memory and takes time, see `SequenceModel.train(on:with:)`.
    public var remembering: Int?
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
    /// - Parameters:
    ///   - loss: what is made small; nil for the usual loss of the network's output.
    ///   - clipping: a limit to the gradient; nil for none.
    ///   - remembering: the steps from one state that a training step remembers to the next; nil to remember all.
    ///   - accumulation: how many batches make a step.
    ///   - schedule: how the optimiser's learning rate changes.
    ///   - scheduleUnit: what the places of the schedule are.
    ///   - averageDecay: how slowly an average of the weights forgets; nil for no average.
    ///   - validationEvery: after how many steps to validate, besides the end of each epoch; nil for no more than that.
    ///   - earlyStopping: when to end training, and keep the best weights; nil to go on to the end.
    /// - Precondition: `accumulation` is above 0, and so are `remembering` and `validationEvery` where they are given.
    public init(
      loss: Loss? = nil, clipping: GradientClipping? = nil, remembering: Int? = nil, accumulation: Int = 1,
      schedule: LearningRateSchedule = .constant, scheduleUnit: ScheduleUnit = .epoch, averageDecay: Float? = nil,
      validationEvery: Int? = nil, earlyStopping: EarlyStopping? = nil
    ) {
      require(accumulation > 0, "a step takes one batch at least; found \(accumulation)")
      require((remembering ?? 1) > 0, "steps between remembered states are one at least")
      require((validationEvery ?? 1) > 0, "steps between validations are one at least")
      self.loss = loss
      self.clipping = clipping
      self.remembering = remembering
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
