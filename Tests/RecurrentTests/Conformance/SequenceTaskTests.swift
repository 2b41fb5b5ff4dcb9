import Recurrent
import TestSupport
import Testing

/// Every kind of input, direction, readout, output, loss, length and initial state against PyTorch.
@Suite struct SequenceTaskTests {
  private static let fixture = Fixtures.load("sequence_tasks", SequenceTasksFixture.self)

  @Test("loss, outputs, final states and all gradients are PyTorch's", arguments: fixture.cases)
  func values(task: SequenceTask) throws {
    let shared = Self.fixture
    let model = task.model(shared)
    let batch = try task.batch(shared)
    let state = task.initialState(shared, model)
    let (outputs, finalState) = try model.outputs(for: batch, from: state)
    let (expected, gradients) = (task.expected.values, try #require(task.expected.gradients))
    let loss = try #require(expected["loss"])
    expect(task.trueRows(of: outputs), try #require(expected["logits"]), "logits", within: 1e-5)
    let evaluation = try model.evaluate(on: batch, loss: task.lossFunction(shared), from: state)
    expect([Float(evaluation.loss)], loss, "loss of the evaluation", within: 1e-5)
    for (name, values) in expected where name.hasPrefix("final") {
      expect(task.component(name, of: finalState), values, name, within: 1e-5)
    }
    let (result, gradient) = try model.gradient(on: batch, loss: task.lossFunction(shared), from: state)
    expect([result.loss], loss, "loss of the step", within: 1e-5)
    #expect(gradient.entries.map(\.name).sorted() == gradients.keys.sorted())
    for (name, values) in gradients {
      expect(gradient[name].values, values, "gradient of \(name)", within: 1e-5)
    }
  }

  @Test(
    "the same bits step by step in a stream, if nothing is read in reverse",
    arguments: fixture.cases.filter { !$0.bidirectional })
  func streams(task: SequenceTask) throws {
    let model = task.model(Self.fixture)
    let batch = try task.batch(Self.fixture)
    if task.initialState(Self.fixture, model) != nil { return }
    let outputs = try model.outputs(for: batch).outputs
    let (steps, width) = (batch.stepCount, model.outputSize)
    for (sequence, length) in batch.lengths.enumerated() where length > 0 {
      var stream = try model.makeStream()
      for t in 0..<length {
        if task.input == "features" {
          try stream.step(Array(batch.inputs.values[(sequence * steps + t) * 8..<(sequence * steps + t + 1) * 8]))
        } else {
          try stream.step(token: Int(batch.inputs.values[sequence * steps + t]))
        }
        guard task.readout == "everyStep" else { continue }
        let first = (sequence * steps + t) * width
        #expect(bitMismatch(of: stream.values, with: Array(outputs.values[first..<first + width])) == nil)
      }
      guard task.readout == "last" else { continue }
      let first = sequence * width
      #expect(bitMismatch(of: stream.values, with: Array(outputs.values[first..<first + width])) == nil)
    }
  }

  @Test("the same bits on any number of threads", arguments: [1, 2, 3])
  func threads(count: Int) throws {
    for task in Self.fixture.cases.prefix(30) {
      var (model, other) = (task.model(Self.fixture), task.model(Self.fixture))
      model.threads = ThreadPool(threads: 1)
      other.threads = ThreadPool(threads: count)
      let batch = try task.batch(Self.fixture)
      let found = try other.gradient(on: batch, loss: task.lossFunction(Self.fixture))
      let expected = try model.gradient(on: batch, loss: task.lossFunction(Self.fixture))
      #expect(found.result == expected.result)
      #expect(bitMismatch(of: found.gradient.values, with: expected.gradient.values) == nil)
    }
  }

  @Test("ten steps of training make the loss smaller, whatever the task", arguments: fixture.cases)
  func training(task: SequenceTask) throws {
    var model = task.model(Self.fixture)
    let batch = try task.batch(Self.fixture)
    var optimizer = Adam(learningRate: 0.01)
    let first = try model.evaluate(on: batch, loss: task.lossFunction(Self.fixture)).loss
    for _ in 0..<10 { try model.train(on: batch, with: &optimizer, loss: task.lossFunction(Self.fixture)) }
    #expect(try model.evaluate(on: batch, loss: task.lossFunction(Self.fixture)).loss < first)
  }

  /// Compares relative to the largest expected number, below which nothing is told apart.
  private func expect(_ found: [Float], _ expected: [Double], _ what: String, within tolerance: Double) {
    #expect(found.count == expected.count, "\(what)")
    let largest = max(expected.map(\.magnitude).max() ?? 0, 1e-3)
    let worst = zip(found, expected).map { (Double($0) - $1).magnitude }.max() ?? 0
    #expect(!(worst > tolerance * largest) && !worst.isNaN, "\(what) is off by \(worst) of \(largest)")
  }
}
