@testable import Recurrent
import TestSupport
import Testing

/// A step over several batches is the step over one large batch, up to rounding.
@Suite struct GradientAccumulationTests {
  @Test(
    "batches of any sizes add up to the whole", arguments: ClassifierScenario.larger,
    [[1], [17], [9, 10], [3, 20, 22]])
  func parts(scenario: ClassifierScenario, cuts: [Int]) throws {
    let bounds = [0] + cuts + [scenario.batch]
    let batches = zip(bounds, bounds.dropFirst()).map { scenario.data.dataset.batch($0..<$1) }
    let losses =
      [SoftmaxCrossEntropy()] + SoftmaxCrossEntropyTests.losses(classCount: scenario.classes)
    for loss in losses {
      var (network, other) = (scenario.network(), scenario.network())
      var (optimizer, otherOptimizer) = (SGD(learningRate: 1), SGD(learningRate: 1))
      for _ in 0..<2 {
        let before = other.parameters
        let result = try network.train(on: batches, with: &optimizer, loss: .crossEntropy(loss))
        let whole = try other.train(on: [scenario.data], with: &otherOptimizer, loss: .crossEntropy(loss))
        #expect(mismatch(of: [result.loss], with: [Double(whole.loss)], within: Tolerance.afterRoundings(4)) == nil)
        #expect(result.accuracy == whole.accuracy)
        let (change, expected) = (network.parameters - before, other.parameters - before)
        // Weights are rounded to about 2⁻²⁴, their changes are about a tenth of them.
        #expect(
          mismatch(of: change.values, with: expected.values.map(Double.init), within: 10 * scenario.tolerance) == nil)
        network.parameters = other.parameters
      }
    }
  }

  @Test("a step over one batch is a step on it, bit for bit", arguments: ClassifierScenario.larger)
  func one(scenario: ClassifierScenario) throws {
    var (network, other) = (scenario.network(), scenario.network())
    var (optimizer, otherOptimizer) = (Adam(learningRate: 0.01), Adam(learningRate: 0.01))
    // Several batches before, so that something is left behind.
    try network.train(
      on: [scenario.data, scenario.data.dataset.batch(0..<3)], with: &optimizer, clipping: .norm(0.1))
    network.parameters = other.parameters
    optimizer = otherOptimizer
    for _ in 0..<3 {
      let result = try network.train(on: [scenario.data], with: &optimizer)
      let expected = try other.train(on: scenario.data, with: &otherOptimizer)
      #expect(result.loss == expected.loss && result.accuracy == expected.accuracy)
    }
    #expect(bitMismatch(of: network.parameters, with: other.parameters) == nil)
  }

  /// Both directions, a residual layer, and noise of every kind.
  private static func noisyNetwork(threads: Int = 2) -> SequenceModel {
    let noise = Regularization(
      dropout: 0.3, recurrentDropout: 0.2, hiddenZoneout: 0.1, stateZoneout: 0.2, weightDrop: 0.4)
    let gru = GRUCell(hiddenSize: 10, resetAfter: false)
    var network = SequenceModel(
      .init(
        input: .features(3),
        layers: [
          .bidirectional(LSTMCell(hiddenSize: 5), ElmanCell(hiddenSize: 5)),
          LayerConfiguration(gru).residual(),
        ].map { $0.regularized(noise) }, output: .classes(10)), threads: ThreadPool(threads: threads))
    network.parameters.fillWithChirps()
    return network
  }

  @Test("each batch has masks of its own, and none for weights that were dropped")
  func noise() throws {
    let scenario = ClassifierScenario.larger[0]
    let batches = [0..<9, 9..<30, 30..<50].map { scenario.data.dataset.batch($0) }
    var network = Self.noisyNetwork()
    let before = network
    var masks = network.maskSeeds
    var expected = Array(repeating: 0.0, count: network.parameters.count)
    for batch in batches {
      let gradient = try network.gradient(on: batch, seed: masks.next()).gradient
      for (i, g) in gradient.values.enumerated() { expected[i] += Double(g) * Double(batch.count) / 50 }
    }
    var optimizer = SGD(learningRate: 1)
    try network.train(on: batches, with: &optimizer)
    let change = zip(before.parameters.values, network.parameters.values).map { $0 - $1 }
    #expect(mismatch(of: change, with: expected, within: 1e-4) == nil)
    // The next step goes on from where the masks were left.
    #expect(network.maskSeeds.next() == masks.next())
  }

  @Test("steps with noise are the same over one batch or on it, and on any number of threads, bit for bit")
  func noiseOfOne() throws {
    let scenario = ClassifierScenario.larger[0]
    var (network, other) = (Self.noisyNetwork(threads: 3), Self.noisyNetwork(threads: 1))
    var (optimizer, otherOptimizer) = (Adam(learningRate: 0.01), Adam(learningRate: 0.01))
    for _ in 0..<3 {
      let result = try network.train(on: [scenario.data], with: &optimizer)
      #expect(try result.loss == other.train(on: scenario.data, with: &otherOptimizer).loss)
    }
    #expect(bitMismatch(of: network.parameters, with: other.parameters) == nil)
  }
}
