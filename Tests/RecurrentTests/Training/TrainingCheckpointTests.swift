import Foundation
@testable import Recurrent
import RecurrentSupport
import TestSupport
import Testing

/// Training that is left between two steps and continued from what was written down.
@Suite struct TrainingCheckpointTests {
  private typealias Checkpoint = TrainingCheckpoint<Adam>

  private let scenario = ClassifierScenario.larger[0]
  private var training: SequenceDataset { scenario.data.dataset[0..<38] }
  private var validation: SequenceDataset { scenario.data.dataset[38..<50] }

  /// Every checkpoint of a run as bytes, the events after each, and the network in the end.
  private struct Course {
    var checkpoints: [(written: Data, eventsBefore: Int)] = []
    var events: [String] = []
    var network: SequenceModel
    var isComplete = false
  }

  private func run(
    _ loop: TrainingLoop, _ network: SequenceModel, on data: some TrainingData, from checkpoint: Checkpoint? = nil,
    stoppingAfter limit: Int = .max
  ) throws -> Course {
    var course = Course(network: network)
    var (network, optimizer) = (network, Adam(learningRate: 0.02))
    course.isComplete = try loop.run(&network, optimizer: &optimizer, on: data, from: checkpoint) { _, checkpoint in
      course.checkpoints.append((try JSONEncoder().encode(checkpoint()), course.events.count))
    } observe: { event in
      switch event {
      case .epochBegan: break
      case .step(let epoch, let batch, let result, _, _): course.events.append("\(epoch) \(batch) \(result.loss)")
      case .validated(_, let steps, _, let validation): course.events.append("validated \(steps) \(validation)")
      case .epochEnded(_, let steps, _, let validation, _): course.events.append("ended \(steps) \(validation)")
      case .improved(let steps, _, let validation): course.events.append("improved \(steps) \(validation)")
      case .endedEarly(let steps, let best): course.events.append("early \(steps) \(best)")
      case .notFinite(let error): course.events.append("\(error)")
      }
      return course.events.count < limit
    }
    course.network = network
    return course
  }

