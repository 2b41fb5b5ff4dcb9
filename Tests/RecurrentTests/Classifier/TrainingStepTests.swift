@testable import Recurrent
import TestSupport
import Testing

/// What a training step reports, and that it depends on nothing but weights, batch and optimiser.
@Suite struct TrainingStepTests {
  @Test("a step reports loss and accuracy from before its update", arguments: ClassifierScenario.all)
  func resultIsFromBefore(scenario: ClassifierScenario) throws {
    var network = scenario.network()
    let before = try network.evaluate(on: scenario.data)
    var optimizer = SGD(learningRate: 1)
    let result = try network.train(on: scenario.data, with: &optimizer)
    #expect(mismatch(of: [result.loss], with: [before.loss], within: scenario.tolerance) == nil)
    #expect(result.accuracy == Float(before.accuracy))
    let after = try network.evaluate(on: scenario.data)
    #expect((after.loss - before.loss).magnitude > 1e-3)
  }

  @Test("accuracy is the fraction of sequences whose largest logit is the label's")
  func accuracy() throws {
    let scenario = ClassifierScenario.all[3]
    let network = scenario.network()
    let logits = scenario.reference(network).outputs()
    let right = scenario.labels.enumerated().count { row, label in
      let z = Array(logits[row * scenario.classes..<(row + 1) * scenario.classes])
      return z.firstIndex(of: z.max() ?? 0) == label
    }
    #expect(right > 0 && right < scenario.batch)
    #expect(try network.gradient(on: scenario.data).result.accuracy == Float(right) / Float(scenario.batch))
  }

  @Test("memory that other batches left behind changes no bit", arguments: ClassifierScenario.larger)
  func staleMemory(scenario: ClassifierScenario) throws {
    var network = scenario.network()
    var optimizer = Adam(learningRate: 0.01)
    // Full, the last smaller one, a single sequence, full again: tiles shrink and grow.
    for count in [scenario.batch, 37, 1, 12, scenario.batch] {
      let batch = scenario.data.dataset.batch(0..<count)
      let fresh = SequenceModel(network.configuration)
      var other = fresh
      other.parameters = network.parameters
      var otherOptimizer = optimizer
      let expected = try other.train(on: batch, with: &otherOptimizer)
      #expect(try network.train(on: batch, with: &optimizer) == expected, "\(count) sequences")
      #expect(bitMismatch(of: network.parameters, with: other.parameters) == nil, "\(count) sequences")
      #expect(try network.evaluate(on: batch) == other.evaluate(on: batch), "\(count) sequences")
    }
  }

  @Test("a batch that is not a number leaves nothing behind for the next one", arguments: ClassifierScenario.larger)
  func staleNotANumber(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let expected = try network.gradient(on: scenario.data)
    let spoilt = Tensor(
      known: [scenario.batch + 8, scenario.steps, scenario.input],
      values: Array(repeating: .nan, count: (scenario.batch + 8) * scenario.steps * scenario.input))
    let batch = try SequenceBatch(
      spoilt, labels: Array(repeating: 0, count: scenario.batch + 8), classCount: scenario.classes)
    #expect(try network.gradient(on: batch).result.loss.isNaN)
    let again = try network.gradient(on: scenario.data)
    #expect(again.result == expected.result)
    #expect(bitMismatch(of: again.gradient, with: expected.gradient) == nil)
    _ = try network.evaluate(on: batch)
    #expect(try network.evaluate(on: scenario.data).loss.isFinite)
  }

  @Test("a batch of one sequence is its mean", arguments: ClassifierScenario.all)
  func batchOfOne(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let dataset = scenario.data.dataset
    let whole = try network.gradient(on: scenario.data)
    var sums = [Double](repeating: 0, count: network.parameters.count)
    var loss = 0.0
    for sample in 0..<scenario.batch {
      let alone = try network.gradient(on: dataset.batch([sample]))
      loss += Double(alone.result.loss) / Double(scenario.batch)
      #expect(alone.result.accuracy == 0 || alone.result.accuracy == 1)
      accumulate(alone.gradient.values, into: &sums)
    }
    let means = sums.map { $0 / Double(scenario.batch) }
    #expect(mismatch(of: [whole.result.loss], with: [loss], within: scenario.tolerance) == nil)
    for entry in whole.gradient.entries {
      #expect(
        mismatch(of: whole.gradient[entry.name], with: Array(means[entry.range]), within: scenario.tolerance) == nil,
        "\(entry.name)")
    }
  }

  @Test("the same sequences give the same loss in any order, and a repeated one counts twice")
  func batchOrder() throws {
    let scenario = ClassifierScenario.all[1]
    let network = scenario.network()
    let dataset = scenario.data.dataset
    let forward = try network.gradient(on: dataset.batch(0..<9))
    let backward = try network.gradient(on: dataset.batch((0..<9).reversed()))
    #expect((forward.result.loss - backward.result.loss).magnitude < 1e-6)
    let twice = try network.gradient(on: dataset.batch([3, 3]))
    let once = try network.gradient(on: dataset.batch([3]))
    #expect(twice.result == once.result)
  }

  @Test("training lowers the loss of what it is shown", arguments: [CellKind.elman, .lstm, .user].map(\.name))
  func learns(name: String) throws {
    let kind = try #require(CellKind.all.first { $0.name == name })
    // The class is the sign of the first value, six steps ago.
    let inputs = ClosedForm.chirp.tensor(1, [60, 7, 2])
    let labels = (0..<60).map { inputs[$0, 0, 0] > 0 ? 1 : 0 }
    let batch = try SequenceBatch(inputs, labels: labels, classCount: 2)
    var network = SequenceModel(
      .init(input: .features(2), layers: [LayerConfiguration(kind.make(12))], output: .classes(2)), initializer: .keras,
      seed: 3)
    var optimizer = Adam(learningRate: 0.02)
    let first = try network.evaluate(on: batch).loss
    for _ in 0..<150 { try network.train(on: batch, with: &optimizer) }
    let last = try network.evaluate(on: batch)
    #expect(last.loss < first / 5)
    #expect(last.accuracy > 0.95)
  }
}
