@testable import Recurrent
import TestSupport
import Testing

/// What is infinite or no number ends training before it spoils a weight, and the error says where it was found.
@Suite struct NonFiniteErrorTests {
  private let scenario = ClassifierScenario.all[3]  // an LSTM below an Elman layer, ragged, NaN in the padding

  private func error(
    _ network: inout SequenceModel, batches: [SequenceBatch]? = nil
  ) -> NonFiniteError? {
    var optimizer = Adam(learningRate: 0.01)
    do {
      try network.train(on: batches ?? [scenario.data], with: &optimizer)
      return nil
    } catch { return error as? NonFiniteError }
  }

  @Test("padding is nobody's business")
  func padding() {
    var network = scenario.network()
    #expect(scenario.inputs.values.contains { $0.isNaN })
    #expect(error(&network) == nil)
  }

  @Test("an input is named by its sequence, and no weight changes", arguments: [Float.nan, .infinity])
  func inputs(value: Float) throws {
    var inputs = scenario.inputs
    let sequence = try #require(scenario.lengths?.lastIndex { $0 > 0 })
    inputs[sequence, 0, 1] = value
    let batch = try SequenceBatch(
      inputs, labels: scenario.labels, lengths: scenario.lengths, classCount: scenario.classes)
    var network = scenario.network()
    let found = try #require(error(&network, batches: [scenario.data, batch]))
    #expect(found.place == .inputs(sequence: scenario.batch + sequence))
    #expect(found.description.contains("in the inputs of sequence \(scenario.batch + sequence)"))
    #expect(found.description.hasPrefix("found \(value)"))
    #expect(bitMismatch(of: network.parameters, with: scenario.network().parameters) == nil)
  }

  @Test("the first weight that is not finite is named", arguments: ["weight_hh_l0", "bias_ih_l1", "head.bias"])
  func weights(name: String) throws {
    var network = scenario.network()
    for bad in [name, "head.bias"] { network.parameters[bad].values[1] = .nan }
    let before = network.parameters
    let found = try #require(error(&network))
    #expect(found.place == .weight(parameter: name))
    #expect(found.description.contains("found nan in \(name)"))
    #expect(bitMismatch(of: network.parameters, with: before) == nil)
  }

  @Test("of states that overflow the lowest layer's is named", arguments: [0, 1])
  func states(layer: Int) throws {
    // h = s + p m with m = m/2 + 1 overflows at the second step, and what reads it goes wrong too.
    var network = SequenceModel(
      .init(
        input: .features(2),
        layers: [
          .bidirectional(LSTMCell(hiddenSize: 3), UserCell(hiddenSize: 4)),
          LayerConfiguration(UserCell(hiddenSize: 5)),
        ], output: .classes(7)))
    network.parameters.fillWithChirps()
    let (suffix, size) = layer == 0 ? ("l0_reverse", 4) : ("l1", 5)
    network.parameters["weight_hh_\(suffix)"].values = network.parameters["weight_hh_\(suffix)"].values.map { _ in 0 }
    network.parameters["weight_mh_\(suffix)"].values[1] = 3e38
    for gate in [1, 2] { network.parameters["bias_ih_\(suffix)"].values[gate * size + 1] = 20 }
    let found = try #require(error(&network))
    #expect(found.place == .state(layer: layer, cell: "user") && !found.value.isFinite)
    #expect(found.description.contains(" in the state of layer \(layer) (user): try a smaller learning rate"))
  }

  @Test("a carried state that is not finite is named, and stays what it was")
  func carriedState() throws {
    var network = SequenceModel(.init(input: .features(3), layers: .lstm(5, count: 2), output: .classes(4)), seed: 1)
    let batch = try SequenceBatch(ClosedForm.chirp.tensor(1, [2, 4, 3]), labels: [0, 3], classCount: 4)
    var state = network.zeroState(batchSize: 2)
    // The hidden and cell states of the first layer come first, then those of the second.
    state.values[2 * 2 * 5 + 3] = .nan
    let before = state
    var optimizer = Adam(learningRate: 0.01)
    let found = try #require(throws: NonFiniteError.self) {
      try network.train(on: batch, from: &state, with: &optimizer)
    }
    #expect(found.place == .state(layer: 1, cell: "lstm"), "from the model's own state all would be finite")
    #expect(bitMismatch(of: state.values, with: before.values) == nil)
  }

  @Test("logits that overflow are named, not what follows from them")
  func logits() throws {
    // An infinity less another.
    var network = scenario.network()
    network.parameters["head.weight"] = Tensor(
      known: [7, 4], values: (0..<28).map { $0.isMultiple(of: 2) ? 3e38 : -3e38 })
    network.parameters["head.bias"] = Tensor(known: [7], values: Array(repeating: 3e38, count: 7))
    let before = network.parameters
    let found = try #require(error(&network))
    #expect(found.place == .logits)
    #expect(found.description.contains("in the logits: try a smaller learning rate"))
    #expect(bitMismatch(of: network.parameters, with: before) == nil)
  }

  @Test("a gradient that overflows is named by the layer where it began, though it spread to the one below")
  func gradient() throws {
    // States of zero, and recurrent weights that carry a small gradient to infinity in two steps.
    var network = scenario.network()
    network.parameters = network.parameters.zeros
    network.parameters["weight_hh_l1"].values = Array(repeating: 1e25, count: 16)
    network.parameters["head.weight"] = Tensor(known: [7, 4], values: (0..<28).map { Float($0) })
    let before = network.parameters
    let found = try #require(error(&network))
    #expect(found.place == .gradient(parameter: "bias_ih_l1"))
    #expect(found.description.contains("the gradient of bias_ih_l1: try a smaller learning rate"))
    #expect(bitMismatch(of: network.parameters, with: before) == nil)
    let gradient = try network.gradient(on: scenario.data).gradient
    #expect(gradient["weight_ih_l0"].values.contains { !$0.isFinite })
  }

  @Test("a loss that is infinite ends training, though its gradient be finite")
  func loss() throws {
    // The label's logit is -∞ and every other finite: its probability is zero, and so is nothing but the loss.
    var network = scenario.network()
    network.parameters["head.weight"] = Tensor(zeros: [7, 4])
    network.parameters["head.bias"] = Tensor(known: [7], values: [3e38, -3e38, -3e38, -3e38, -3e38, -3e38, -3e38])
    let found = try #require(error(&network))
    #expect(found.place == .loss && found.value == .infinity)
    #expect(found.description == "found inf in the loss: try a smaller learning rate, or clip the norm of the gradient")
  }

  @Test("a training loop says in which step, and leaves the weights from before it")
  func loop() throws {
    let training = ClassifierScenario.larger[0].data.dataset
    var network = ClassifierScenario.larger[0].network()
    var optimizer = SGD(learningRate: 3e38)
    var events: [String] = []
    var lastSteps = 0
    let loop = TrainingLoop(epochs: 50, batchSize: 20)
    let isComplete = loop.run(&network, optimizer: &optimizer, training: training, validation: training) {
      switch $0 {
      case .notFinite(let error):
        events.append("\(error)")
        #expect(error.step == lastSteps)
      case .step: lastSteps += 1
      default: break
      }
      return true
    }
    #expect(!isComplete && events.count == 1 && lastSteps > 0)
    #expect(events.first?.hasPrefix("step \(lastSteps): found ") == true)
    // With nobody to tell, it is thrown.
    network = ClassifierScenario.larger[0].network()
    #expect(throws: NonFiniteError.self) {
      try loop.run(&network, optimizer: &optimizer, training: training, validation: training)
    }
  }
}
