@testable import Recurrent
import RecurrentSupport
import TestSupport
import Testing

/// Each option of the training loop against a loop written by hand that does what it says.
@Suite struct TrainingOptionsTests {
  private let scenario = ClassifierScenario.larger[0]
  private var training: SequenceDataset { scenario.data.dataset[0..<38] }
  private var validation: SequenceDataset { scenario.data.dataset[38..<50] }

  private func measured(_ network: SequenceModel) -> SequenceModel.Evaluation {
    require { try network.evaluate(on: validation) }
  }

  /// What is seen of a run.
  private struct Run {
    var events: [String] = []
    var losses: [Float] = []
    var validations: [SequenceModel.Evaluation] = []
    var network: SequenceModel
    var learningRate: Float = 0
  }

  private func run(
    _ options: TrainingLoop.Options, epochs: Int = 3, rate: Float = 0.05, maximumSteps: Int? = nil
  ) -> Run {
    let loop = TrainingLoop(
      epochs: epochs, batchSize: 10, shuffleSeed: 4, maximumSteps: maximumSteps, options: options)
    var run = Run(network: scenario.network())
    var (network, optimizer) = (run.network, SGD(learningRate: rate))
    let isComplete = loop.run(&network, optimizer: &optimizer, training: training, validation: validation) { event in
      switch event {
      case .epochBegan(let epoch, let batches): run.events.append("epoch \(epoch) of \(batches)")
      case .step(_, let batch, let result, let count, _):
        run.events.append("step \(batch) over \(count)")
        run.losses.append(result.loss)
      case .validated(_, let steps, let network, let validation):
        run.events.append("validated after \(steps)")
        run.validations.append(validation)
        #expect(measured(network) == validation)
      case .epochEnded(_, let steps, let network, let validation, _):
        run.events.append("ended after \(steps)")
        run.validations.append(validation)
        #expect(measured(network) == validation)
      case .improved(let steps, let network, let validation):
        run.events.append("improved after \(steps)")
        #expect(run.validations.last == validation && measured(network) == validation)
      case .endedEarly(let steps, let best):
        run.events.append("early after \(steps)")
        #expect(run.validations.contains(best))
      case .notFinite: run.events.append("not finite")
      }
      return true
    }
    #expect(isComplete)
    run.network = network
    run.learningRate = optimizer.learningRate
    return run
  }

  /// The same by hand: `step` is told the number of the step, and may change the rate before it is taken.
  private func byHand(
    epochs: Int = 3, accumulation: Int = 1, loss: SoftmaxCrossEntropy = .init(), clipping: GradientClipping? = nil,
    rate: (_ epoch: Int, _ step: Int) -> Float = { _, _ in 0.05 },
    afterStep: (SequenceModel) -> Void = { _ in }, afterEpoch: (SequenceModel) -> Void = { _ in }
  ) throws -> (network: SequenceModel, losses: [Float]) {
    var (network, optimizer, losses) = (scenario.network(), SGD(learningRate: 0), [Float]())
    for epoch in 0..<epochs {
      let batches = Array(training.batches(of: 10, shuffledWith: 4, epoch: epoch))
      for first in stride(from: 0, to: batches.count, by: accumulation) {
        optimizer.learningRate = rate(epoch, losses.count)
        let group = Array(batches[first..<min(first + accumulation, batches.count)])
        losses.append(
          try network.train(on: group, with: &optimizer, loss: .crossEntropy(loss), clipping: clipping).loss)
        afterStep(network)
      }
      afterEpoch(network)
    }
    return (network, losses)
  }

