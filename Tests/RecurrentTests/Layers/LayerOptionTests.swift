import Foundation
import TestSupport
import Testing

@testable import Recurrent

/// What layers do besides their cells: merging directions, adding their input, noise.
@Suite struct LayerOptionTests {
  /// Layers of six features each, so that every option fits, over ragged sequences.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let layers: [LayerConfiguration]

    init(_ name: String, _ layers: LayerConfiguration...) {
      testDescription = name
      self.layers = layers
    }

    static let batch = 11
    static let steps = 6

    static func both(
      _ merge: Merge, _ make: (Int) -> any RecurrentCell = { LSTMCell(hiddenSize: $0) }
    )
      -> LayerConfiguration
    {
      .bidirectional(make(merge == .concatenate ? 3 : 6), make(merge == .concatenate ? 3 : 6), merge: merge)
    }

    static let lstm = LayerConfiguration(LSTMCell(hiddenSize: 6))
    static let projected = LayerConfiguration(LSTMCell(hiddenSize: 9, projectionSize: 6))
    static let gru = LayerConfiguration(GRUCell(hiddenSize: 6))
    static let gruBefore = LayerConfiguration(GRUCell(hiddenSize: 6, resetAfter: false))
    static let elman = LayerConfiguration(ElmanCell(hiddenSize: 6))
    static let mgu = LayerConfiguration(MGUCell(hiddenSize: 6))
    static let indRNN = LayerConfiguration(IndRNNCell(hiddenSize: 6, activation: .softsign))
    static let peepholes = LayerConfiguration(
      LSTMCell(hiddenSize: 6, options: .init(hasPeepholes: true, cellActivation: .softsign)))
    static let all = Regularization(
      dropout: 0.2, recurrentDropout: 0.3, hiddenZoneout: 0.25, stateZoneout: 0.15, weightDrop: 0.2)

    static func project(_ outputSize: Int) -> any RecurrentCell {
      LSTMCell(hiddenSize: outputSize + 4, projectionSize: outputSize)
    }

    static let deterministic = [
      Case("residual", lstm, gru.residual(), elman),
      Case("residual on the input and on top", elman.residual(), lstm.residual()),
      Case("sum", elman, both(.sum), gru),
      Case("average, residual", both(.average).residual(), lstm),
      Case("multiply", both(.multiply), both(.multiply) { GRUCell(hiddenSize: $0) }),
      Case("concatenated, residual", both(.concatenate).residual(), both(.concatenate).residual()),
      Case("projected, residual", projected.residual(), projected.residual(), projected),
      Case("projected, sum", both(.sum, project), projected),
      Case("projected, multiply", both(.multiply, project)),
      Case("projected, average, residual", both(.average, project).residual(), lstm),
      Case("projected, concatenated, residual", both(.concatenate, project).residual()),
    ]
    static let random = [
      Case("dropout", lstm.regularized(Regularization(dropout: 0.4)), gru),
      Case("variational dropout, on top", gru, lstm.regularized(Regularization(dropout: 0.4, isVariational: true))),
      Case("recurrent dropout", lstm.regularized(Regularization(recurrentDropout: 0.4)), elman),
      Case("recurrent dropout, reset before", gruBefore.regularized(Regularization(recurrentDropout: 0.4)), elman),
      Case("zoneout of h", lstm.regularized(Regularization(hiddenZoneout: 0.3)), elman),
      Case("zoneout of c", elman, lstm.regularized(Regularization(stateZoneout: 0.3))),
      Case("zoneout of what peepholes see", peepholes.regularized(Regularization(stateZoneout: 0.3)), elman),
      Case("zoneout of an IndRNN", elman, indRNN.regularized(Regularization(hiddenZoneout: 0.3))),
      Case("recurrent dropout, minimal", mgu.regularized(Regularization(recurrentDropout: 0.4)), elman),
      Case("zoneout of a GRU", gru.regularized(Regularization(hiddenZoneout: 0.3)), elman),
      Case("weight drop", lstm, gru.regularized(Regularization(weightDrop: 0.5))),
      Case("projected, recurrent dropout", projected.regularized(Regularization(recurrentDropout: 0.4)), elman),
      Case("projected, zoneout of h", projected.regularized(Regularization(hiddenZoneout: 0.3)), elman),
      Case("projected, zoneout of c", elman, projected.regularized(Regularization(stateZoneout: 0.3))),
      Case("projected, weight drop", projected.regularized(Regularization(weightDrop: 0.5))),
      Case("projected, everything", projected.regularized(all), projected.residual().regularized(all)),
      Case(
        "projected, everything in both directions", both(.concatenate, project).residual().regularized(all),
        both(.sum, project).regularized(all)),
      Case("everything", lstm.regularized(all), gru.residual().regularized(all), gruBefore.regularized(all)),
      Case(
        "everything in both directions", both(.concatenate).residual().regularized(all), both(.sum).regularized(all)),
    ]

