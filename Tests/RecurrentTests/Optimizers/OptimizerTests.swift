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

  @Test("denormal numbers count as zero on the calling thread as on a pool")
  func denormals() {
    // More parameters than one thread updates alone, and fewer; and one tensor by its name.
    for count in [40_000, 100] {
      var parameters = Parameters([("w", [count])])
      let gradient = parameters.mapValues { _ in Float.leastNormalMagnitude / 8 }
      var optimizer = SGD(learningRate: 1)
      optimizer.update(&parameters, with: gradient)
      #expect(parameters.values.allSatisfy { $0 == 0 }, "\(count) parameters")
    }
    var values = [Float](repeating: 0, count: 20)
    let gradient = [Float](repeating: Float.leastNormalMagnitude / 8, count: 20)
    var optimizer = SGD(learningRate: 1)
    var span = values.mutableSpan
    optimizer.update(&span, gradient: gradient.span, named: "w")
    #expect(values.allSatisfy { $0 == 0 })
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
      let expected = zip(before.values, gradient.values).map { w, g -> Double in
        let step = 0.125 * Double(g)
        return Double(w) - step / (Double(g.magnitude) + 0.01)
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

  @Test("a copy of any optimiser goes its own way", arguments: Optimizers.all)
  func copiesOfAll(make: Optimizers) {
    var (parameters, _) = Self.problem(0)
    var optimizer: any Optimizer = make.make()
    for step in 1...3 { optimizer.update(&parameters, with: Self.problem(step).gradient) }
    var (copy, others) = (optimizer, parameters)
    copy.update(&others, with: Self.problem(4).gradient)
    optimizer.update(&parameters, with: Self.problem(5).gradient)
    for (found, last) in [(others, 4), (parameters, 5)] {
      var (expected, _) = Self.problem(0)
      var fresh: any Optimizer = make.make()
      for step in [1, 2, 3, last] { fresh.update(&expected, with: Self.problem(step).gradient) }
      #expect(bitMismatch(of: found, with: expected) == nil)
    }
    #expect(bitMismatch(of: others, with: parameters) != nil)
  }

  @Test("a learning rate can be changed at any time", arguments: Optimizers.all)
  func changedRate(make: Optimizers) {
    var (parameters, gradient) = Self.problem(1)
    var optimizer: any Optimizer = make.make()
    optimizer.update(&parameters, with: gradient)
    let after = parameters
    optimizer.learningRate = 0
    #expect(optimizer.learningRate == 0)
    optimizer.update(&parameters, with: gradient)
    #expect(bitMismatch(of: parameters, with: after) == nil)
  }

  @Test("every thread count takes the same steps with every optimiser, bit for bit", arguments: Optimizers.all)
  func threads(make: Optimizers) {
    let scenario = ClassifierScenario.larger[0]
    func train(_ threads: Int) -> Parameters {
      var network = scenario.network(threads: ThreadPool(threads: threads))
      func steps(_ optimizer: some Optimizer) throws {
        var optimizer = optimizer
        for _ in 0..<3 { try network.train(on: scenario.data, with: &optimizer) }
      }
      do { try steps(make.make()) } catch { Issue.record(error) }
      return network.parameters
    }
    let alone = train(1)
    #expect(bitMismatch(of: alone, with: scenario.network().parameters) != nil)
    for threads in [2, 3, 7] { #expect(bitMismatch(of: train(threads), with: alone) == nil, "\(threads) threads") }
  }

  @Test("steps do not depend on how many parameters there are", arguments: Optimizers.all)
  func tails(make: Optimizers) {
    // Vector tails of every length: each element is what it is alone.
    for count in 1...33 {
      var parameters = Parameters([("w", [count])])
      parameters["w"] = ClosedForm.chirp.tensor(0, [count])
      var gradient = parameters.zeros
      gradient["w"] = ClosedForm.chirp.tensor(1, [count])
      var optimizer: any Optimizer = make.make()
      optimizer.update(&parameters, with: gradient)
      var (whole, wholeGradient) = (Parameters([("w", [40])]), Parameters([("w", [40])]))
      whole["w"] = ClosedForm.chirp.tensor(0, [40])
      wholeGradient["w"] = ClosedForm.chirp.tensor(1, [40])
      var other: any Optimizer = make.make()
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

/// Every optimiser, with every setting that is off by default.
struct Optimizers: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable () -> any Optimizer

  static let all = [
    Self(testDescription: "SGD") { SGD(learningRate: 0.1) },
    Self(testDescription: "SGD with momentum") { SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1) },
    Self(testDescription: "SGD with Nesterov") { SGD(learningRate: 0.1, momentum: 0.9, isNesterov: true) },
    Self(testDescription: "RMSProp") { RMSProp(learningRate: 0.1, weightDecay: 0.1) },
    Self(testDescription: "Adagrad") { Adagrad(learningRate: 0.1, initialSum: 0.1, weightDecay: 0.1) },
    Self(testDescription: "Adam") { Adam(learningRate: 0.1, weightDecay: 0.1) },
    Self(testDescription: "AdamW") { AdamW(learningRate: 0.1) },
    Self(testDescription: "Nadam") { Nadam(learningRate: 0.1, weightDecay: 0.1) },
    Self(testDescription: "Lion") { Lion(learningRate: 0.1, weightDecay: 0.1) },
  ]
}

extension OptimizerFixture {
  fileprivate func make() throws -> any Optimizer {
    func option(_ name: String) throws -> Float { try #require(options[name], "\(name)") }
    let learningRate = try option("learningRate")
    let decay = options["weightDecay"] ?? 0
    switch optimizer {
    case "sgd":
      return SGD(
        learningRate: learningRate, momentum: options["momentum"] ?? 0, isNesterov: options["isNesterov"] == 1,
        weightDecay: decay)
    case "rmsprop":
      return RMSProp(
        learningRate: learningRate, alpha: try option("alpha"), epsilon: try option("epsilon"), weightDecay: decay)
    case "adagrad":
      return Adagrad(
        learningRate: learningRate, initialSum: try option("initialSum"), epsilon: try option("epsilon"),
        weightDecay: decay)
    case "lion":
      return Lion(
        learningRate: learningRate, beta1: try option("beta1"), beta2: try option("beta2"), weightDecay: decay)
    default: break
    }
    let (beta1, beta2, epsilon) = (try option("beta1"), try option("beta2"), try option("epsilon"))
    switch optimizer {
    case "adam":
      return Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay)
    case "adamw":
      return AdamW(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay)
    default:
      try #require(optimizer == "nadam")
      return Nadam(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay,
        momentumDecay: try option("momentumDecay"))
    }
  }
}
