import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// What a reading shows of a network is what the network does.
@Suite struct SequenceReadingTests {
  private static let scenarios = ClassifierScenario.all.filter { !$0.readsInReverse }

  @Test("beliefs and states after each step are those of the steps so far, bit for bit", arguments: scenarios)
  func statesAndBeliefs(scenario: ClassifierScenario) throws {
    let network = scenario.network()
    let sample = try #require(scenario.data.lengths.firstIndex(of: scenario.steps))
    let inputs = scenario.inputs.selecting([sample])
    let reading = try network.trace(inputs.values)
    let beliefs = try network.probabilitiesOverTime(for: scenario.data).selecting([sample])
    #expect(reading.probabilities.count == scenario.steps && reading.layers.count == network.layers.count)
    for t in 0..<scenario.steps {
      #expect(bitMismatch(of: reading.probabilities[t], with: beliefs.steps(t..<t + 1).values) == nil)
      let state = network.stack(inputs.steps(0..<t + 1)).finalState
      for (layer, found) in reading.layers.enumerated() {
        for (component, expected) in state.layers[layer].components.enumerated() {
          #expect(
            bitMismatch(of: found.states[component][t], with: expected.values) == nil,
            "layer \(layer), component \(component), step \(t)")
        }
      }
    }
  }

  @Test("a sequence without steps has a reading without rows")
  func noSteps() throws {
    let reading = try ClassifierScenario.all[1].network().trace([])
    #expect(reading.probabilities.isEmpty && reading.layers[0].states == [[], []])
    #expect(reading.layers[0].gates.map(\.values) == [[], [], [], []])
  }

  /// A cell, and what its gates and the new state are to each other.
  struct GateCase: Sendable, CustomTestStringConvertible {
    let kind: CellKind
    let names: [String]
    /// The last component of the state from the gates and from what it was.
    let advance: @Sendable (_ gates: [Double], _ old: Double) -> Double
    var testDescription: String { kind.name }
  }

  private static let lstmNames = ["input", "forget", "candidate", "output"]
  private static let gruNames = ["reset", "update", "candidate"]
  static let cases = [
    GateCase(kind: .lstm, names: lstmNames) { $0[1] * $1 + $0[0] * $0[2] },
    GateCase(kind: .lstmPeepholes, names: lstmNames) { $0[1] * $1 + $0[0] * $0[2] },
    GateCase(kind: .lstmLayerNorm, names: lstmNames) { $0[1] * $1 + $0[0] * $0[2] },
    GateCase(kind: .lstmCoupled, names: Array(lstmNames[1...])) { $0[0] * $1 + (1 - $0[0]) * $0[1] },
    GateCase(kind: .gru, names: gruNames) { $0[2] + $0[1] * ($1 - $0[2]) },
    GateCase(kind: .gruResetBefore, names: gruNames) { $0[2] + $0[1] * ($1 - $0[2]) },
    GateCase(kind: .mgu, names: ["forget", "candidate"]) { $1 + $0[0] * ($0[1] - $1) },
  ]

  @Test("the values of gates are those that make the next state", arguments: cases)
  func gates(given: GateCase) throws {
    let scenario = ClassifierScenario("gates", given.kind, batch: 1, steps: 6, input: 3, hidden: [5], classes: 2)
    let reading = try scenario.network().trace(ClosedForm.chirp.values(9, count: 18))
    let layer = reading.layers[0]
    #expect(layer.gates.map(\.name) == given.names)
    var old = [Float](repeating: 0, count: 5)
    for t in 0..<6 {
      let state = layer.states[layer.states.count - 1][t]
      for unit in 0..<5 {
        let gates = layer.gates.map { Double($0.values[t][unit]) }
        #expect(abs(given.advance(gates, Double(old[unit])) - Double(state[unit])) < 1e-6, "step \(t), unit \(unit)")
      }
      old = state
    }
  }

  @Test("gates that the state does not show: output of an LSTM, reset of a GRU", arguments: [CellKind.lstm, .gru])
  func hiddenGates(kind: CellKind) throws {
    let scenario = ClassifierScenario("gates", kind, batch: 1, steps: 4, input: 3, hidden: [5], classes: 2)
    let network = scenario.network()
    let inputs = ClosedForm.chirp.values(9, count: 12)
    let layer = try network.trace(inputs).layers[0]
    let gate = kind.name == "gru" ? 0 : 3
    let (w, u, b) = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")
    for t in 0..<4 {
      for unit in 0..<5 {
        let row = gate * 5 + unit
        var sum = Double(network.parameters[b].values[row])
        for i in 0..<3 { sum += Double(network.parameters[w][row, i] * inputs[t * 3 + i]) }
        for j in 0..<5 where t > 0 { sum += Double(network.parameters[u][row, j] * layer.states[0][t - 1][j]) }
        #expect(abs(Double(layer.gates[gate].values[t][unit]) - 1 / (1 + exp(-sum))) < 1e-6)
      }
    }
  }

  /// A network of any input, readout and output, and its trace of one sequence.
  private func trace(_ example: ModelCase) throws -> (model: SequenceModel, trace: ActivationTrace, rows: Tensor) {
    let model = example.model
    let tokens = [3, 1, 6, 1, 0]
    if example.input == .features {
      let rows = ClosedForm.chirp.tensor(4, [1, 5, model.inputSize])
      return (model, try model.trace(rows.values), rows)
    }
    let rows = model.embedding.map { $0([tokens]) } ?? Embedding(weight: .identity(model.inputSize))([tokens])
    return (model, try model.trace(tokens: tokens), rows)
  }

  @Test(
    "any input, readout and output: states are those of the layers, predictions those of the head",
    arguments: ModelCase.all.filter { !$0.isRagged })
  func everyModel(example: ModelCase) throws {
    let (model, trace, rows) = try trace(example)
    let initial = model.initialState(batchSize: 1)
    let outputs = model.stack(rows, from: initial).outputs
    #expect(trace.stepCount == 5 && trace.output == model.configuration.output)
    #expect(trace.layers.map(\.level) == model.plan.directions.map(\.level))
    #expect(trace.layers.map(\.isReverse) == model.plan.directions.map(\.isReverse))
    let top = trace.layers.filter { $0.level == model.layers.count - 1 }
    for t in 0..<5 {
      let states = top.flatMap { $0.states[0][t] }
      #expect(bitMismatch(of: states, with: outputs.steps(t..<t + 1).values) == nil, "step \(t)")
      // After the first steps alone, a network that predicts after the last step predicts what it does within the trace.
      let read =
        example.readout == .everyStep
        ? outputs.steps(t..<t + 1)
        : model.stack(
          rows.steps(0..<t + 1), from: initial
        ).outputs.steps(t..<t + 1)
      if example.readout == .everyStep || !example.isBidirectional {
        let logits = model.head(read.reshaped(1, read.count))
        let expected = model.configuration.output.predictions(logits)
        #expect(bitMismatch(of: trace.probabilities[t], with: expected.values) == nil, "step \(t)")
      }
    }
  }

  @Test("both directions, prediction after the last step: those of the first steps as whole sequences")
  func predictionsOfPrefixes() throws {
    let scenario = try #require(ClassifierScenario.all.first { $0.isBidirectional })
    let network = scenario.network()
    let inputs = ClosedForm.chirp.tensor(4, [1, 5, scenario.input])
    let trace = try network.trace(inputs.values)
    for t in 0..<5 {
      let part = try SequenceBatch(inputs.steps(0..<t + 1), labels: [0], classCount: scenario.classes)
      #expect(bitMismatch(of: trace.probabilities[t], with: try network.probabilities(for: part).values) == nil)
    }
    let final = network.stack(inputs).finalState
    for (layer, state) in zip(trace.layers, final.layers) {
      for (component, expected) in state.components.enumerated() {
        let last = layer.states[component][layer.isReverse ? 0 : 4]
        #expect(bitMismatch(of: last, with: expected.values) == nil, "\(layer.name)")
      }
    }
    #expect(trace.layers.map(\.name) == ["layer0", "layer0.reverse", "layer1", "layer1.reverse"])
  }

  @Test("a layer in reverse does with a reversed sequence what one that reads forward does with the sequence")
  func reverse() throws {
    let cell = GRUCell(hiddenSize: 5)
    var forward = SequenceModel(.init(input: .features(3), layers: [LayerConfiguration(cell)], output: .classes(2)))
    var reverse = SequenceModel(.init(input: .features(3), layers: [.reverse(cell)], output: .classes(2)))
    forward.parameters.fillWithChirps()
    reverse.parameters.values = forward.parameters.values
    let inputs = ClosedForm.chirp.tensor(4, [1, 6, 3])
    let expected = try forward.trace(inputs.values).layers[0]
    let found = try reverse.trace(inputs.steps.reversed().flatMap(\.values)).layers[0]
    #expect(found.name == "layer0.reverse" && expected.name == "layer0" && found.kind == expected.kind)
    #expect(found.gates.map { Array($0.values.reversed()) } == expected.gates.map(\.values))
    #expect(found.states.map { Array($0.reversed()) } == expected.states)
  }

  @Test("inputs of another kind or size are refused")
  func misfits() throws {
    let features = ClassifierScenario.all[1].network()
    let tokens = SequenceModel(.init(input: .tokens(5), layers: .gru(3), output: .classes(2)))
    func kind(_ body: () throws -> Void) -> InputError.Kind? { #expect(throws: InputError.self) { try body() }?.kind }
    #expect(kind { _ = try features.trace([1, 2]) } == .size)
    #expect(kind { _ = try features.trace(tokens: [1, 2]) } == .size)
    #expect(kind { _ = try tokens.trace([1, 2, 3, 4, 5]) } == .size)
    #expect(kind { _ = try tokens.trace(tokens: [1, 5]) } == .token)
    #expect(try tokens.trace(tokens: []).stepCount == 0)
  }
}

extension Tensor {
  fileprivate static func identity(_ size: Int) -> Tensor {
    Tensor(known: [size, size], values: (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 })
  }
}
