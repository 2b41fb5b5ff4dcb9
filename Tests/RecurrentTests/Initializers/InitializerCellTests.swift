@testable import Recurrent
import TestSupport
import Testing

/// What each framework draws for each cell: one bias beside each matrix of a gate, fans and limits.
@Suite struct InitializerCellTests {
  /// How many of PyTorch's two biases meet in each row of ours.
  struct Kind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let biases: [Int]
    let inputGates: Int
    let hiddenGates: Int
    let make: @Sendable (_ hiddenSize: Int) -> any RecurrentCell

    static let all = [
      Kind(testDescription: "lstm", biases: [2, 2, 2, 2], inputGates: 4, hiddenGates: 4) {
        LSTMCell(hiddenSize: $0)
      },
      Kind(testDescription: "gru", biases: [2, 2, 1, 1], inputGates: 3, hiddenGates: 3) {
        GRUCell(hiddenSize: $0)
      },
      Kind(testDescription: "gru, reset before", biases: [2, 2, 2], inputGates: 3, hiddenGates: 3) {
        GRUCell(hiddenSize: $0, resetAfter: false)
      },
      Kind(testDescription: "elman", biases: [2], inputGates: 1, hiddenGates: 1) {
        ElmanCell(hiddenSize: $0)
      },
      Kind(testDescription: "mgu, reset before", biases: [2, 2], inputGates: 2, hiddenGates: 2) {
        MGUCell(hiddenSize: $0)
      },
      Kind(testDescription: "mgu, reset after", biases: [2, 1, 1], inputGates: 2, hiddenGates: 2) {
        MGUCell(hiddenSize: $0, resetAfter: true)
      },
      Kind(testDescription: "indrnn", biases: [1], inputGates: 1, hiddenGates: 0) {
        IndRNNCell(hiddenSize: $0)
      },
    ]
  }

  private let inputs = 21
  private let units = 64

  private func drawn(_ kind: Kind, _ initializer: Initializer) -> Parameters {
    RecurrentStack(inputSize: inputs, kind.make(units), initializer: initializer, seed: 3).parameters
  }

  @Test("PyTorch: all within ±1/√H, the biases of a gate that reads both matrices as sums of two", arguments: Kind.all)
  func pyTorch(kind: Kind) {
    let drawn = drawn(kind, .pyTorch)
    let limit = 1 / Double(units).squareRoot()
    expectUniform(drawn["weight_ih_l0"], limit: limit)
    if kind.hiddenGates > 0 { expectUniform(drawn["weight_hh_l0"], limit: limit) }
    let values = drawn["bias_ih_l0"].values
    #expect(values.count == kind.biases.count * units)
    for (gate, count) in kind.biases.enumerated() {
      let rows = Array(values[gate * units..<(gate + 1) * units])
      if count == 1 {
        expectUniform(Tensor(known: [units], values: rows), limit: limit)
        continue
      }
      let sums = rows.map(Double.init)
      #expect(sums.allSatisfy { $0.magnitude <= 2 * limit } && sums.contains { $0.magnitude > limit })
      expectMoments(sums, mean: 0, variance: 2 * limit * limit / 3, fourth: 16.0 / 15 * limit * limit * limit * limit)
    }
  }

  @Test("TensorFlow 1: W and U by the fans of one kernel, no bias but of forget gates", arguments: Kind.all)
  func tensorFlow1(kind: Kind) {
    let drawn = drawn(kind, .tensorFlow1)
    let fanIn = kind.hiddenGates > 0 ? inputs + units : inputs
    expectUniform(drawn["weight_ih_l0"], limit: (6 / Double(fanIn + kind.inputGates * units)).squareRoot())
    if kind.hiddenGates > 0 {
      expectUniform(drawn["weight_hh_l0"], limit: (6 / Double(fanIn + kind.hiddenGates * units)).squareRoot())
    }
    expectForgetBias(drawn, kind)
  }

  @Test("Keras: W by its own fans, U orthogonal, no bias but of forget gates", arguments: Kind.all)
  func keras(kind: Kind) {
    let drawn = drawn(kind, .keras)
    expectUniform(drawn["weight_ih_l0"], limit: (6 / Double(inputs + kind.inputGates * units)).squareRoot())
    if kind.hiddenGates > 0 { expectOrthonormalColumns(drawn["weight_hh_l0"]) }
    expectForgetBias(drawn, kind)
  }

  @Test("an IndRNN's recurrent weights begin evenly between 0 and 1", arguments: InitializerTests.Preset.allCases)
  func indRNN(preset: InitializerTests.Preset) {
    let weights = RecurrentStack(inputSize: 3, IndRNNCell(hiddenSize: 500), initializer: preset.initializer, seed: 3)
      .parameters["weight_hh_l0"].values.map { 2 * $0 - 1 }
    expectUniform(Tensor(known: [500], values: weights), limit: 1)
  }

  private func expectForgetBias(_ drawn: Parameters, _ kind: Kind) {
    let values = drawn["bias_ih_l0"].values
    let forget = kind.testDescription == "lstm" ? 1 : nil
    for (row, value) in values.enumerated() { #expect(value == (row / units == forget ? 1 : 0)) }
  }
}
