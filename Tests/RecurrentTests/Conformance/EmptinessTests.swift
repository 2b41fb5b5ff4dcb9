@testable import Recurrent
import TestSupport
import Testing

/// Batches without sequences and sequences without steps: results without elements, states as they were, no gradient.
@Suite struct EmptinessTests {
  private static let kinds =
    CellKind.all.flatMap { kind in
      [false, true].map { isBidirectional in
        StackCase(
          kinds: [kind, .gru], sizes: StackCase.Sizes("nothing", 10, 0, 5, 6, 4), isBidirectional: isBidirectional)
      }
    } + [
      StackCase(kinds: [.lstm], sizes: .init("nothing", 10, 0, 5, 130)),
      StackCase(kinds: [.lstm, .gru], sizes: .init("nothing", 10, 0, 5, 6, 4), reverseLayers: [0, 1]),
    ]

  @Test(
    "no sequences, no steps, neither: forward and backward", arguments: kinds, SequenceLayout.allCases)
  func stacks(name: StackCase, layout: SequenceLayout) {
    let layers = name.layers
    var stack = RecurrentStack(inputSize: 5, layers: layers)
    stack.parameters.fillWithChirps()
    let outputSize = layers[layers.count - 1].outputSize
    for (count, steps) in [(10, 0), (0, 7), (0, 0)] {
      let shape = layout.shape(count: count, steps: steps, features: 5)
      let outputShape = layout.shape(count: count, steps: steps, features: outputSize)
      let state = stack.state(batchSize: count, number: 3, scale: 0.5)
      let finals = stack.state(batchSize: count, number: 50, scale: 1)
      for lengths in [nil, Array(repeating: 0, count: count)] {
        let inferred = stack(Tensor(zeros: shape), from: state, lengths: lengths, layout: layout)
        #expect(inferred.outputs.shape == outputShape && inferred.outputs.count == 0)
        #expect(bitMismatch(of: inferred.finalState, with: state) == nil)
        let (outputs, finalState, tape) = stack.forward(
          Tensor(zeros: shape), from: state, lengths: lengths, layout: layout)
        #expect(outputs.shape == outputShape)
        #expect(bitMismatch(of: finalState, with: state) == nil)
        let gradients = stack.gradients(tape, outputs: Tensor(zeros: outputShape), finalState: finals)
        #expect(bitMismatch(of: gradients.parameters, with: gradients.parameters.zeros) == nil)
        #expect(gradients.inputs.shape == shape)
        #expect(bitMismatch(of: gradients.initialState, with: finals) == nil)
      }
      #expect(stack(Tensor(zeros: shape), layout: layout).finalState == stack.zeroState(batchSize: count))
    }
  }

  @Test("a classifier of sequences without steps answers with its head's bias, and learns that")
  func classifier() throws {
    for merge in Merge.allCases {
      var network = SequenceModel(
        .init(
          input: .features(4),
          layers: [
            .bidirectional(LSTMCell(hiddenSize: 2), GRUCell(hiddenSize: 2), merge: merge),
            LayerConfiguration(GRUCell(hiddenSize: 3)),
            LayerConfiguration(GRUCell(hiddenSize: 3)).residual(),
          ], output: .classes(3)))
      network.parameters.fillWithChirps()
      let batch = try SequenceBatch(Tensor(zeros: [10, 0, 4]), labels: (0..<10).map { $0 % 3 }, classCount: 3)
      let bias = network.parameters["head.bias"].values
      #expect(try network.logits(for: batch).values == (0..<10).flatMap { _ in bias })
      #expect(try network.probabilitiesOverTime(for: batch).shape == [10, 0, 3])
      let gradient = try network.gradient(on: batch).gradient
      for entry in gradient.entries {
        #expect(gradient[entry.name].values.allSatisfy { $0 == 0 } == (entry.name != "head.bias"), "\(entry.name)")
      }
      var optimizer = Adam(learningRate: 0.1)
      #expect(try network.train(on: [batch], with: &optimizer).loss.isFinite)
    }
  }

  @Test("an embedding of empty sentences only, or of none, goes through a stack")
  func embeddings() {
    let embedding = Embedding(tokenCount: 7, size: 5)
    let stack = RecurrentStack(inputSize: 5, LSTMCell(hiddenSize: 6))
    for tokens in [[[], [], []], []] as [[[Int]]] {
      let inputs = embedding(tokens)
      #expect(inputs.shape == [tokens.count, 0, 5])
      let (outputs, _, tape) = stack.forward(inputs, lengths: tokens.map(\.count))
      #expect(outputs.shape == [tokens.count, 0, 6])
      let gradients = stack.gradients(tape, outputs: outputs)
      let slope = embedding.gradient(tokens: tokens, outputGradient: gradients.inputs)
      #expect(slope == Parameters([("weight", [7, 5])]))
    }
  }

  @Test("lists of steps, windows, streams and dense layers of nothing")
  func others() throws {
    let stack = RecurrentStack(inputSize: 5, GRUCell(hiddenSize: 6))
    let state = stack.state(batchSize: 3, number: 1, scale: 1)
    let (outputs, finalState) = stack.unrolled([], from: state)
    #expect(outputs.isEmpty && bitMismatch(of: finalState, with: state) == nil)
    #expect(Tensor(zeros: [3, 0, 5]).steps.isEmpty && Tensor(zeros: [3, 0, 5]).last() == Tensor(zeros: [3, 5]))
    var truncation = TruncatedBackpropagation(window: 4)
    #expect(truncation.windows(of: Tensor(zeros: [3, 0, 5])).isEmpty)
    #expect(truncation.forward(Tensor(zeros: [3, 0, 5]), through: stack).outputs.shape == [3, 0, 6])
    let dense = Dense(inputSize: 6, outputSize: 2)
    for shape in [[0, 6], [3, 0, 6], [0, 4, 6]] {
      let answers = dense(Tensor(zeros: shape))
      #expect(answers.shape == shape.dropLast() + [2])
      let gradients = dense.gradients(inputs: Tensor(zeros: shape), outputGradient: answers)
      #expect(gradients.parameters == Parameters([("weight", [2, 6]), ("bias", [2])]))
      #expect(gradients.inputs.shape == shape)
    }
    let network = ClassifierScenario.larger[0].network()
    var stream = try network.makeStream()
    try stream.step(Array(repeating: 0.5, count: network.inputSize))
    let before = stream.values
    try stream.run([])
    #expect(stream.values == before && stream.stepCount == 1)
  }
}
