@testable import Recurrent
import TestSupport
import Testing

/// The form for one sequence at a time gives what the form for batches gives.
@Suite struct SequenceStreamTests {
  private static let scenarios = (ClassifierScenario.all + ClassifierScenario.larger).filter { !$0.readsInReverse }

  @Test("a stream, step by step, says what the network says of the sequence so far, bit for bit", arguments: scenarios)
  func stepByStep(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    #expect(network.inputSize == scenario.input && network.outputSize == scenario.classes)
    let probability = try network.probabilitiesOverTime(for: scenario.data)
    let logits = try network.logits(for: scenario.data)
    for sample in stride(from: 0, to: scenario.batch, by: scenario.batch > 20 ? 5 : 1) {
      var stream = try network.makeStream()
      for t in 0..<scenario.data.lengths[sample] {
        try stream.step(scenario.features(sample, t))
        let expected = probability.selecting([sample]).steps(t..<t + 1)
        #expect(bitMismatch(of: stream.probabilities, with: expected.values) == nil, "sequence \(sample), step \(t)")
      }
      #expect(stream.stepCount == scenario.data.lengths[sample])
      let expected = stream.stepCount == 0 ? Tensor(zeros: [1, scenario.classes]) : logits.selecting([sample])
      #expect(bitMismatch(of: stream.values, with: expected.values) == nil, "sequence \(sample)")
    }
  }

  @Test("a whole sequence at once, or in parts, is the same as its steps", arguments: scenarios)
  func wholeIsSteps(scenario: ClassifierScenario) throws {
    let model = scenario.network()
    let sample = try #require(scenario.data.lengths.firstIndex(of: scenario.steps))
    var (steps, whole, parts) = try (model.makeStream(), model.makeStream(), model.makeStream())
    let rows = (0..<scenario.steps).map { scenario.features(sample, $0) }
    for row in rows { try steps.step(row) }
    try whole.run(rows.flatMap { $0 })
    try parts.run(Array(rows[0]))
    try parts.run([])
    try parts.run(rows[1...].flatMap { $0 })
    for stream in [whole, parts] {
      #expect(bitMismatch(of: stream.values, with: steps.values) == nil)
      #expect(stream.stepCount == scenario.steps)
    }
  }

  @Test("a stream that is reset is a fresh one, and its copies keep what they saw", arguments: scenarios)
  func reset(scenario: ClassifierScenario) throws {
    let model = scenario.network()
    let rows = (0..<scenario.steps).map { scenario.features(0, $0).map { $0.isNaN ? 1 : $0 } }
    var (stream, fresh) = try (model.makeStream(), model.makeStream())
    for row in rows { try stream.step(row.map { 2 * $0 }) }
    let copy = stream
    stream.reset()
    #expect(stream.stepCount == 0 && stream.values.allSatisfy { $0 == 0 })
    try stream.run(rows.flatMap { $0 })
    try fresh.run(rows.flatMap { $0 })
    #expect(bitMismatch(of: stream.values, with: fresh.values) == nil)
    #expect(copy.stepCount == scenario.steps)
    #expect(scenario.steps == 1 || copy.values != fresh.values)
  }

  @Test("a copy of a stream goes its own way, and a model keeps the weights it was made from")
  func values() throws {
    let scenario = ClassifierScenario.all[1]
    var network = scenario.network()
    let model = network
    var stream = try model.makeStream()
    try stream.step([0.5, -1, 2])
    var copy = stream
    try copy.step([1, 1, 1])
    try stream.step([0, 2, -2])
    var optimizer = SGD(learningRate: 1)
    try network.train(on: scenario.data, with: &optimizer)
    for (found, last) in [(copy, [1, 1, 1]), (stream, [0, 2, -2])] as [(SequenceStream, [Float])] {
      var fresh = try model.makeStream()
      try fresh.run([0.5, -1, 2] + last)
      #expect(bitMismatch(of: found.values, with: fresh.values) == nil)
    }
    #expect(try network.logits(of: [0.5, -1, 2]) != model.logits(of: [0.5, -1, 2]))
  }
}

extension ClassifierScenario {
  fileprivate func features(_ sample: Int, _ step: Int) -> [Float] {
    inputs.selecting([sample]).steps(step..<step + 1).values
  }
}

extension SequenceModel {
  fileprivate func logits(of sequence: [Float]) throws -> [Float] {
    var stream = try makeStream()
    try stream.run(sequence)
    return stream.values
  }
}
