@testable import Recurrent
import TestSupport
import Testing

/// Gradients of hidden states and inputs at every time step.
@Suite struct GradientTraceTests {
  private static let tolerance = 1e-5

  /// Compares the gradients of hidden states with differences: what is added to a state after a step changes the loss by the
  /// state's gradient.
  private func expectDifferences(
    _ trace: GradientTrace, _ reference: ReferenceModel, endings: [String], step: Double, element: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(trace.layers.count == endings.count)
    for (number, (layer, ending)) in zip(trace.layers, endings).enumerated() {
      func loss(_ shifts: [Double]) -> Double {
        var moved = reference
        moved.values["hidden_shift" + ending] = shifts
        return moved.meanLoss()
      }
      let claimed = layer.hidden.values
      let none = [Double](repeating: 0, count: claimed.count)
      // All elements at once, each with a weight of its own, and one alone, another in every case.
      let direction = ClosedForm.chirp.values(number, count: claimed.count).map(Double.init)
      let along = CentralDifference.directionalMismatch(
        of: claimed, at: none, along: direction, step: step, within: Self.tolerance, of: loss)
      #expect(along == nil, "\(layer.name)", sourceLocation: sourceLocation)
      let alone = CentralDifference.mismatch(
        of: claimed, at: none, elements: [element % claimed.count], step: step, within: Self.tolerance, of: loss)
      #expect(alone == nil, "\(layer.name)", sourceLocation: sourceLocation)
    }
  }

  /// The endings of the names of all directions' parameters.
  private func endings(_ trace: GradientTrace, isBidirectional: Bool) -> [String] {
    trace.layers.indices.map { ReferenceNetwork.ending($0, isBidirectional: isBidirectional) }
  }

  @Test("inputs, readouts, outputs, directions, lengths and states in every combination", arguments: ModelCase.all)
  func everyModel(example: ModelCase) throws {
    let (model, batch) = (example.model, try example.batch())
    let state = example.givenState(model)
    let trace = try model.gradientTrace(on: batch, loss: example.loss, from: state)
    let reference = example.reference(model)
    expectDifferences(
      trace, reference, endings: endings(trace, isBidirectional: example.isBidirectional),
      step: example.differenceStep, element: example.turn)
    #expect(trace.layers.map(\.isReverse) == model.plan.directions.map(\.isReverse))
    let (result, gradient) = try model.gradient(on: batch, loss: example.loss, from: state)
    #expect(trace.result == result)
    switch example.input {
    case .features:
      let claimed = try #require(trace.inputs)
      let direction = ClosedForm.chirp.values(7, count: claimed.count).map(Double.init)
      let along = CentralDifference.directionalMismatch(
        of: claimed.values, at: reference["inputs"], along: direction, step: example.differenceStep,
        within: Self.tolerance
      ) { point in
        var moved = reference
        moved.values["inputs"] = point
        return moved.meanLoss()
      }
      #expect(along == nil)
    case .tokens: #expect(trace.inputs == nil && trace.inputNorms == nil, "a token is no number")
    case .embedded:
      let inputs = try #require(trace.inputs)
      let table = gradient["embedding.weight"]
      var sums = [Double](repeating: 0, count: table.count)
      let (tokens, lengths, size) = (batch.inputs, batch.lengths, table.shape[1])
      for sample in 0..<batch.count {
        for t in 0..<lengths[sample] {
          for i in 0..<size { sums[Int(tokens[sample, t, 0]) * size + i] += Double(inputs[sample, t, i]) }
        }
      }
      #expect(mismatch(of: table, with: sums, within: Self.tolerance) == nil, "a row's gradient is that of its steps")
    }
  }

  @Test("cells of all kinds, projections, single layers in reverse", arguments: ClassifierScenario.all)
  func everyCell(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let trace = try network.gradientTrace(on: scenario.data)
    let endings = endings(trace, isBidirectional: scenario.isBidirectional)
    expectDifferences(
      trace, scenario.reference(network), endings: endings, step: scenario.differenceStep, element: scenario.batch)
  }

  @Test("to look at gradients changes none of them", arguments: ModelCase.larger)
  func training(example: ModelCase) throws {
    let (model, batch) = (example.model, try example.batch())
    var isCalled = false
    let traced = try model.gradient(on: batch, loss: example.loss, from: nil, seed: 5) { _ in isCalled = true }
    let plain = try model.gradient(on: batch, loss: example.loss, seed: 5)
    #expect(isCalled && traced.result == plain.result)
    #expect(bitMismatch(of: traced.gradient, with: plain.gradient) == nil)
  }

  @Test("the same bits on any number of threads, and in a workspace used before", arguments: ModelCase.larger)
  func threads(example: ModelCase) throws {
    let batch = try example.batch()
    var (one, several) = (example.model, example.model)
    one.threads = ThreadPool(threads: 1)
    several.threads = ThreadPool(threads: 3)
    let expected = try one.gradientTrace(on: batch, loss: example.loss)
    #expect(expected.layers.allSatisfy { $0.hidden.values.contains { $0 != 0 } })
    for _ in 0..<3 {
      let found = try several.gradientTrace(on: batch, loss: example.loss)
      for (layer, reference) in zip(found.layers, expected.layers) {
        #expect(bitMismatch(of: layer.hidden, with: reference.hidden) == nil, "\(layer.name)")
      }
      #expect(found == expected)
      _ = try several.gradient(on: batch, loss: example.loss)
    }
  }

