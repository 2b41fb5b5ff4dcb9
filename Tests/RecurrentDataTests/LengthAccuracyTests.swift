import Foundation
import Recurrent
import Testing

@testable import RecurrentData

/// Accuracy by length.
@Suite struct LengthAccuracyTests {
  /// A network for parity whose weights are set by hand, and which is right at any length.
  ///
  /// ```
  /// h₀ = x OR p, h₁ = x AND p, with p = h₀ - h₁ the parity before; the parity is h₀ - h₁
  /// ```
  private func parity() throws -> SequenceModel {
    var model = SequenceModel(SequenceTask.parity.configuration(layers: .elman(2)))
    // tanh(±20) is ±1: a unit is 1 if the sum of x ∈ {0, 1} and (h₀ - h₁) / 2 ∈ {0, 1} exceeds its threshold.
    model.parameters["weight_ih_l0"] = try tensor([2, 2], [0, 40, 0, 40])
    model.parameters["weight_hh_l0"] = try tensor([2, 2], [20, -20, 20, -20])
    model.parameters["bias_ih_l0"] = try tensor([2], [-20, -60])
    model.parameters["head.weight"] = try tensor([2, 2], [-1, 1, 1, -1])
    model.parameters["head.bias"] = try tensor([2], [1, -1])
    return model
  }

  private func tensor(_ shape: [Int], _ values: [Float]) throws -> Tensor { try Tensor(shape: shape, values: values) }

  @Test("a network that knows the rule is right at every length")
  func perfect() throws {
    let accuracy = try LengthAccuracy(of: parity(), on: .parity, lengths: [1, 40, 2048], count: 7, seed: 0)
    #expect(accuracy.scores.map(\.length) == [1, 40, 2048])
    for score in accuracy.scores {
      #expect(score.accuracy == 1 && score.sequenceAccuracy == 1 && score.isSolved(.parity))
      #expect(score.sequenceCount == 7 && score.targetCount == 7 * score.length)
    }
  }

  @Test("steps and sequences are counted apart, as the predictions one by one have them")
  func counts() throws {
    var model = try parity()
    // The head leans so far to one side that it always predicts an even number.
    model.parameters["head.bias"] = try tensor([2], [2.5, -2.5])
    let score = try LengthAccuracy(of: model, on: .parity, lengths: [3], count: 64, seed: 4).scores[0]
    let data = try SequenceTask.parity.dataset(count: 64, length: 3, seed: 4)
    let evaluations = try (0..<64).map { try model.evaluate(on: data[$0..<$0 + 1]) }
    #expect(score.correctTargets == evaluations.reduce(0) { $0 + $1.correct })
    #expect(score.correctSequences == evaluations.count { $0.correct == 3 })
    #expect(score.correctSequences > 0 && score.correctSequences < 64)
    #expect(!score.isSolved(.parity))
  }

  @Test("sequences drawn and read in groups are those of a whole", arguments: [SequenceTask.s5, .flipflop, .adding])
  func groups(task: SequenceTask) throws {
    let model = SequenceModel(task.configuration(layers: .gru(4)), seed: 1)
    // The outputs of a group of s5 are those of 17 sequences of 512 steps.
    let whole = try LengthAccuracy(of: model, on: task, lengths: [512], count: 20, seed: 9).scores[0]
    let parts = try [0..<15, 15..<20].map {
      try LengthAccuracy(of: model, on: task, lengths: [512], count: $0.count, seed: 9, from: $0.lowerBound).scores[0]
    }
    let evaluation = try model.evaluate(on: task.dataset(count: 20, length: 512, seed: 9))
    #expect(whole.targetCount == parts.reduce(0) { $0 + $1.targetCount } && whole.targetCount == evaluation.count)
    #expect(whole.correctTargets == parts.reduce(0) { $0 + $1.correctTargets })
    #expect(abs(whole.squaredError - parts.reduce(0) { $0 + $1.squaredError }) < 1e-9)
    #expect(abs(whole.evaluation.loss - evaluation.loss) < 1e-6 && whole.evaluation.count == evaluation.count)
    if task == .adding {
      #expect(abs(whole.meanSquaredError - evaluation.loss) < 1e-6)
    } else {
      #expect(whole.correctTargets == evaluation.correct)
    }
  }

  @Test("a sum is correct within 0.04, and solved with a mean squared error below 0.01")
  func sums() throws {
    // A network that predicts 1 whatever it reads.
    var model = SequenceModel(SequenceTask.adding.configuration(layers: .elman(1)))
    model.parameters["head.weight"] = try tensor([1, 1], [0])
    model.parameters["head.bias"] = try tensor([1], [1])
    let score = try LengthAccuracy(of: model, on: .adding, lengths: [10], count: 20_000, seed: 0).scores[0]
    #expect(abs(score.meanSquaredError - 1.0 / 6) < 0.01)
    #expect(abs(score.accuracy - SequenceTask.adding.chance) < 0.01)
    #expect(score.accuracy == score.sequenceAccuracy && !score.isSolved(.adding))
  }

  @Test("NaN is no correct prediction")
  func notANumber() throws {
    var model = try parity()
    model.parameters["head.bias"] = try tensor([2], [.nan, .nan])
    let score = try LengthAccuracy(of: model, on: .parity, lengths: [4], count: 5, seed: 0).scores[0]
    #expect(score.correctTargets == 0 && score.correctSequences == 0)
  }

  @Test("a network for another task is refused")
  func otherNetwork() throws {
    #expect(throws: InputError.self) { try LengthAccuracy(of: parity(), on: .s3, lengths: [4], count: 1, seed: 0) }
    // Reads as parity does, but has fewer classes than its targets.
    #expect(throws: InputError.self) { try LengthAccuracy(of: parity(), on: .s5, lengths: [40], count: 1, seed: 0) }
  }

  @Test("scores go through JSON")
  func coding() throws {
    let accuracy = try LengthAccuracy(of: parity(), on: .parity, lengths: [4, 8], count: 5, seed: 0)
    #expect(try JSONDecoder().decode(LengthAccuracy.self, from: JSONEncoder().encode(accuracy)) == accuracy)
  }
}
