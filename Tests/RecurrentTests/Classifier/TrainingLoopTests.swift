@testable import Recurrent
import TestSupport
import Testing

/// The training loop is the loop one would write by hand, told to an observer event by event.
@Suite struct TrainingLoopTests {
  private let scenario = ClassifierScenario.larger[0]
  private var training: SequenceDataset { scenario.data.dataset[0..<38] }
  private var validation: SequenceDataset { scenario.data.dataset[38..<50] }

  @Test("it is the loop written by hand, bit for bit")
  func byHand() throws {
    var network = scenario.network()
    var optimizer = Adam(learningRate: 0.01)
    var events: [String] = []
    var validations: [SequenceModel.Evaluation] = []
    let loop = TrainingLoop(epochs: 3, batchSize: 15, shuffleSeed: 4)
    let isComplete = try loop.run(&network, optimizer: &optimizer, training: training, validation: validation) {
      events.append($0.summary)
      if case .epochEnded(_, _, let network, let validation, _) = $0 {
        validations.append(validation)
        let evaluation = try network.evaluate(on: self.validation)
        #expect(evaluation == validation)
      }
      return true
    }
    var other = scenario.network()
    var otherOptimizer = Adam(learningRate: 0.01)
    var expected: [String] = []
    for epoch in 0..<3 {
      expected.append("epoch \(epoch) of 3 batches")
      for (index, batch) in training.batches(of: 15, shuffledWith: 4, epoch: epoch).enumerated() {
        let result = try other.train(on: batch, with: &otherOptimizer)
        expected.append("step \(epoch) \(index): \(result.loss) \(result.accuracy) over \(batch.count)")
      }
      let evaluation = try other.evaluate(on: validation)
      expected.append("epoch \(epoch) ended after \(3 * (epoch + 1)): \(evaluation.loss) \(evaluation.correct)")
    }
    #expect(isComplete)
    #expect(events == expected)
    #expect(validations.count == 3)
    #expect(bitMismatch(of: network.parameters, with: other.parameters) == nil)
  }

  @Test("an epoch sees the training data as they are prepared for it")
  func prepared() throws {
    var network = scenario.network()
    var optimizer = Adam(learningRate: 0.01)
    // Other data in each epoch: 12, 24 and all 36 sequences of which validation sees none.
    let prepare = { (data: SequenceDataset, epoch: Int) in data[0..<12 * (epoch + 1)] }
    let loop = TrainingLoop(epochs: 3, batchSize: 12, shuffleSeed: 4)
    var evaluations: [SequenceModel.Evaluation] = []
    _ = loop.run(&network, optimizer: &optimizer, training: training, validation: validation, preparing: prepare) {
      if case .epochEnded(_, _, _, let validation, _) = $0 { evaluations.append(validation) }
      return true
    }
    var other = scenario.network()
    var otherOptimizer = Adam(learningRate: 0.01)
    for epoch in 0..<3 {
      for batch in prepare(training, epoch).batches(of: 12, shuffledWith: 4, epoch: epoch) {
        try other.train(on: batch, with: &otherOptimizer)
      }
      #expect(try evaluations[epoch] == other.evaluate(on: validation))
    }
    #expect(bitMismatch(of: network.parameters, with: other.parameters) == nil)
  }

  @Test("every setting has its effect", arguments: Setting.all)
  func settings(setting: Setting) {
    let events = run(setting.loop).events
    #expect(events.count { $0.hasPrefix("step") } == setting.steps)
    #expect(events.count { $0.contains("ended") } == setting.epochs)
  }

  struct Setting: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let loop: TrainingLoop
    let steps: Int
    let epochs: Int

    init(_ reason: String, _ loop: TrainingLoop, steps: Int, epochs: Int) {
      testDescription = reason
      self.loop = loop
      self.steps = steps
      self.epochs = epochs
    }

    // Of 38 sequences.
    static let all = [
      Setting("a smaller batch at the end", .init(epochs: 2, batchSize: 15), steps: 6, epochs: 2),
      Setting("no smaller batch", .init(epochs: 2, batchSize: 15, dropsLast: true), steps: 4, epochs: 2),
      Setting("all at once", .init(epochs: 2, batchSize: 38), steps: 2, epochs: 2),
      Setting("ends within an epoch", .init(epochs: 5, batchSize: 15, maximumSteps: 4), steps: 4, epochs: 2),
      Setting("ends with an epoch", .init(epochs: 5, batchSize: 15, maximumSteps: 3), steps: 3, epochs: 1),
      Setting("nothing to do", .init(epochs: 0), steps: 0, epochs: 0),
    ]
  }

  @Test("the order is shuffled by the seed, or kept")
  func shuffling() {
    let orders = [nil, 1, 2].map { run(TrainingLoop(epochs: 1, batchSize: 15, shuffleSeed: $0)).events }
    #expect(Set(orders).count == 3)
    let again = run(TrainingLoop(epochs: 1, batchSize: 15, shuffleSeed: 1)).events
    #expect(again == orders[1])
  }

  @Test("an observer ends training at any event, by word or by error", arguments: 1...11)
  func stopping(after count: Int) throws {
    struct Enough: Error {}
    let loop = TrainingLoop(epochs: 2, batchSize: 15)
    var (network, optimizer) = (scenario.network(), Adam(learningRate: 0.01))
    var seen = 0
    let isComplete = loop.run(&network, optimizer: &optimizer, training: training, validation: validation) { _ in
      seen += 1
      return seen < count
    }
    // Two epochs of a beginning, three steps and an end.
    #expect(seen == min(count, 10) && isComplete == (count > 10))
    seen = 0
    let body = { (_: TrainingLoop.Event) throws(Enough) -> Bool in
      seen += 1
      if seen == count { throw Enough() }
      return true
    }
    if count > 10 {
      #expect(try loop.run(&network, optimizer: &optimizer, training: training, validation: validation, observe: body))
    } else {
      #expect(throws: Enough.self) {
        try loop.run(&network, optimizer: &optimizer, training: training, validation: validation, observe: body)
      }
    }
  }

  private func run(_ loop: TrainingLoop) -> (events: [String], network: SequenceModel) {
    var (network, optimizer) = (scenario.network(), Adam(learningRate: 0.01))
    var events: [String] = []
    let isComplete = loop.run(&network, optimizer: &optimizer, training: training, validation: validation) {
      events.append($0.summary)
      return true
    }
    #expect(isComplete)
    return (events, network)
  }
}

extension TrainingLoop.Event {
  /// All but the times.
  fileprivate var summary: String {
    switch self {
    case .epochBegan(let epoch, let batches): "epoch \(epoch) of \(batches) batches"
    case .step(let epoch, let batch, let result, let count, _):
      "step \(epoch) \(batch): \(result.loss) \(result.accuracy) over \(count)"
    case .epochEnded(let epoch, let steps, _, let validation, _):
      "epoch \(epoch) ended after \(steps): \(validation.loss) \(validation.correct)"
    case .validated, .improved, .endedEarly, .notFinite: "\(self)"
    }
  }
}