  /// Expects that a run goes on from each of its checkpoints to the same events and the same bits.
  private func expectSameCourse(
    _ loop: TrainingLoop, _ network: SequenceModel, on data: some TrainingData, checkpoints: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let whole = try run(loop, network, on: data)
    #expect(whole.checkpoints.count == checkpoints && whole.isComplete, sourceLocation: sourceLocation)
    for (written, eventsBefore) in whole.checkpoints {
      let checkpoint = try JSONDecoder().decode(Checkpoint.self, from: written)
      let rest = try run(loop, network, on: data, from: checkpoint)
      #expect(rest.events == Array(whole.events[eventsBefore...]), sourceLocation: sourceLocation)
      #expect(
        bitMismatch(of: rest.network.parameters, with: whole.network.parameters) == nil, sourceLocation: sourceLocation)
    }
  }

  /// A reason, options, and the number of places at which a run of them can be left.
  private static let options: [(String, TrainingLoop.Options, Int)] = [
    ("plain steps", .init(), 12),
    (
      "an average, and the best of several validations",
      .init(
        averageDecay: 0.9, validationEvery: 2, earlyStopping: EarlyStopping(patience: 50)), 15
    ),
    (
      "a plateau, which has seen validations",
      .init(
        schedule: .plateau(PlateauSchedule(factor: 0.5, patience: 0)), validationEvery: 1), 21
    ),
    (
      "a rate that falls with the steps",
      .init(
        clipping: .norm(0.5), schedule: .cosine(total: 12), scheduleUnit: .step), 12
    ),
    ("steps of two batches", .init(accumulation: 2), 6),
  ]

  @Test("a run goes on from any of its checkpoints to the bits of an unbroken one", arguments: options)
  func sameBits(reason: String, options: TrainingLoop.Options, checkpoints: Int) throws {
    // Masks are drawn anew in each step.
    let network = scenario.network().regularized({ _ in Regularization(dropout: 0.2, recurrentDropout: 0.1) }, seed: 7)
    let loop = TrainingLoop(epochs: 3, batchSize: 10, shuffleSeed: 4, options: options)
    // After the last step of an epoch there is a validation, and a checkpoint after that.
    let validations = 3
    try expectSameCourse(
      loop, network, on: loop.data(training: training, validation: validation), checkpoints: checkpoints + validations)
  }

  @Test("a run that its observer stops is left there, whatever comes next", arguments: 1...14)
  func stopped(events: Int) throws {
    let options = TrainingLoop.Options(validationEvery: 2, earlyStopping: EarlyStopping(patience: 2))
    let loop = TrainingLoop(epochs: 3, batchSize: 10, shuffleSeed: 4, options: options)
    let data = loop.data(training: training, validation: validation)
    let whole = try run(loop, scenario.network(), on: data)
    let first = try run(loop, scenario.network(), on: data, stoppingAfter: events)
    let last = try #require(first.checkpoints.last)
    #expect(last.eventsBefore == first.events.count, "nothing that was told is told again")
    let checkpoint = try JSONDecoder().decode(Checkpoint.self, from: last.written)
    let rest = try run(loop, scenario.network(), on: data, from: checkpoint)
    #expect(first.events + rest.events == whole.events)
    #expect(bitMismatch(of: rest.network.parameters, with: whole.network.parameters) == nil)
  }

  /// Long sequences in windows.
  private struct Windows: TrainingData {
    let windows: [SequenceBatch]
    var continuesSequences: Bool { true }
    var hasValidation: Bool { true }
    func batches(epoch: Int) -> [SequenceBatch] { windows }
    func evaluate(_ network: SequenceModel) throws(InputError) -> SequenceModel.Evaluation {
      try network.evaluate(onConsecutive: windows)
    }
  }

  private func windows(count: Int = 4, streams: Int = 3, steps: Int = 5) throws -> Windows {
    var generator = SplitMix64(seed: 3)
    let tokens = (0..<count * streams * steps).map { _ in Int32(generator.next() % 7) }
    let dataset = try SequenceDataset(
      .tokens(tokens, count: 7), targets: .classes(tokens.map { ($0 + 1) % 7 }, count: 7, everyStep: true),
      stepCount: steps, count: count * streams)
    return Windows(windows: Array(dataset.batches(of: streams)))
  }

  private func languageModel(_ state: ModelConfiguration.InitialState = .zero) -> SequenceModel {
    SequenceModel(
      .init(
        input: .tokens(7, embedding: 4), layers: .lstm(6), readout: .everyStep, output: .classes(7),
        initialState: state), seed: 2)
  }

  @Test(
    "the state that windows carry along is part of it", arguments: [ModelConfiguration.InitialState.zero, .learned])
  func carriedState(initial: ModelConfiguration.InitialState) throws {
    let loop = TrainingLoop(epochs: 2)
    try expectSameCourse(loop, languageModel(initial), on: windows(), checkpoints: 10)
    // It does change the course.
    let whole = try run(loop, languageModel(initial), on: windows())
    let cut = try JSONDecoder().decode(Checkpoint.self, from: whole.checkpoints[1].written)
    #expect(cut.states?.count == 2 * 3 * 6 && cut.states?.contains { $0 != 0 } == true)
  }

  @Test("windows with a state give the steps of the sequences they were cut from")
  func windowsByHand() throws {
    let data = try windows()
    var (network, optimizer) = (languageModel(), Adam(learningRate: 0.02))
    var losses: [Float] = []
    for _ in 0..<2 {
      var state = network.initialState(batchSize: 3)
      for window in data.windows { losses.append(try network.train(on: window, from: &state, with: &optimizer).loss) }
    }
    let course = try run(TrainingLoop(epochs: 2), languageModel(), on: data)
    #expect(bitMismatch(of: course.network.parameters, with: network.parameters) == nil)
    let steps = course.events.filter { !$0.hasPrefix("ended") }
    let found: [String] = steps.map { step in String(step.split(separator: " ").last ?? "") }
    #expect(found == losses.map { "\($0)" })
  }

  @Test("an evaluation of windows is that of the whole sequences")
  func evaluation() throws {
    let (network, data) = (languageModel(), try windows())
    let (inputs, targets) = (0..<3).reduce(into: ([Int32](), [Int32]())) { all, stream in
      for window in data.windows {
        let tokens = window.inputs.values[stream * 5..<stream * 5 + 5].map { Int32($0) }
        all.0 += tokens
        all.1 += tokens.map { ($0 + 1) % 7 }
      }
    }
    let whole = try SequenceDataset(
      .tokens(inputs, count: 7), targets: .classes(targets, count: 7, everyStep: true), stepCount: 20, count: 3)
    let (found, expected) = (try network.evaluate(onConsecutive: data.windows), try network.evaluate(on: whole))
    #expect(found.correct == expected.correct && found.count == 60)
    #expect(abs(found.loss - expected.loss) < 1e-6)
    // Without the state it is another one.
    let apart = try data.windows.map { try network.evaluate(on: $0).loss }.reduce(0, +) / 4
    #expect(abs(apart - expected.loss) > 1e-5)
    #expect(throws: InputError.self) {
      try network.evaluate(onConsecutive: [data.windows[0], whole.batch([0])])
    }
  }

  @Test("a checkpoint of another network is refused")
  func otherNetwork() throws {
    let course = try run(TrainingLoop(epochs: 1), languageModel(), on: windows())
    let checkpoint = try JSONDecoder().decode(Checkpoint.self, from: course.checkpoints[0].written)
    try checkpoint.check(for: languageModel())
    let other = SequenceModel(.init(input: .tokens(7), layers: .lstm(6), readout: .everyStep, output: .classes(7)))
    #expect(throws: InputError.self) { try checkpoint.check(for: other) }
  }

  @Test("what a loop keeps between steps is written and read, NaN losses included")
  func progress() throws {
    let options = TrainingLoop.Options(
      schedule: .plateau(PlateauSchedule(factor: 0.5, patience: 0)), averageDecay: 0.9,
      earlyStopping: EarlyStopping(patience: 3))
    for loss in [0.7, .nan, .infinity] {
      var network = scenario.network()
      var optimizer = SGD(learningRate: 0.1)
      var progress = TrainingProgress(options, network: network, optimizer: optimizer)
      for step in 0..<4 {
        network.parameters.values[0] += Float(step)
        progress.finishStep(network)
        _ = progress.observe(.init(loss: loss, correct: 3, count: 9), of: progress.presentable(network))
      }
      let kept = TrainingCheckpoint(
        network, optimizer: optimizer, epoch: 1, step: 2, state: nil, progress: progress.state)
      let read = try JSONDecoder().decode(TrainingCheckpoint<SGD>.self, from: JSONEncoder().encode(kept))
      #expect(read.progress == progress.state && (read.epoch, read.step, read.stepCount) == (1, 2, 4))
      var other = scenario.network()
      var resumed = TrainingProgress(options, network: other, optimizer: optimizer)
      resumed.resume(read, &other, &optimizer)
      #expect(resumed.steps == 4 && resumed.learningRate(epoch: 1) == progress.learningRate(epoch: 1))
      #expect(bitMismatch(of: resumed.result(other).parameters, with: progress.result(network).parameters) == nil)
      // Both have the same opinion of what comes.
      for later in [0.8, 0.1, 0.2, 0.3, 0.4] {
        let evaluation = SequenceModel.Evaluation(loss: later, correct: 4, count: 9)
        #expect(resumed.observe(evaluation, of: network) == progress.observe(evaluation, of: network))
        #expect(resumed.isOver == progress.isOver)
      }
    }
  }
}