    func stack(threads: ThreadPool = .shared) -> RecurrentStack {
      var stack = RecurrentStack(inputSize: 6, layers: layers, threads: threads)
      stack.parameters.fillWithChirps()
      return stack
    }

    var lengths: [Int] { ClosedForm.lengths(batch: Self.batch, steps: Self.steps) }
    var inputs: Tensor {
      ClosedForm.chirp.tensor(7, [Self.batch, Self.steps, 6]).padded(with: .nan, past: lengths)
    }
    var outputWeights: Tensor {
      ClosedForm.chirp.tensor(8, [Self.batch, Self.steps, 6]).padded(with: .nan, past: lengths)
    }
  }

  // MARK: What options compute

  @Test("merged outputs are those of both directions, merged", arguments: [Merge.sum, .average, .multiply])
  func merge(merge: Merge) {
    let apart = Case(
      "apart", .bidirectional(LSTMCell(hiddenSize: 6), GRUCell(hiddenSize: 6)))
    let merged = Case(
      "merged",
      .bidirectional(LSTMCell(hiddenSize: 6), GRUCell(hiddenSize: 6), merge: merge))
    let both = apart.stack()(apart.inputs, lengths: apart.lengths).outputs
    let found = merged.stack()(merged.inputs, lengths: merged.lengths).outputs
    #expect(found.shape == [Case.batch, Case.steps, 6])
    for row in 0..<Case.batch * Case.steps {
      for unit in 0..<6 {
        let (a, b) = (both.values[row * 12 + unit], both.values[row * 12 + 6 + unit])
        let expected: Float =
          switch merge {
          case .concatenate: .nan
          case .sum: a + b
          case .average: 0.5 * a + 0.5 * b
          case .multiply: a * b
          }
        #expect((found.values[row * 6 + unit] - expected).magnitude <= 2 * expected.ulp)
      }
    }
  }

  @Test func residualAddsTheInput() {
    let plain = Case("plain", Case.lstm)
    let residual = Case("residual", Case.lstm.residual())
    let outputs = plain.stack()(plain.inputs, lengths: plain.lengths).outputs
    let inputs = plain.inputs.padded(with: 0, past: plain.lengths)
    let found = residual.stack()(residual.inputs, lengths: residual.lengths).outputs
    #expect(bitMismatch(of: found.values, with: zip(outputs.values, inputs.values).map { $0 + $1 }) == nil)
  }

  @Test("dropout leaves zeros and scales the rest, in training only", arguments: [false, true])
  func dropout(isVariational: Bool) {
    let rate: Float = 0.3
    let size = 40
    let noise = Regularization(dropout: rate, isVariational: isVariational)
    var stack = RecurrentStack(
      inputSize: 3, layers: [LayerConfiguration(LSTMCell(hiddenSize: size)).regularized(noise)])
    stack.parameters.fillWithChirps()
    let inputs = ClosedForm.chirp.tensor(1, [30, 5, 3])
    let plain = stack(inputs).outputs
    #expect(plain.values.allSatisfy { $0 != 0 })
    let masks = (0..<2).map { seed -> [Bool] in
      let found = stack.forward(inputs, seed: UInt64(seed)).outputs
      for (found, plain) in zip(found.values, plain.values) where found != 0 {
        #expect(found == plain * (1 / (1 - rate)))
      }
      #expect(bitMismatch(of: stack.forward(inputs, seed: UInt64(seed)).outputs, with: found) == nil)
      return found.values.map { $0 == 0 }
    }
    #expect(masks[0] != masks[1])
    for mask in masks {
      let count = isVariational ? 30 * size : 30 * size * 5
      let dropped = Double(mask.count { $0 }) / Double(mask.count)
      let deviation = (Double(rate) * (1 - Double(rate)) / Double(count)).squareRoot()
      #expect((dropped - Double(rate)).magnitude < 4 * deviation)
      let isSameAtAllSteps = (0..<30 * size).allSatisfy { place in
        let (sample, unit) = place.quotientAndRemainder(dividingBy: size)
        return (1..<5).allSatisfy { mask[(sample * 5 + $0) * size + unit] == mask[sample * 5 * size + unit] }
      }
      #expect(isSameAtAllSteps == isVariational)
    }
  }

  @Test func zoneoutKeepsSomeUnits() {
    let noise = Regularization(hiddenZoneout: 0.3, stateZoneout: 0.6)
    var stack = RecurrentStack(inputSize: 3, layers: [LayerConfiguration(LSTMCell(hiddenSize: 50)).regularized(noise)])
    stack.parameters.fillWithChirps()
    let inputs = ClosedForm.chirp.tensor(1, [40, 1, 3])
    let state = StackState([
      LSTMCell.State(components: (2...3).map { ClosedForm.chirp.tensor($0, [40, 50]) })
    ])
    var plain = RecurrentStack(inputSize: 3, LSTMCell(hiddenSize: 50))
    plain.parameters = stack.parameters
    let new = plain(inputs, from: state).finalState
    let kept = stack.forward(inputs, from: state, seed: 3).finalState
    let mean = stack(inputs, from: state).finalState
    for (component, rate) in [(0, Float(0.3)), (1, 0.6)] {
      func values(_ state: StackState) -> [Float] { state[0].components[component].values }
      let isOld = zip(values(kept), values(state)).map { $0 == $1 }
      for (index, isOld) in isOld.enumerated() where !isOld { #expect(values(kept)[index] == values(new)[index]) }
      let fraction = Float(isOld.count { $0 }) / 2000
      #expect((fraction - rate).magnitude < 4 * (rate * (1 - rate) / 2000).squareRoot())
      for index in 0..<2000 {
        let expected = rate * values(state)[index] + (1 - rate) * values(new)[index]
        #expect((values(mean)[index] - expected).magnitude < 1e-6)
      }
    }
  }

  @Test func recurrentDropoutMasksWhatTheWeightsSee() {
    // h' = tanh(U h) with U the identity: what is masked is 0 from then on, at every step.
    let rate: Float = 0.4
    let noise = Regularization(recurrentDropout: rate)
    var stack = RecurrentStack(inputSize: 1, layers: [LayerConfiguration(ElmanCell(hiddenSize: 60)).regularized(noise)])
    stack.parameters = stack.parameters.zeros
    for unit in 0..<60 { stack.parameters["weight_hh_l0"][unit, unit] = 1 }
    let state = StackState([ElmanCell.State(components: [ClosedForm.chirp.tensor(5, [20, 60])])])
    let outputs = stack.forward(Tensor(zeros: [20, 3, 1]), from: state, seed: 1).outputs.steps
    let isMasked = outputs[0].values.map { $0 == 0 }
    for (index, isMasked) in isMasked.enumerated() {
      var expected = state[0].hidden.values[index]
      for step in outputs {
        expected = isMasked ? 0 : tanh(expected / (1 - rate))
        #expect((step.values[index] - expected).magnitude < 1e-5)
      }
    }
    let fraction = Float(isMasked.count { $0 }) / 1200
    #expect((fraction - rate).magnitude < 4 * (rate * (1 - rate) / 1200).squareRoot())
  }

  @Test func weightDropLeavesOutWeights() {
    // h' = tanh(U h) with a state of a single one: each unit shows the weight it was reached by.
    let rate: Float = 0.4
    let noise = Regularization(weightDrop: rate)
    var stack = RecurrentStack(inputSize: 1, layers: [LayerConfiguration(ElmanCell(hiddenSize: 80)).regularized(noise)])
    stack.parameters = stack.parameters.zeros
    stack.parameters["weight_hh_l0"] = Tensor(known: [80, 80], values: Array(repeating: 0.25, count: 6400))
    var states = Tensor(zeros: [80, 80])
    for unit in 0..<80 { states[unit, unit] = 1 }
    let state = StackState([ElmanCell.State(components: [states])])
    let outputs = stack.forward(Tensor(zeros: [80, 1, 1]), from: state, seed: 2).outputs.values
    for output in outputs { #expect(output == 0 || (output - tanh(0.25 / (1 - rate))).magnitude < 1e-6) }
    let fraction = Float(outputs.count { $0 == 0 }) / 6400
    #expect((fraction - rate).magnitude < 4 * (rate * (1 - rate) / 6400).squareRoot())
    #expect(stack(Tensor(zeros: [80, 1, 1]), from: state).outputs.values.allSatisfy { $0 > 0 })
  }

  // MARK: Gradients

  @Test("gradients are the differences of what is computed", arguments: Case.deterministic + Case.random)
  func gradients(example: Case) {
    let stack = example.stack()
    let state = stack.state(batchSize: Case.batch, number: 40, scale: 0.5)
    let finalWeights = stack.state(batchSize: Case.batch, number: 60, scale: 1)
    let (lengths, weights) = (example.lengths, example.outputWeights.padded(with: 0, past: example.lengths))
    func value(_ stack: RecurrentStack, _ inputs: Tensor, _ state: StackState) -> Double {
      let (outputs, final, _) = stack.forward(inputs, from: state, lengths: lengths, seed: 9)
      var sum = zip(outputs.values, weights.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      for (layer, weights) in zip(final.layers, finalWeights.layers) {
        for (a, b) in zip(layer.components, weights.components) {
          sum += zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
      }
      return sum
    }
    let tape = stack.forward(example.inputs, from: state, lengths: lengths, seed: 9).tape
    let gradients = stack.gradients(tape, outputs: example.outputWeights, finalState: finalWeights)
    // Single precision allows for steps no smaller, and so for no better agreement.
    func expect(_ gradient: [Float], _ name: String, _ moved: ([Float], Float) -> Double) {
      let direction = ClosedForm.chirp.values(77, count: gradient.count)
      let step: Float = 0.01
      let difference = (moved(direction, step) - moved(direction, -step)) / Double(2 * step)
      let terms = zip(gradient, direction).map { Double($0) * Double($1) }
      let scale = terms.reduce(0) { max($0, $1.magnitude) } * Double(terms.count).squareRoot()
      let error = (terms.reduce(0, +) - difference).magnitude
      #expect(scale > 0 && error < 0.01 * scale, "\(name): \(terms.reduce(0, +)) instead of \(difference)")
    }
    for entry in stack.parameters.entries {
      expect(gradients.parameters[entry.name].values, entry.name) { direction, step in
        var stack = stack
        for i in 0..<entry.count { stack.parameters[entry.name].values[i] += step * direction[i] }
        return value(stack, example.inputs, state)
      }
    }
    expect(gradients.inputs.values, "inputs") { direction, step in
      var inputs = example.inputs
      for i in inputs.values.indices { inputs.values[i] += step * direction[i] }
      return value(stack, inputs, state)
    }
    for layer in state.layers.indices {
      for component in state[layer].components.indices {
        expect(gradients.initialState[layer].components[component].values, "state \(layer).\(component)") {
          direction, step in
          value(stack, example.inputs, state.moved(layer, component, along: direction, by: step))
        }
      }
    }
  }

  @Test("a classifier's gradient is the difference of its loss", arguments: Case.deterministic + Case.random)
  func classifierGradients(example: Case) throws {
    var network = SequenceModel(
      .init(input: .features(6), layers: example.layers, output: .classes(4)), initializer: .keras, seed: 3)
    network.parameters.fillWithChirps()
    let batch = try SequenceBatch(
      example.inputs, labels: (0..<Case.batch).map { $0 % 4 }, lengths: example.lengths, classCount: 4)
    let gradient = try network.gradient(on: batch, seed: 5).gradient
    for entry in gradient.entries {
      let direction = ClosedForm.chirp.values(78, count: entry.count)
      let losses = try [Float(0.02), -0.02].map { step in
        var moved = network
        var tensor = moved.parameters[entry.name]
        for i in 0..<entry.count { tensor.values[i] += step * direction[i] }
        moved.parameters[entry.name] = tensor
        return Double(try moved.gradient(on: batch, seed: 5).result.loss)
      }
      let terms = zip(gradient[entry.name].values, direction).map { Double($0) * Double($1) }
      let scale = terms.reduce(0) { max($0, $1.magnitude) } * Double(terms.count).squareRoot()
      let error = (terms.reduce(0, +) - (losses[0] - losses[1]) / 0.04).magnitude
      #expect(error < 0.02 * scale, "\(entry.name)")
    }
  }

  @Test("residual layers and zoneout are read step by step as whole, bit for bit")
  func streaming() throws {
    let layers = [
      Case.elman.residual(), Case.lstm.residual().regularized(Case.all), Case.gru.regularized(Case.all),
      Case.projected.residual().regularized(Case.all), Case.projected,
    ]
    var network = SequenceModel(.init(input: .features(6), layers: layers, output: .classes(3)))
    network.parameters.fillWithChirps()
    let inputs = ClosedForm.chirp.tensor(7, [3, 6, 6])
    let batch = try SequenceBatch(inputs, labels: [0, 1, 2], classCount: 3)
    let probability = try network.probabilitiesOverTime(for: batch)
    for sample in 0..<3 {
      var (steps, whole) = try (network.makeStream(), network.makeStream())
      for t in 0..<6 {
        try steps.step(inputs.selecting([sample]).steps(t..<t + 1).values)
        #expect(
          bitMismatch(of: steps.probabilities, with: probability.selecting([sample]).steps(t..<t + 1).values) == nil)
      }
      try whole.run(inputs.selecting([sample]).values)
      #expect(bitMismatch(of: whole.values, with: steps.values) == nil)
    }
  }

  // MARK: What noise must not do

  @Test("noise is the same on any number of threads", arguments: Case.random, [2, 3])
  func threads(example: Case, threads: Int) {
    func run(_ threads: Int) -> (Tensor, RecurrentStack.Gradients) {
      let stack = example.stack(threads: ThreadPool(threads: threads))
      let inputs = ClosedForm.chirp.tensor(7, [70, Case.steps, 6])
      let (outputs, _, tape) = stack.forward(inputs, seed: 4)
      return (outputs, stack.gradients(tape, outputs: ClosedForm.chirp.tensor(8, [70, Case.steps, 6])))
    }
    let (one, several) = (run(1), run(threads))
    #expect(bitMismatch(of: several.0, with: one.0) == nil)
    #expect(bitMismatch(of: several.1.parameters, with: one.1.parameters) == nil)
    #expect(bitMismatch(of: several.1.inputs, with: one.1.inputs) == nil)
  }

  @Test("training draws new masks at every step, the same ones from the same seed; evaluation draws none")
  func training() throws {
    let layers = [LayerConfiguration(LSTMCell(hiddenSize: 6)).regularized(Case.all)]
    let batch = try SequenceBatch(
      ClosedForm.chirp.tensor(7, [30, 6, 6]), labels: (0..<30).map { $0 % 3 }, classCount: 3)
    func losses() throws -> [Float] {
      var network = SequenceModel(.init(input: .features(6), layers: layers, output: .classes(3)), seed: 1)
      var still = SGD(learningRate: 0)
      return try (0..<3).map { _ in try network.train(on: batch, with: &still).loss }
    }
    let first = try losses()
    #expect(Set(first).count == 3)
    #expect(try losses() == first)
    let network = SequenceModel(.init(input: .features(6), layers: layers, output: .classes(3)), seed: 1)
    #expect(try network.evaluate(on: batch) == network.evaluate(on: batch))
    #expect(try network.gradient(on: batch).result == network.gradient(on: batch).result)
  }
}

extension StackState {
  fileprivate func moved(_ layer: Int, _ component: Int, along direction: [Float], by step: Float) -> StackState {
    StackState(
      layers.enumerated().map { index, state in
        index == layer ? state.moved(component, along: direction, by: step) : state
      })
  }
}

extension RecurrentState {
  fileprivate func moved(_ component: Int, along direction: [Float], by step: Float) -> any RecurrentState {
    var components = components
    for i in components[component].values.indices { components[component].values[i] += step * direction[i] }
    return Self(components: components)
  }
}
