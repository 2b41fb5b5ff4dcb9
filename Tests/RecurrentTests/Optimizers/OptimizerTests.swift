import Recurrent
import TestSupport
import Testing

/// Optimisers against stored PyTorch values, their own formulas, and what value semantics promise.
@Suite struct OptimizerTests {
  @Test("every step of the way is PyTorch's", arguments: Fixtures.optimizers.cases)
  func stored(fixture: OptimizerFixture) throws {
    let file = Fixtures.optimizers
    var optimizer = try fixture.make()
    var parameters = Parameters([("w", [file.count])])
    parameters["w"] = ClosedForm.wave.tensor(0, [file.count], scale: file.weightScale)
    var gradient = parameters.zeros
    for step in 0..<file.steps {
      gradient["w"] = ClosedForm.wave.tensor(step + 1, [file.count], scale: fixture.gradientScale)
      optimizer.update(&parameters, with: gradient)
      #expect(
        mismatch(of: parameters["w"], with: fixture.expected.weights[step], within: Tolerance.storedReference) == nil,
        "step \(step)")
    }
  }

  @Test("a step of descent is w - η g")
  func descent() {
    var (parameters, gradient) = Self.problem(0)
    let before = parameters
    var optimizer = SGD(learningRate: 0.25)
    optimizer.update(&parameters, with: gradient)
    let expected = zip(before.values, gradient.values).map { Double($0) - 0.25 * Double($1) }
    #expect(mismatch(of: parameters.values, with: expected, within: Tolerance.afterRoundings(2)) == nil)
    // The rate can be changed at any time.
    optimizer.learningRate = 0
    gradient = Self.problem(1).gradient
    let after = parameters
    optimizer.update(&parameters, with: gradient)
    #expect(bitMismatch(of: parameters, with: after) == nil)
  }

  @Test("Adam's first step is w - η g / (|g| + ε), whatever its means forget")
  func adamFirstStep() {
    for (beta1, beta2) in [(0.9, 0.999), (0.5, 0.7), (0, 0)] as [(Float, Float)] {
      var (parameters, gradient) = Self.problem(2)
      let before = parameters
      var optimizer = Adam(learningRate: 0.125, beta1: beta1, beta2: beta2, epsilon: 0.01)
      optimizer.update(&parameters, with: gradient)
      let expected = zip(before.values, gradient.values).map { w, g in
        Double(w) - 0.125 * Double(g) / (Double(g).magnitude + 0.01)
      }
      #expect(mismatch(of: parameters.values, with: expected, within: Tolerance.afterRoundings(8)) == nil)
      #expect(optimizer.stepCount == 1)
    }
  }

  @Test("Adam follows the paper's algorithm in Double, each setting with its own effect", arguments: [0, 1, 2, 3, 4])
  func adamInDouble(setting: Int) {
    let learningRate = setting == 1 ? 0.05 : 0.01
    let (beta1, beta2) = (setting == 2 ? 0.5 : 0.9, setting == 3 ? 0.9 : 0.999)
    let epsilon = setting == 4 ? 0.1 : 1e-8
    var optimizer = Adam(
      learningRate: Float(learningRate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon))
    var parameters = Self.problem(0).parameters
    var weights = parameters.values.map(Double.init)
    var (first, second) = (weights.map { _ in 0.0 }, weights.map { _ in 0.0 })
    for step in 1...30 {
      let gradient = Self.problem(step).gradient
      optimizer.update(&parameters, with: gradient)
      for (i, g) in gradient.values.map(Double.init).enumerated() {
        first[i] = beta1 * first[i] + (1 - beta1) * g
        second[i] = beta2 * second[i] + (1 - beta2) * g * g
        let mean = first[i] / (1 - power(beta1, step))
        let square = second[i] / (1 - power(beta2, step))
        weights[i] -= learningRate * mean / (square.squareRoot() + epsilon)
      }
    }
    // Settings are rounded to Float: β₂ = 0.999 by 1e-8, of which 1 - β₂ᵗ in the denominator makes less than 1e-5.
    #expect(mismatch(of: parameters.values, with: weights, within: 1e-5) == nil)
    #expect(optimizer.stepCount == 30)
  }

  @Test("a copy of an optimiser goes its own way, and so does the original")
  func copiesAreIndependent() {
    var (parameters, _) = Self.problem(0)
    var optimizer = Adam(learningRate: 0.01)
    for step in 1...3 { optimizer.update(&parameters, with: Self.problem(step).gradient) }
    let (atFork, optimizerAtFork) = (parameters, optimizer)

    var copy = optimizer
    var others = parameters
    copy.update(&others, with: Self.problem(4).gradient)
    copy.learningRate = 5
    optimizer.update(&parameters, with: Self.problem(5).gradient)
    #expect(copy.stepCount == 4 && optimizer.stepCount == 4 && optimizerAtFork.stepCount == 3)
    #expect(optimizer.learningRate == 0.01)

    // Each went the way of one that was never copied.
    for (found, last) in [(others, 4), (parameters, 5)] {
      var (expected, _) = Self.problem(0)
      var fresh = Adam(learningRate: 0.01)
      for step in [1, 2, 3, last] { fresh.update(&expected, with: Self.problem(step).gradient) }
      #expect(bitMismatch(of: found, with: expected) == nil)
    }
    // The one kept since the fork has not moved.
    var (replayed, kept) = (atFork, optimizerAtFork)
    kept.update(&replayed, with: Self.problem(4).gradient)
    #expect(bitMismatch(of: replayed, with: others) == nil)
  }

  @Test("steps do not depend on how many parameters there are")
  func tails() {
    // Vector tails of every length: each element is what it is alone.
    for count in 1...33 {
      var parameters = Parameters([("w", [count])])
      parameters["w"] = ClosedForm.chirp.tensor(0, [count])
      var gradient = parameters.zeros
      gradient["w"] = ClosedForm.chirp.tensor(1, [count])
      var optimizer = Adam(learningRate: 0.1)
      optimizer.update(&parameters, with: gradient)
      var (whole, wholeGradient) = (Parameters([("w", [40])]), Parameters([("w", [40])]))
      whole["w"] = ClosedForm.chirp.tensor(0, [40])
      wholeGradient["w"] = ClosedForm.chirp.tensor(1, [40])
      var other = Adam(learningRate: 0.1)
      other.update(&whole, with: wholeGradient)
      #expect(bitMismatch(of: parameters.values, with: Array(whole.values[..<count])) == nil, "\(count)")
    }
  }

  /// Weights and a gradient in closed form, the gradient another for each step.
  private static func problem(_ step: Int) -> (parameters: Parameters, gradient: Parameters) {
    var parameters = Parameters([("a", [5, 3]), ("b", [4])])
    parameters.fillWithChirps()
    var gradient = parameters.zeros
    gradient["a"] = ClosedForm.chirp.tensor(10 + step, [5, 3])
    gradient["b"] = ClosedForm.chirp.tensor(110 + step, [4])
    return (parameters, gradient)
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

extension OptimizerFixture {
  fileprivate func make() throws -> any Optimizer {
    let learningRate = try #require(options["learningRate"])
    if optimizer == "sgd" { return SGD(learningRate: learningRate) }
    try #require(optimizer == "adam")
    return Adam(
      learningRate: learningRate, beta1: try #require(options["beta1"]), beta2: try #require(options["beta2"]),
      epsilon: try #require(options["epsilon"]))
  }
}
