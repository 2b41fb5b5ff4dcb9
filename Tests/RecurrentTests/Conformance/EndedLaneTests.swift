import TestSupport
import Testing

@testable import Recurrent

/// Nothing of a sequence that has ended reaches a gradient, whatever its lanes hold.
@Suite struct EndedLaneTests {
  // MARK: Cells that leave NaN and infinities

  @Test("what a cell leaves in lanes that do not run changes no bit of anything", arguments: StackCase.all)
  func poisonReachesNothing(name: StackCase) {
    let (clean, poisoned) = (Scenario(name, isRagged: true).run(), Scenario(name.poisoned, isRagged: true).run())
    #expect(bitMismatch(of: poisoned.outputs, with: clean.outputs) == nil)
    #expect(bitMismatch(of: poisoned.finalState, with: clean.finalState) == nil)
    #expect(bitMismatch(of: poisoned.gradients.parameters, with: clean.gradients.parameters) == nil)
    #expect(bitMismatch(of: poisoned.gradients.inputs, with: clean.gradients.inputs) == nil)
    #expect(bitMismatch(of: poisoned.gradients.initialState, with: clean.gradients.initialState) == nil)
  }

  @Test(
    "nor with merged directions, residual layers and all regularization",
    arguments: LayerOptionTests.Case.deterministic + LayerOptionTests.Case.random)
  func poisonReachesNoLayer(example: LayerOptionTests.Case) {
    func run(_ layers: [LayerConfiguration]) -> RecurrentStack.Gradients {
      var stack = RecurrentStack(inputSize: 6, layers: layers)
      stack.parameters.fillWithChirps()
      let state = stack.state(batchSize: LayerOptionTests.Case.batch, number: 40, scale: 0.5)
      let finals = stack.state(batchSize: LayerOptionTests.Case.batch, number: 60, scale: 1)
      let tape = stack.forward(example.inputs, from: state, lengths: example.lengths, seed: 9).tape
      return stack.gradients(tape, outputs: example.outputWeights, finalState: finals)
    }
    let (clean, poisoned) = (run(example.layers), run(example.layers.map(\.poisoned)))
    #expect(bitMismatch(of: poisoned.parameters, with: clean.parameters) == nil)
    #expect(bitMismatch(of: poisoned.inputs, with: clean.inputs) == nil)
    #expect(bitMismatch(of: poisoned.initialState, with: clean.initialState) == nil)
  }

  @Test(
    "nor in a classifier, batch after batch in the same memory",
    arguments: LayerOptionTests.Case.deterministic + LayerOptionTests.Case.random)
  func poisonReachesNoClassifier(example: LayerOptionTests.Case) throws {
    func gradients(_ layers: [LayerConfiguration]) throws -> [Parameters] {
      var network = SequenceModel(
        .init(input: .features(6), layers: layers, output: .classes(4)), initializer: .keras, seed: 3)
      network.parameters.fillWithChirps()
      // Lanes that ended early in one batch run to the end in the next, over what was left there.
      let reversed = Array(example.lengths.reversed())
      let full = Array(repeating: LayerOptionTests.Case.steps, count: LayerOptionTests.Case.batch)
      return try [example.lengths, full, reversed, example.lengths].map { lengths in
        let inputs = ClosedForm.chirp.tensor(7, example.inputs.shape).padded(with: .nan, past: lengths)
        let batch = try SequenceBatch(
          inputs, labels: (0..<LayerOptionTests.Case.batch).map { $0 % 4 }, lengths: lengths, classCount: 4)
        return try network.gradient(on: batch, seed: 5).gradient
      }
    }
    for (poisoned, clean) in try zip(gradients(example.layers.map(\.poisoned)), gradients(example.layers)) {
      #expect(bitMismatch(of: poisoned, with: clean) == nil)
    }
  }

  @Test("a batch of NaN leaves nothing behind for the next", arguments: LayerOptionTests.Case.deterministic)
  func nextBatchIsClean(example: LayerOptionTests.Case) throws {
    var network = SequenceModel(
      .init(input: .features(6), layers: example.layers, output: .classes(4)), initializer: .keras, seed: 3)
    network.parameters.fillWithChirps()
    func gradient(_ inputs: Tensor, _ lengths: [Int]?, of network: SequenceModel) throws -> Parameters {
      let labels = (0..<LayerOptionTests.Case.batch).map { $0 % 4 }
      return try network.gradient(on: SequenceBatch(inputs, labels: labels, lengths: lengths, classCount: 4)).gradient
    }
    let shape = example.inputs.shape
    _ = try gradient(Tensor(known: shape, values: Array(repeating: .nan, count: shape.reduce(1, *))), nil, of: network)
    let found = try gradient(example.inputs, example.lengths, of: network)
    var fresh = SequenceModel(
      .init(input: .features(6), layers: example.layers, output: .classes(4)), initializer: .keras, seed: 3)
    fresh.parameters.fillWithChirps()
    #expect(try bitMismatch(of: found, with: gradient(example.inputs, example.lengths, of: fresh)) == nil)
  }

  // MARK: Sequences that overflow by themselves once they have ended

  private static let lengths = [1, 80, 2, 0, 80, 3, 1, 77, 80, 2, 1]
  private static let overKinds: [StackCase] = [5, 96].flatMap { hidden in
    let sizes = StackCase.Sizes("above a unit that overflows", lengths.count, 80, 2, hidden)
    return CellKind.all.map { StackCase(kinds: [$0], sizes: sizes) }
      + CellKind.distinct.map { StackCase(kinds: [$0], sizes: sizes, isBidirectional: true) }
      + [StackCase(kinds: [.gru], sizes: sizes, reverseLayers: [0])]
  }

