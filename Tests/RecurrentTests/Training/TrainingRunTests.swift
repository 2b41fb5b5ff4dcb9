import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// Training as a task with events and a result, cancelled and not, and what of a loop is written down.
@Suite struct TrainingRunTests {
  private let scenario = ClassifierScenario.larger[0]
  private let loop = TrainingLoop(
    epochs: 3, batchSize: 3, options: .init(averageDecay: 0.5, earlyStopping: EarlyStopping(patience: 2)))

  private func data() throws -> SequenceDataset {
    try SequenceDataset(
      floats: ClosedForm.chirp.tensor(1, scenario.inputs.shape).values, stepCount: scenario.steps,
      inputSize: scenario.inputs.shape[2],
      labels: scenario.labels.map(Int32.init), classCount: scenario.classes)
  }

  private func name(_ event: TrainingLoop.Event) -> String { String("\(event)".prefix { $0 != "(" }) }

  @Test("events and result are those of a run with an observer")
  func run() async throws {
    let data = try data()
    var (model, optimizer, expected) = (scenario.network(), Adam(learningRate: 0.1), [String]())
    let isComplete = loop.run(&model, optimizer: &optimizer, training: data, validation: data) {
      expected.append(name($0))
      return true
    }
    let run = loop.start(scenario.network(), optimizer: Adam(learningRate: 0.1), training: data, validation: data)
    var found: [String] = []
    for await event in run.events { found.append(name(event)) }
    let result = await run.result
    #expect(found == expected && found.count > 6)
    #expect(result.isComplete && isComplete)
    #expect(bitMismatch(of: result.model.parameters, with: model.parameters) == nil)
    #expect(result.optimizer.stepCount == optimizer.stepCount)
  }

  @Test("cancelling ends training after a step, and hands out the model as it is")
  func cancelled() async throws {
    let data = try data()
    let endless = TrainingLoop(epochs: .max, batchSize: 3)
    let run = endless.start(scenario.network(), optimizer: SGD(learningRate: 0.01), training: data, validation: data)
    var steps = 0
    for await event in run.events {
      if case .step = event { steps += 1 }
      if steps == 5 { run.cancel() }
    }
    let result = await run.result
    #expect(steps >= 5 && !result.isComplete)
    #expect(bitMismatch(of: result.model.parameters, with: scenario.network().parameters) != nil)
  }

  @Test("cancelling the task that waits for the result, reads the events or runs the loop ends training")
  func cancelledFromOutside() async throws {
    let data = try data()
    let endless = TrainingLoop(epochs: .max, batchSize: 3)
    func start() -> TrainingLoop.Run<SGD> {
      endless.start(scenario.network(), optimizer: SGD(learningRate: 0.01), training: data, validation: data)
    }
    let waited = start()
    let waiting = Task { await waited.result.isComplete }
    waiting.cancel()
    #expect(await waiting.value == false)

    let read = start()
    let reading = Task { for await _ in read.events {} }
    reading.cancel()
    await reading.value
    #expect(await read.result.isComplete == false)

    let model = scenario.network()
    let running = Task.detached {
      var (model, optimizer) = (model, SGD(learningRate: 0.01))
      return endless.run(&model, optimizer: &optimizer, training: data, validation: data) { _ in true }
    }
    running.cancel()
    #expect(await running.value == false)
  }

  @Test("what a loop keeps between steps is written and read, NaN losses included")
  func progress() throws {
    let options = TrainingLoop.Options(
      schedule: .plateau(PlateauSchedule(factor: 0.5, patience: 0)), averageDecay: 0.9,
      earlyStopping: EarlyStopping(patience: 3))
    for loss in [0.7, .nan, .infinity] {
      var network = scenario.network()
      var progress = TrainingProgress(options, network: network, learningRate: 0.1)
      for step in 0..<4 {
        network.parameters.values[0] += Float(step)
        progress.finishStep(network)
        _ = progress.observe(.init(loss: loss, correct: 3, count: 9), of: progress.presentable(network))
      }
      let state = try JSONDecoder().decode(
        TrainingProgress.State.self, from: JSONEncoder().encode(progress.state))
      #expect(state == progress.state)
      var resumed = TrainingProgress(options, from: state)
      #expect(resumed.steps == 4 && resumed.learningRate(epoch: 1) == progress.learningRate(epoch: 1))
      #expect(bitMismatch(of: resumed.result(network).parameters, with: progress.result(network).parameters) == nil)
      // Both have the same opinion of what comes.
      for later in [0.8, 0.1, 0.2, 0.3, 0.4] {
        let evaluation = SequenceModel.Evaluation(loss: later, correct: 4, count: 9)
        #expect(resumed.observe(evaluation, of: network) == progress.observe(evaluation, of: network))
        #expect(resumed.isOver == progress.isOver)
      }
    }
  }
}
