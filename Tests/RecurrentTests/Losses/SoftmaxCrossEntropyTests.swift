import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// Smoothed labels and weighted classes: PyTorch's numbers, and the same in the parts and in a training step.
@Suite struct SoftmaxCrossEntropyTests {
  @Test("loss and gradient are PyTorch's", arguments: Fixtures.learning.losses)
  func stored(fixture: LearningFixture.Loss) {
    let file = Fixtures.learning
    let (loss, gradient) = fixture.function(file.logits, file.labels)
    #expect(mismatch(of: [loss], with: [fixture.loss], within: Tolerance.storedReference) == nil)
    #expect(mismatch(of: gradient, with: fixture.gradient, within: Tolerance.storedReference) == nil)
  }

  /// Losses whose settings all show, for the scenarios' numbers of classes.
  static func losses(classCount: Int) -> [SoftmaxCrossEntropy] {
    let weights: [Float] = (0..<classCount).map { $0 == 1 ? 0.25 : 0.5 + Float($0) }
    return [
      SoftmaxCrossEntropy(labelSmoothing: 0.1), SoftmaxCrossEntropy(classWeights: weights),
      SoftmaxCrossEntropy(labelSmoothing: 0.3, classWeights: weights),
    ]
  }

  @Test(
    "a step's loss and update are those of the parts", arguments: ClassifierScenario.all.filter { !$0.readsInReverse })
  func step(scenario: ClassifierScenario) throws {
    for loss in Self.losses(classCount: scenario.classes) {
      var network = scenario.network()
      let before = network.parameters
      var optimizer = SGD(learningRate: 1)
      let result = try network.train(on: [scenario.data], with: &optimizer, loss: .crossEntropy(loss))
      let point = before.values.map(Double.init)
      func value(_ values: [Double]) throws -> Double {
        var moved = before
        moved.values = values.map { Float($0) }
        return try Double(loss(scenario.network().with(moved).logits(for: scenario.data), scenario.labels).loss)
      }
      #expect(try mismatch(of: [result.loss], with: [value(point)], within: scenario.tolerance) == nil)
      // Logits by the network, the rest by the parts.
      let start = scenario.network()
      let last = start.stack.forward(scenario.inputs, lengths: scenario.lengths).outputs
        .last(lengths: scenario.lengths)
      let logitGradient = loss(start.head(last), scenario.labels).gradient
      let expected = start.head.gradients(inputs: last, outputGradient: logitGradient)
      let change = zip(before["head.weight"].values, network.parameters["head.weight"].values).map { $0 - $1 }
      #expect(mismatch(of: change, with: expected.parameters["weight"].values.map(Double.init), within: 1e-5) == nil)
      let biasChange = zip(before["head.bias"].values, network.parameters["head.bias"].values).map { $0 - $1 }
      #expect(mismatch(of: biasChange, with: expected.parameters["bias"].values.map(Double.init), within: 1e-5) == nil)
    }
  }

  @Test("every element of the gradient is the central difference of the loss", arguments: ClassifierScenario.all)
  func centralDifferences(scenario: ClassifierScenario) throws {
    for loss in Self.losses(classCount: scenario.classes) {
      var network = scenario.network()
      let reference = scenario.reference(network, loss: loss.reference(scenario.labels))
      let before = network.parameters
      var optimizer = Gradients()
      try network.train(on: [scenario.data], with: &optimizer, loss: .crossEntropy(loss))
      for entry in before.entries {
        let gradient = try #require(optimizer.gradients[entry.name])
        let difference = CentralDifference.mismatch(
          of: gradient, at: reference[entry.name], within: 10 * scenario.tolerance
        ) { point in
          var moved = reference
          moved.values[entry.name] = point
          return moved.meanLoss()
        }
        #expect(difference == nil, "\(entry.name): \(difference ?? "")")
      }
    }
  }

  @Test("a loss of every step has the same settings: that of all labelled steps at once")
  func everyStep() {
    let logits = ClosedForm.chirp.tensor(3, [3, 4, 5], scale: 2)
    let labels = [[0, 3], [], [4, 1, 2, 2]]
    let steps = logits.selecting([0]).steps(0..<2).values + logits.selecting([2]).values
    for loss in Self.losses(classCount: 5) {
      let expected = loss(Tensor(known: [6, 5], values: steps), labels.flatMap { $0 })
      let found = loss(logits, labels)
      #expect(found.loss == expected.loss && found.loss != SoftmaxCrossEntropy()(logits, labels).loss)
      let gradient = found.gradient
      #expect(
        gradient.selecting([0]).steps(0..<2).values + gradient.selecting([2]).values == expected.gradient.values)
    }
  }

  @Test("a loss with settings of no effect is the plain one, bit for bit")
  func plain() throws {
    let scenario = ClassifierScenario.larger[0]
    var (network, other) = (scenario.network(), scenario.network())
    var (optimizer, otherOptimizer) = (SGD(learningRate: 0.5), SGD(learningRate: 0.5))
    let ones = SoftmaxCrossEntropy(classWeights: Array(repeating: 1, count: scenario.classes))
    for _ in 0..<2 {
      let result = try network.train(on: [scenario.data], with: &optimizer, loss: .crossEntropy(ones))
      #expect(try result.loss == other.train(on: scenario.data, with: &otherOptimizer).loss)
    }
    #expect(bitMismatch(of: network.parameters, with: other.parameters) == nil)
  }

  @Test("a loss of one step does not stay for the next")
  func forgotten() throws {
    let scenario = ClassifierScenario.larger[0]
    var network = scenario.network()
    let plain = try network.gradient(on: scenario.data)
    var optimizer = SGD(learningRate: 0)
    for loss in Self.losses(classCount: scenario.classes) {
      let result = try network.train(on: [scenario.data], with: &optimizer, loss: .crossEntropy(loss))
      #expect(result.loss != plain.result.loss)
      let again = try network.gradient(on: scenario.data)
      #expect(again.result == plain.result)
      #expect(bitMismatch(of: again.gradient, with: plain.gradient) == nil)
    }
  }
}

/// Keeps the gradient of a step, and changes nothing.
private struct Gradients: Optimizer {
  var learningRate: Float = 0
  private(set) var gradients: [String: [Float]] = [:]

  mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
    gradients[name] = gradient.indices.map { gradient[$0] }
  }
}
