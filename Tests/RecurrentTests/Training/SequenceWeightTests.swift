import Recurrent
import TestSupport
import Testing

/// Weights of sequences: factors of their loss in training.
@Suite struct SequenceWeightTests {
  private static let inputs: [Float] = [0.3, -0.2, 0.9, 0.1, -0.5, 0.4, 0.7, 0.2]
  private static let targets: [Float] = [0.5, -1, .nan, 2, 1, 0.5, -0.5, 0.25]

  private static func dataset(_ sequences: Range<Int>, weights: [Float]?) throws -> SequenceDataset {
    let range = sequences.lowerBound * 4..<sequences.upperBound * 4
    var targets = SequenceTargets.values(Array(Self.targets[range]), size: 1, everyStep: true)
    if let weights { targets = targets.weighted(by: weights) }
    return try SequenceDataset(
      .floats(Array(inputs[range]), features: 1), targets: targets, stepCount: 4, count: sequences.count)
  }

  private static func trained(
    on data: SequenceDataset, _ loss: Loss
  ) throws -> (loss: Float, weights: [Float]) {
    var model = SequenceModel(
      .init(input: .features(1), layers: .gru(5), readout: .everyStep, output: .values(1)), seed: 3)
    var rule = SGD(learningRate: 0.5)
    let result = try model.train(on: data.wholeBatch, with: &rule, loss: loss)
    return (result.loss, model.parameters.values)
  }

  @Test(
    "a sequence of weight 0 adds nothing to loss and gradient, and counts in the mean",
    arguments: [Loss.squared, .absolute])
  func zero(_ loss: Loss) throws {
    // Of 7 numbers the first sequence has 3: with the weight 7/3 its own mean comes out.
    let weighted = try Self.trained(on: Self.dataset(0..<2, weights: [7.0 / 3, 0]), loss)
    let alone = try Self.trained(on: Self.dataset(0..<1, weights: nil), loss)
    #expect(abs(weighted.loss - alone.loss) < 1e-6)
    #expect(zip(weighted.weights, alone.weights).allSatisfy { abs($0 - $1) < 1e-6 })
    let other = try Self.trained(on: Self.dataset(0..<2, weights: [1, 1]), loss)
    #expect(zip(other.weights, alone.weights).contains { abs($0 - $1) > 1e-4 }, "so the comparison can fail")
  }

  @Test("weights of 1 change no bit, and batches of some sequences take their own weights")
  func ones() throws {
    let plain = try Self.trained(on: Self.dataset(0..<2, weights: nil), .squared)
    let ones = try Self.trained(on: Self.dataset(0..<2, weights: [1, 1]), .squared)
    #expect(plain.loss == ones.loss && plain.weights == ones.weights)
    let second = try Self.trained(on: Self.dataset(0..<2, weights: [5, 1])[1..<2], .squared)
    let own = try Self.trained(on: Self.dataset(1..<2, weights: nil), .squared)
    #expect(second.weights == own.weights)
  }

  @Test("what is measured has no weights, and as many weights as sequences are needed")
  func measured() throws {
    let model = SequenceModel(
      .init(input: .features(1), layers: .gru(5), readout: .everyStep, output: .values(1)), seed: 3)
    let plain = try model.evaluate(on: Self.dataset(0..<2, weights: nil))
    #expect(try model.evaluate(on: Self.dataset(0..<2, weights: [9, 0])) == plain)
    #expect(throws: InputError.self) { _ = try Self.dataset(0..<2, weights: [1]) }
  }
}
