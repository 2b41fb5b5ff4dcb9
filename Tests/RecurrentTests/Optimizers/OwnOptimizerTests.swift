import Recurrent
import TestSupport
import Testing

/// Optimisers written outside of the library, and the library's rules on one tensor at a time.
@Suite struct OwnOptimizerTests {
  @Test("a rule of one's own takes the library's steps within training", arguments: ClassifierScenario.all)
  func descent(scenario: ClassifierScenario) throws {
    var (own, builtIn) = (scenario.network(), scenario.network())
    var (optimizer, reference) = (OwnMomentum(learningRate: 0.25), SGD(learningRate: 0.25, momentum: 0.5))
    for _ in 0..<3 {
      let found = try own.train(on: scenario.data, with: &optimizer)
      let expected = try builtIn.train(on: scenario.data, with: &reference)
      #expect((found.loss - expected.loss).magnitude <= 1e-5 * max(1, expected.loss))
    }
    let expected = builtIn.parameters.values.map(Double.init)
    #expect(mismatch(of: own.parameters.values, with: expected, within: 1e-5) == nil)
    #expect(bitMismatch(of: own.parameters, with: scenario.network().parameters) != nil)
    #expect(optimizer.names.prefix(own.parameters.entries.count) == own.parameters.map(\.name)[...])
    #expect(optimizer.names.count == 3 * own.parameters.entries.count)
  }

  @Test("it gets the gradient after clipping")
  func clipping() throws {
    let scenario = ClassifierScenario.larger[0]
    var model = scenario.network()
    var optimizer = Recorder()
    let result = try model.train(on: [scenario.data], with: &optimizer, clipping: .norm(0.01))
    let norm = optimizer.gradients.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(result.gradientNorm > 0.02)
    #expect((norm - 0.01).magnitude < 1e-5)
    // What is recorded is the gradient itself, where nothing is clipped.
    optimizer = Recorder()
    try model.train(on: scenario.data, with: &optimizer)
    #expect(
      bitMismatch(of: optimizer.gradients, with: try scenario.network().gradient(on: scenario.data).gradient.values)
        == nil)
  }

  @Test("a step that is not finite does not reach it, over one batch or several")
  func notFinite() throws {
    let scenario = ClassifierScenario.larger[0]
    var model = scenario.network()
    model.parameters.values[0] = .nan
    let before = model.parameters
    var optimizer = OwnMomentum(learningRate: 1)
    #expect(throws: NonFiniteError.self) { try model.train(on: [scenario.data], with: &optimizer) }
    #expect(throws: NonFiniteError.self) { try model.train(on: scenario.data, with: &optimizer) }
    #expect(optimizer.names.isEmpty)
    #expect(model.parameters.values.map(\.bitPattern) == before.values.map(\.bitPattern))
  }

  @Test("a training loop runs with it")
  func loop() throws {
    let scenario = ClassifierScenario.larger[0]
    var model = scenario.network()
    var optimizer = OwnMomentum(learningRate: 0.1)
    let data = try SequenceDataset(
      floats: ClosedForm.chirp.tensor(1, scenario.inputs.shape).values, stepCount: scenario.steps,
      inputSize: scenario.inputs.shape[2],
      labels: scenario.labels.map(Int32.init), classCount: scenario.classes)
    let before = try model.evaluate(on: data).loss
    try TrainingLoop(epochs: 20, batchSize: 3).run(&model, optimizer: &optimizer, training: data, validation: data)
    #expect(try model.evaluate(on: data).loss < before)
  }

  @Test("the library's rules change one tensor at a time to the same bits", arguments: Optimizers.all)
  func tensorByTensor(make: Optimizers) {
    var whole = Parameters([("a", [5, 3]), ("b", [4])])
    whole.fillWithChirps()
    var parts = whole
    var optimizer: any Optimizer = make.make()
    var forwarding = Forwarding(make.make())
    for step in 0..<4 {
      var gradient = whole.zeros
      gradient["a"] = ClosedForm.chirp.tensor(10 + step, [5, 3])
      gradient["b"] = ClosedForm.chirp.tensor(110 + step, [4])
      optimizer.update(&whole, with: gradient)
      forwarding.update(&parts, with: gradient)
      #expect(bitMismatch(of: parts, with: whole) == nil, "step \(step)")
    }
  }

  @Test("one optimiser serves several parts, as it would serve one with the weights of all", arguments: Optimizers.all)
  func parts(make: Optimizers) {
    var embedding = Embedding(tokenCount: 6, size: 3, seed: 1)
    var stack = RecurrentStack(inputSize: 3, GRUCell(hiddenSize: 5), seed: 2)
    var head = Dense(inputSize: 5, outputSize: 2, seed: 3)
    func joined() -> [Float] { embedding.parameters.values + stack.parameters.values + head.parameters.values }
    var whole = Parameters([("all", Tensor(known: [joined().count], values: joined()))])
    var (optimizer, reference, own): (any Optimizer, any Optimizer, Recorder) = (make.make(), make.make(), Recorder())
    for step in 0..<3 {
      func gradient(_ parameters: Parameters, _ number: Int) -> Parameters {
        var result = parameters.zeros
        result.values = ClosedForm.chirp.tensor(10 * step + number, [parameters.count]).values
        return result
      }
      let gradients = (
        gradient(embedding.parameters, 0), gradient(stack.parameters, 1), gradient(head.parameters, 2)
      )
      optimizer.update(&embedding, &stack, &head, with: gradients.0, gradients.1, gradients.2)
      var all = whole.zeros
      all.values = gradients.0.values + gradients.1.values + gradients.2.values
      reference.update(&whole, with: all)
      #expect(bitMismatch(of: joined(), with: whole.values) == nil, "step \(step)")
      if step == 2 {
        own.update(&stack, &head, with: gradients.1, gradients.2)
        #expect(own.names == stack.parameters.map { "0." + $0.name } + ["1.weight", "1.bias"])
        #expect(own.gradients == gradients.1.values + gradients.2.values)
      }
    }
  }
}

/// Gradient descent with momentum, as a user writes it.
private struct OwnMomentum: Optimizer {
  var learningRate: Float
  private(set) var names: [String] = []
  private var momenta: [String: [Float]] = [:]

  init(learningRate: Float) { self.learningRate = learningRate }

  mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
    names.append(name)
    var momentum = momenta[name] ?? Array(repeating: 0, count: gradient.count)
    for i in gradient.indices {
      momentum[i] = 0.5 * momentum[i] + gradient[i]
      parameter[i] -= learningRate * momentum[i]
    }
    momenta[name] = momentum
  }
}

/// Keeps gradients and names, and changes nothing.
private struct Recorder: Optimizer {
  var learningRate: Float = 0
  private(set) var names: [String] = []
  private(set) var gradients: [Float] = []

  mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
    names.append(name)
    for i in gradient.indices { gradients.append(gradient[i]) }
  }
}

/// Has another optimiser work for it, as one with a rate for each layer would.
private struct Forwarding: Optimizer {
  var base: any Optimizer
  var learningRate: Float {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }

  init(_ base: any Optimizer) { self.base = base }

  mutating func update(_ parameter: inout MutableSpan<Float>, gradient: Span<Float>, named name: String) {
    base.update(&parameter, gradient: gradient, named: name)
  }
}
