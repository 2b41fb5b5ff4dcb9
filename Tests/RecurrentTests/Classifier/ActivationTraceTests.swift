import Foundation
import Recurrent
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
}
