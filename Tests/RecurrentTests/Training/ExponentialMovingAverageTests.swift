@testable import Recurrent
import TestSupport
import Testing

/// Averaged weights are PyTorch's, and take a network's place without touching it.
@Suite struct WeightAverageTests {
  @Test("every average is PyTorch's")
  func stored() {
    let fixture = Fixtures.learning.average
    func weights(_ step: Int) -> Parameters {
      var weights = Parameters([("w", [fixture.count])])
      weights["w"] = ClosedForm.wave.tensor(step, [fixture.count], scale: Fixtures.learning.weightScale)
      return weights
    }
    // Whatever it is made with does not stay.
    var average = ExponentialMovingAverage(of: weights(77), decay: fixture.decay)
    for (step, expected) in fixture.averages.enumerated() {
      average.update(with: weights(step))
      #expect(average.updateCount == step + 1)
      #expect(mismatch(of: average.parameters.values, with: expected, within: Tolerance.storedReference) == nil)
    }
  }

  @Test("an average is a value")
  func value() {
    let scenario = ClassifierScenario.all[1]
    let network = scenario.network()
    var average = ExponentialMovingAverage(of: network.parameters, decay: 0.5)
    average.update(with: network.parameters)
    let copy = average
    average.update(with: network.parameters.zeros)
    #expect(bitMismatch(of: copy.parameters, with: network.parameters) == nil)
    #expect(average.parameters.values == network.parameters.values.map { 0.5 * $0 })
    #expect(bitMismatch(of: network.parameters, with: scenario.network().parameters) == nil)
  }

  @Test("a network with other weights is measured with them, and the first is what it was")
  func with() throws {
    let scenario = ClassifierScenario.all[1]
    let network = scenario.network()
    let before = try network.evaluate(on: scenario.data)
    let other = network.with(network.parameters.zeros)
    #expect(try other.evaluate(on: scenario.data).loss != before.loss)
    #expect(try network.evaluate(on: scenario.data) == before)
    #expect(try other.with(network.parameters).evaluate(on: scenario.data) == before)
  }
}