  private func expectSame(
    _ run: Run, _ other: (network: SequenceModel, losses: [Float]),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.losses == other.losses, sourceLocation: sourceLocation)
    #expect(
      bitMismatch(of: run.network.parameters, with: other.network.parameters) == nil, sourceLocation: sourceLocation)
    #expect(run.learningRate == 0.05, "the optimiser has its own rate again", sourceLocation: sourceLocation)
  }

  @Test("no option, no difference")
  func none() throws {
    expectSame(run(.init()), try byHand())
  }

  @Test("loss and clipping go into each step")
  func lossAndClipping() throws {
    let loss = SoftmaxCrossEntropyTests.losses(classCount: scenario.classes)[2]
    let plain = try byHand()
    for (option, clipping) in [(loss, nil), (.init(), .norm(0.1)), (loss, .value(0.01))]
      as [(SoftmaxCrossEntropy, GradientClipping?)]
    {
      let found = run(.init(loss: .crossEntropy(option), clipping: clipping))
      expectSame(found, try byHand(loss: option, clipping: clipping))
      #expect(found.losses != plain.losses)
    }
  }

  @Test("batches are put together, the last ones of an epoch too")
  func accumulation() throws {
    let found = run(.init(accumulation: 3), epochs: 2)
    expectSame(found, try byHand(epochs: 2, accumulation: 3))
    let epoch = ["step 0 over 30", "step 1 over 8"]
    #expect(
      found.events == ["epoch 0 of 2"] + epoch + ["ended after 2", "epoch 1 of 2"] + epoch + ["ended after 4"])
  }

  @Test("a schedule is asked at each step, or each epoch")
  func schedule() throws {
    let schedule = LearningRateSchedule.exponential(factor: 0.7)
    let byStep = run(.init(schedule: schedule, scheduleUnit: .step))
    expectSame(byStep, try byHand { _, step in schedule.rate(at: step, from: 0.05) })
    let byEpoch = run(.init(schedule: schedule))
    expectSame(byEpoch, try byHand { epoch, _ in schedule.rate(at: epoch, from: 0.05) })
    #expect(byStep.losses != byEpoch.losses)
  }

  @Test("a plateau looks at the validation loss")
  func plateau() throws {
    // A threshold that nothing meets, so that each validation but the first is a failure.
    let schedule = LearningRateSchedule.plateau(PlateauSchedule(factor: 0.5, patience: 0, threshold: 0.9))
    let found = run(.init(schedule: schedule), epochs: 4)
    expectSame(found, try byHand(epochs: 4) { epoch, _ in [0.05, 0.05, 0.025, 0.0125][epoch] })
  }

  @Test("averaged weights are validated, and are the result; training goes on with its own")
  func average() throws {
    var average = ExponentialMovingAverage(of: scenario.network().parameters, decay: 0.75)
    var validations: [SequenceModel.Evaluation] = []
    let expected = try byHand(
      afterStep: { average.update(with: $0.parameters) },
      afterEpoch: { validations.append(self.measured($0.with(average.parameters))) })
    let found = run(.init(averageDecay: 0.75))
    #expect(found.losses == expected.losses)
    #expect(found.validations == validations)
    #expect(bitMismatch(of: found.network.parameters, with: average.parameters) == nil)
    #expect(bitMismatch(of: found.network.parameters, with: expected.network.parameters) != nil)
  }

  @Test("validation comes every so many steps, and never twice in a place")
  func validationEvery() {
    // Four steps an epoch.
    #expect(
      run(.init(validationEvery: 3), epochs: 2).events.filter { !$0.hasPrefix("step") } == [
        "epoch 0 of 4", "validated after 3", "ended after 4", "epoch 1 of 4", "validated after 6", "ended after 8",
      ])
    #expect(
      run(.init(validationEvery: 2), epochs: 2, maximumSteps: 6).events.filter { !$0.hasPrefix("step") } == [
        "epoch 0 of 4", "validated after 2", "ended after 4", "epoch 1 of 4", "ended after 6",
      ])
  }

  @Test(
    "training ends when validation no longer improves, with the best weights",
    arguments: EarlyStopping.Measure.allCases, [1, 2, 4])
  func earlyStopping(measure: EarlyStopping.Measure, patience: Int) throws {
    let rule = EarlyStopping(measure: measure, patience: patience)
    // A large rate, so that validation soon gets worse.
    let options = TrainingLoop.Options(clipping: .norm(1), validationEvery: 2, earlyStopping: rule)
    let found = run(options, epochs: 60, rate: 2)
    var best = found.validations[0]
    var failures = 0
    var improvements = 0
    for (index, validation) in found.validations.dropFirst().enumerated() {
      if rule.isImprovement(validation, over: best) {
        (best, failures, improvements) = (validation, 0, improvements + 1)
      } else {
        failures += 1
      }
      #expect((failures >= patience) == (index == found.validations.count - 2), "validation \(index + 1)")
    }
    #expect(measured(found.network) == best)
    #expect(found.events.last == "early after \(2 * found.validations.count)")
    #expect(found.events.count { $0.hasPrefix("improved") } == improvements + 1)
  }

  @Test("what is an improvement depends on measure and least difference")
  func improvement() {
    func result(_ loss: Double, _ correct: Int) -> SequenceModel.Evaluation {
      .init(loss: loss, correct: correct, count: 100)
    }
    let best = result(1, 50)
    #expect(EarlyStopping().isImprovement(result(0.99, 40), over: best))
    #expect(!EarlyStopping().isImprovement(result(1, 60), over: best))
    #expect(!EarlyStopping().isImprovement(result(.nan, 60), over: best))
    #expect(!EarlyStopping(minimumImprovement: 0.02).isImprovement(result(0.99, 60), over: best))
    #expect(EarlyStopping(measure: .accuracy).isImprovement(result(2, 51), over: best))
    #expect(!EarlyStopping(measure: .accuracy).isImprovement(result(0.5, 50), over: best))
    #expect(!EarlyStopping(measure: .accuracy, minimumImprovement: 0.02).isImprovement(result(2, 51), over: best))
  }

  @Test("without an end that comes early, the best weights are kept all the same")
  func bestAtTheEnd() throws {
    let rule = EarlyStopping(patience: 1000)
    let found = run(.init(earlyStopping: rule), epochs: 12, rate: 3)
    let best = try #require(found.validations.min { $0.loss < $1.loss })
    #expect(found.validations.last != best)
    #expect(measured(found.network) == best)
    #expect(found.events.last?.hasPrefix("early") == false)
  }
}