  @Test("a batch above a layer that overflows behind the ends is its sequences alone", arguments: overKinds)
  func aboveWhatOverflows(name: StackCase) {
    let lengths = Self.lengths
    // h' = relu(x + 4 h): zero for ever from zero; from one, infinite after 64 steps. The short ones begin with one.
    var stack = RecurrentStack(inputSize: 1, layers: [LayerConfiguration(IndRNNCell(hiddenSize: 2)), name.layers[0]])
    stack.parameters.fillWithChirps()
    for name in ["weight_ih_l0", "bias_ih_l0"] { stack.parameters[name] = Tensor(zeros: stack.parameters[name].shape) }
    stack.parameters["weight_hh_l0"] = Tensor(known: [2], values: [4, 4])
    let inputs = Tensor(zeros: [lengths.count, 80, 1]).padded(with: .nan, past: lengths)
    let weights = ClosedForm.chirp.tensor(
      1, [lengths.count, 80, name.layers[0].outputSize]
    ).padded(with: .nan, past: lengths)
    let finals = stack.state(batchSize: lengths.count, number: 9, scale: 1)
    let begin = Tensor(
      known: [lengths.count, 2], values: lengths.flatMap { Array(repeating: $0 < 4 ? 1 : 0, count: 2) })
    let state = StackState(
      [ElmanCell.State(hidden: begin)] + stack.state(batchSize: lengths.count, number: 5, scale: 0.5).layers.dropFirst()
    )
    let whole = stack.forward(inputs, from: state, lengths: lengths)
    let gradients = stack.gradients(whole.tape, outputs: weights, finalState: finals)
    #expect(gradients.parameters.values.allSatisfy { $0.isFinite })
    var sums = [Double](repeating: 0, count: stack.parameters.count)
    for (sample, length) in lengths.enumerated() {
      let steps = 0..<max(length, 1)
      let alone = stack.forward(
        inputs.selecting([sample]).steps(steps), from: state.selecting([sample]), lengths: length == 0 ? [0] : nil)
      let one = stack.gradients(
        alone.tape, outputs: weights.selecting([sample]).steps(steps), finalState: finals.selecting([sample]))
      #expect(bitMismatch(of: whole.outputs.selecting([sample]).steps(steps), with: alone.outputs) == nil)
      #expect(bitMismatch(of: gradients.inputs.selecting([sample]).steps(steps), with: one.inputs) == nil)
      #expect(bitMismatch(of: gradients.initialState.selecting([sample]), with: one.initialState) == nil)
      accumulate(one.parameters.values, into: &sums)
    }
    for entry in gradients.parameters.entries {
      #expect(
        mismatch(
          of: gradients.parameters[entry.name], with: Array(sums[entry.range]),
          within: Tolerance.afterRoundings(2 * lengths.count * 80)) == nil, "\(entry.name)")
    }
  }

  @Test("a GRU that doubles its state from step to step, beside a sequence that ended after one")
  func growingGRU() {
    var stack = RecurrentStack(inputSize: 1, GRUCell(hiddenSize: 1, options: .init(candidateActivation: .relu)))
    stack.parameters = stack.parameters.zeros
    stack.parameters["weight_hh_l0"] = Tensor(known: [3, 1], values: [0, 0, 5])
    let steps = 400
    let state = StackState([GRUCell.State(hidden: Tensor(known: [2, 1], values: [0, 1]))])
    let ones = Tensor(known: [2, steps, 1], values: Array(repeating: 1, count: 2 * steps))
    let tape = stack.forward(Tensor(zeros: [2, steps, 1]), from: state, lengths: [steps, 1]).tape
    let found = stack.gradients(tape, outputs: ones)
    // Of the first step of the second sequence: r = z = 1/2, n = 5/2 and h' = 7/4.
    #expect(found.parameters["weight_hh_l0"].values == [0.625, -0.375, 0.25])
    #expect(found.initialState[0].hidden.values == [1, 1.75])
    #expect(found.parameters["weight_ih_l0"].values == [0, 0, 0])
    #expect(found.parameters.values.allSatisfy { $0.isFinite })
  }

  @Test("an IndRNN below a GRU, sequences of 20 to 45 steps beside one of 1,000: training goes on")
  func indRNNBelowGRU() throws {
    var network = SequenceModel(
      .init(
        input: .features(3),
        layers: [LayerConfiguration(IndRNNCell(hiddenSize: 8)), LayerConfiguration(GRUCell(hiddenSize: 8))],
        output: .classes(3)), seed: 1)
    network.parameters["weight_hh_l0"] = Tensor(known: [8], values: Array(repeating: 1.1, count: 8))
    let lengths = (0..<15).map { 20 + 25 * $0 / 14 } + [1000]
    // The long sequence reads zeros, and so stays where it is.
    var inputs = ClosedForm.chirp.tensor(3, [16, 1000, 3]).padded(with: 0, past: lengths)
    for t in 0..<1000 { for i in 0..<3 { inputs[15, t, i] = 0 } }
    let batch = try SequenceBatch(inputs, labels: (0..<16).map { $0 % 3 }, lengths: lengths, classCount: 3)
    var optimizer = SGD(learningRate: 0.01)
    let result = try network.train(on: [batch], with: &optimizer)
    #expect(result.loss.isFinite && result.gradientNorm.isFinite)
  }
}
