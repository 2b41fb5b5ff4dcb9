@testable import Recurrent
import TestSupport
import Testing

/// The form for one sequence at a time gives what the form for batches gives.
@Suite struct StreamingClassifierTests {
  private static let scenarios = (ClassifierScenario.all + ClassifierScenario.larger).filter { !$0.readsInReverse }

  @Test("a stream, step by step, says what the network says of the sequence so far, bit for bit", arguments: scenarios)
  func stepByStep(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let model = try StreamingClassifier(network)
    #expect(model.inputSize == scenario.input && model.classCount == scenario.classes)
    let probability = try network.probabilitiesOverTime(for: scenario.data)
    let logits = try network.logits(for: scenario.data)
    for sample in stride(from: 0, to: scenario.batch, by: scenario.batch > 20 ? 5 : 1) {
      var stream = model.makeStream()
      for t in 0..<scenario.data.lengths[sample] {
        try model.step(scenario.features(sample, t), &stream)
        let expected = probability.selecting([sample]).steps(t..<t + 1)
        #expect(bitMismatch(of: stream.probabilities, with: expected.values) == nil, "sequence \(sample), step \(t)")
      }
      #expect(stream.stepCount == scenario.data.lengths[sample])
      let expected = stream.stepCount == 0 ? Tensor(zeros: [1, scenario.classes]) : logits.selecting([sample])
      #expect(bitMismatch(of: stream.logits, with: expected.values) == nil, "sequence \(sample)")
    }
  }

  @Test("a whole sequence at once, or in parts, is the same as its steps", arguments: scenarios)
  func wholeIsSteps(scenario: ClassifierScenario) throws {
    let model = try StreamingClassifier(scenario.network())
    let sample = try #require(scenario.data.lengths.firstIndex(of: scenario.steps))
    var (steps, whole, parts) = (model.makeStream(), model.makeStream(), model.makeStream())
    let rows = (0..<scenario.steps).map { scenario.features(sample, $0) }
    for row in rows { try model.step(row, &steps) }
    try model.run(rows.flatMap { $0 }, &whole)
    try model.run(Array(rows[0]), &parts)
    try model.run([], &parts)
    try model.run(rows[1...].flatMap { $0 }, &parts)
    for stream in [whole, parts] {
      #expect(bitMismatch(of: stream.logits, with: steps.logits) == nil)
      #expect(stream.stepCount == scenario.steps)
    }
  }

  @Test("a stream that is reset is a fresh one, and its copies keep what they saw", arguments: scenarios)
  func reset(scenario: ClassifierScenario) throws {
    let model = try StreamingClassifier(scenario.network())
    let rows = (0..<scenario.steps).map { scenario.features(0, $0).map { $0.isNaN ? 1 : $0 } }
    var (stream, fresh) = (model.makeStream(), model.makeStream())
    for row in rows { try model.step(row.map { 2 * $0 }, &stream) }
    let copy = stream
    stream.reset()
    #expect(stream.stepCount == 0 && stream.logits.allSatisfy { $0 == 0 })
    try model.run(rows.flatMap { $0 }, &stream)
    try model.run(rows.flatMap { $0 }, &fresh)
    #expect(bitMismatch(of: stream.logits, with: fresh.logits) == nil)
    #expect(copy.stepCount == scenario.steps)
    #expect(scenario.steps == 1 || copy.logits != fresh.logits)
  }

  @Test("a copy of a stream goes its own way, and a model keeps the weights it was made from")
  func values() throws {
    let scenario = ClassifierScenario.all[1]
    var network = scenario.network()
    let model = try StreamingClassifier(network)
    var stream = model.makeStream()
    try model.step([0.5, -1, 2], &stream)
    var copy = stream
    try model.step([1, 1, 1], &copy)
    try model.step([0, 2, -2], &stream)
    var optimizer = SGD(learningRate: 1)
    network.train(on: scenario.data, with: &optimizer)
    for (found, last) in [(copy, [1, 1, 1]), (stream, [0, 2, -2])] as [(StreamingClassifier.Stream, [Float])] {
      var fresh = model.makeStream()
      try model.run([0.5, -1, 2] + last, &fresh)
      #expect(bitMismatch(of: found.logits, with: fresh.logits) == nil)
    }
    #expect(try StreamingClassifier(network).logits(of: [0.5, -1, 2]) != model.logits(of: [0.5, -1, 2]))
  }
}

extension ClassifierScenario {
  fileprivate func features(_ sample: Int, _ step: Int) -> [Float] {
    inputs.selecting([sample]).steps(step..<step + 1).values
  }
}

extension StreamingClassifier {
  fileprivate func logits(of sequence: [Float]) throws -> [Float] {
    var stream = makeStream()
    try run(sequence, &stream)
    return stream.logits
  }
}
