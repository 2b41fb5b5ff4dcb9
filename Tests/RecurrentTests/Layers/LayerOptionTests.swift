import Foundation
import TestSupport
import Testing

@testable import Recurrent

/// What layers do besides their cells: merging directions, adding their input, noise.
@Suite struct LayerOptionTests {
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

  // MARK: Streams

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
