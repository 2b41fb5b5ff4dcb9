@testable import Recurrent
import TestSupport
import Testing

/// Gradients are limited as PyTorch does it, before the update and the same way on any number of threads.
@Suite struct GradientClippingTests {
  @Test("clipped gradients are PyTorch's", arguments: Fixtures.learning.clippings)
  func stored(fixture: LearningFixture.Clipping) {
    let shapes = Fixtures.learning.gradientShapes
    var gradient = shapes.enumerated().flatMap { number, shape in
      ClosedForm.wave.values(number, count: shape.reduce(1, *), scale: fixture.scale)
    }
    let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect((norm - fixture.norm).magnitude < 1e-7 * norm)
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let first = gradient.baseAddress else { return }
      fixture.clipping.apply(to: first, count: gradient.count, norm: norm)
    }
    let expected = fixture.gradients.flatMap { $0 }
    #expect(mismatch(of: gradient, with: expected, within: Tolerance.storedReference) == nil)
  }

  static let clippings: [GradientClipping] = [.norm(0.05), .norm(1e6), .value(0.002), .value(1e6)]

  @Test("a step goes along the clipped gradient", arguments: ClassifierScenario.larger, clippings)
  func step(scenario: ClassifierScenario, clipping: GradientClipping) throws {
    var network = scenario.network()
    var other = network
    var (optimizer, otherOptimizer) = (SGD(learningRate: 0.5), SGD(learningRate: 0.5))
    for _ in 0..<2 {
      let (plain, gradient) = try other.gradient(on: scenario.data)
      let norm = gradient.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      var clipped = gradient
      clipped.values.withUnsafeMutableBufferPointer {
        if let first = $0.baseAddress { clipping.apply(to: first, count: $0.count, norm: norm) }
      }
      // The small limits have an effect, the large ones have none.
      #expect((clipped == gradient) == (clipping.limit > 1))
      otherOptimizer.update(&other.parameters, with: clipped)
      let result = try network.train(on: [scenario.data], with: &optimizer, clipping: clipping)
      #expect(result.loss == plain.loss && result.accuracy == plain.accuracy)
      let found = result.gradientNorm
      #expect((Double(found) - norm).magnitude < 1e-6 * norm)
      let expected = other.parameters.values.map(Double.init)
      #expect(mismatch(of: network.parameters.values, with: expected, within: Tolerance.afterRoundings(4)) == nil)
      other.parameters = network.parameters
    }
  }

  @Test("a limit that is not reached changes no bit", arguments: [GradientClipping.norm(1e6), .value(1e6)])
  func unreached(clipping: GradientClipping) throws {
    let scenario = ClassifierScenario.larger[0]
    var (network, other) = (scenario.network(), scenario.network())
    var (optimizer, otherOptimizer) = (Adam(learningRate: 0.01), Adam(learningRate: 0.01))
    for _ in 0..<3 {
      try network.train(on: [scenario.data], with: &optimizer, clipping: clipping)
      try other.train(on: scenario.data, with: &otherOptimizer)
    }
    #expect(bitMismatch(of: network.parameters, with: other.parameters) == nil)
  }

  @Test(
    "every thread count clips the same way, bit for bit", arguments: ClassifierScenario.larger,
    [GradientClipping.norm(0.05), .value(0.002)])
  func threads(scenario: ClassifierScenario, clipping: GradientClipping) throws {
    func train(_ threads: Int) throws -> (Parameters, [SequenceModel.StepResult]) {
      var network = scenario.network(threads: ThreadPool(threads: threads))
      var optimizer = Adam(learningRate: 0.01)
      let halves = [scenario.data.dataset.batch(0..<20), scenario.data.dataset.batch(20..<scenario.batch)]
      let results = try (0..<3).map { _ in
        try network.train(on: halves, with: &optimizer, clipping: clipping)
      }
      return (network.parameters, results)
    }
    let alone = try train(1)
    for threads in [2, 3, 7] {
      let several = try train(threads)
      #expect(several.1 == alone.1, "\(threads) threads")
      #expect(bitMismatch(of: several.0, with: alone.0) == nil, "\(threads) threads")
    }
  }
}
