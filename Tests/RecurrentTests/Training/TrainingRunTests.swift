@testable import Recurrent
import TestSupport
import Testing

/// Training as a task with events and a result, cancelled and not.
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
}
