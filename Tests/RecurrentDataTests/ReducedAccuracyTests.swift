import Recurrent
import RecurrentData
import Testing

/// What weights of reduced precision cost the notebook's network.
@Suite struct ReducedAccuracyTests {
  @Test("trained on digits, it loses less than 0.2 points of accuracy", .timeLimit(.minutes(30)))
  func digits() throws {
    let digits = BuiltInDigits.draw(training: 2000, validation: 1, test: 2000, seed: 5)
    var model = SequenceModel(
      .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 1)
    var optimizer = Adam(learningRate: 0.005)
    for _ in 0..<20 {
      for batch in digits.training.batches(of: 100) { _ = try model.train(on: batch, with: &optimizer) }
    }
    let (expected, logits) = try (model.evaluate(on: digits.test), model.logits(for: digits.test.wholeBatch).values)
    #expect(expected.accuracy > 0.85, "trained well enough to lose something: \(expected.accuracy)")
    for (precision, allowed) in [(WeightPrecision.bf16, 0.05), (.int8, 0.1)] {
      let reduced = try model.reduced(to: precision)
      let found = try reduced.evaluate(on: digits.test)
      #expect(abs(found.accuracy - expected.accuracy) <= 0.002, "\(precision): \(found), not \(expected)")
      #expect(abs(found.loss - expected.loss) < 0.01, "\(precision): \(found), not \(expected)")
      // Logits are some units wide: the error is small on average, though one near a corner of a gate may be larger.
      let values = try reduced.logits(for: digits.test.wholeBatch).values
      let error = zip(values, logits).reduce(0) { $0 + Double(abs($1.0 - $1.1)) } / Double(logits.count)
      #expect(error < allowed, "\(precision): \(error)")
    }
  }
}