  @Test("zoneout's share is part of the gradient: the state is moved in the middle of a sequence")
  func zoneout() throws {
    let layer = LayerConfiguration(LSTMCell(hiddenSize: 3)).regularized(
      Regularization(hiddenZoneout: 0.4, stateZoneout: 0.3))
    var model = SequenceModel(.init(input: .features(2), layers: [layer], output: .classes(3)))
    model.parameters.fillWithChirps()
    let inputs = ClosedForm.chirp.tensor(3, [1, 6, 2])
    let trace = try model.gradientTrace(on: SequenceBatch(inputs, labels: [1], classCount: 3))
    for t in 0..<5 {
      let before = try SequenceBatch(inputs.steps(0..<t + 1), labels: [1], classCount: 3)
      let after = try SequenceBatch(inputs.steps(t + 1..<6), labels: [1], classCount: 3)
      let state = try model.outputs(for: before).finalState
      for unit in 0..<3 {
        func loss(_ change: Float) throws -> Double {
          var components = state[0].components
          components[0].values[unit] += change
          return try model.evaluate(on: after, from: StackState([LSTMCell.State(components: components)])).loss
        }
        // As in GradientCheck: the network computes in Float, so h is large and the formula takes four values.
        let h: Float = 0x1p-6
        let expected = try (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * Double(h))
        let found = Double(trace.layers[0].hidden[0, t, unit])
        #expect(abs(found - expected) < 2e-5, "step \(t), unit \(unit): \(found) instead of \(expected)")
      }
    }
  }

  @Test("random masks are those of the seed")
  func masks() throws {
    let layers = [LayerConfiguration].gru(5, count: 2).map { $0.regularized(Regularization(dropout: 0.5)) }
    let model = SequenceModel(.init(input: .features(3), layers: layers, output: .classes(4)), seed: 1)
    let batch = try SequenceBatch(ClosedForm.chirp.tensor(1, [3, 4, 3]), labels: [0, 1, 2], classCount: 4)
    let plain = try model.gradientTrace(on: batch)
    let first = try model.gradientTrace(on: batch, seed: 1)
    #expect(try model.gradientTrace(on: batch, seed: 1) == first)
    #expect(try model.gradientTrace(on: batch, seed: 2) != first && first != plain)
    #expect(first.layers[1].hidden.values.contains(0), "units that were dropped have no gradient")
  }

  @Test("norms are those of the rows, also of values whose squares are too small for Float")
  func norms() {
    let tiny: Float = 1e-30
    let values: [Float] = [3, 4, 0, tiny, 0, 0, -6, 8]
    let layer = GradientTrace.Layer(level: 0, isReverse: false, hidden: Tensor(known: [2, 2, 2], values: values))
    #expect(layer.norms == [[5, Double(tiny)], [0, 10]] && layer.name == "layer0")
    let reverse = GradientTrace.Layer(level: 2, isReverse: true, hidden: Tensor(zeros: [0, 3, 2]))
    #expect(reverse.norms == [] && reverse.name == "layer2.reverse")
  }

  @Test("a gradient that vanishes: recurrent weights of 1/2 halve it at every step back")
  func vanishing() throws {
    let cell = ElmanCell(hiddenSize: 1, activation: .affine(alpha: 1, beta: 0))
    var model = SequenceModel(.init(input: .features(1), layers: [LayerConfiguration(cell)], output: .values(1)))
    model.parameters["weight_ih_l0"].values = [1]
    model.parameters["weight_hh_l0"].values = [0.5]
    model.parameters["bias_ih_l0"].values = [0]
    model.parameters["head.weight"].values = [1]
    model.parameters["head.bias"].values = [0]
    let batch = try SequenceBatch(Tensor(zeros: [1, 8, 1]), targets: .values([-1], size: 1))
    let trace = try model.gradientTrace(on: batch)
    // The loss is (h(7) + 1)², whose derivative at 0 is 2.
    let expected: [Double] = [1.0 / 64, 1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2, 1, 2]
    #expect(trace.layers[0].norms == [expected])
    #expect(trace.inputNorms == trace.layers[0].norms && trace.result.loss == 1)
  }

  @Test("batches that do not fit are refused")
  func misfits() throws {
    let model = ClassifierScenario.all[1].network()
    let steps = Tensor(zeros: [2, 3, model.inputSize])
    let values = try SequenceBatch(steps, targets: .values([1, 2], size: 1))
    let error = #expect(throws: InputError.self) { _ = try model.gradientTrace(on: values) }
    #expect(error?.kind == .label)
    let none = try SequenceBatch(Tensor(zeros: [0, 3, model.inputSize]), labels: [], classCount: 2)
    #expect(throws: InputError.self) { _ = try model.gradientTrace(on: none) }
    let empty = try SequenceBatch(Tensor(zeros: [2, 0, model.inputSize]), labels: [0, 1], classCount: 2)
    let trace = try model.gradientTrace(on: empty)
    #expect(trace.layers.map(\.norms) == [[[], []]] && trace.inputNorms == [[], []], "sequences without steps")
  }
}
