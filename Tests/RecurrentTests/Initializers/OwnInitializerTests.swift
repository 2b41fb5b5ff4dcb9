import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// Initialisers put together from rules: each rule goes where it belongs.
@Suite struct OwnInitializerTests {
  @Test("every rule of an initialiser of one's own goes where it belongs")
  func ownRules() {
    let own = Initializer(
      inputWeights: .constant(1), hiddenWeights: .uniform(limit: 0.5), bias: .constant(0.25), biasCount: 3,
      forgetBias: -2, headWeights: .normal(deviation: 3), headBias: .constant(7))
    let drawn = InitializedLayers.parameters(own)
    for (layer, cell) in InitializedLayers.cells.enumerated() {
      #expect(drawn["weight_ih_l\(layer)"].values.allSatisfy { $0 == 1 })
      expectUniform(drawn["weight_hh_l\(layer)"], limit: 0.5)
      for (row, value) in drawn["bias_ih_l\(layer)"].values.enumerated() {
        #expect(value == (row / cell.hiddenSize == cell.forgetGate ? -1.25 : 0.75))
      }
    }
    expectNormal(drawn["head.weight"].values, deviation: 3)
    #expect(drawn["head.bias"].values.allSatisfy { $0 == 7 })
    // Joint or not makes a difference of fans.
    let joint = Initializer(inputWeights: .glorotUniform, hiddenWeights: .glorotUniform, isJoint: true)
    let apart = Initializer(inputWeights: .glorotUniform, hiddenWeights: .glorotUniform)
    expectUniform(InitializedLayers.parameters(joint)["weight_hh_l2"], limit: (6 / Double(90 + 40)).squareRoot())
    expectUniform(InitializedLayers.parameters(apart)["weight_hh_l2"], limit: (6 / Double(40 + 40)).squareRoot())
  }

  @Test("the blocks of a projected layer are its gates and the projection")
  func projectedBlocks() {
    let cell = LSTMCell(hiddenSize: 7, projectionSize: 5)
    func parameters(_ rule: WeightRule) -> Parameters {
      RecurrentStack(inputSize: 3, cell, initializer: Initializer(inputWeights: .zeros, hiddenWeights: rule)).parameters
    }
    let identity = parameters(.identity(scale: 2))
    for row in 0..<28 {
      for column in 0..<5 { #expect(identity["weight_hh_l0"][row, column] == (row % 7 == column ? 2 : 0)) }
    }
    for row in 0..<5 {
      for column in 0..<7 { #expect(identity["weight_hr_l0"][row, column] == (row == column ? 2 : 0)) }
    }
    let blocks = parameters(.orthogonalBlocks)
    for gate in 0..<4 {
      let rows = blocks["weight_hh_l0"].values[gate * 35..<(gate + 1) * 35]
      expectOrthonormalColumns(Tensor(known: [7, 5], values: Array(rows)))
    }
  }

  @Test("gates may be orthogonal each by itself, or begin as identities")
  func blocks() {
    let own = Initializer(inputWeights: .identity(scale: 0.5), hiddenWeights: .orthogonalBlocks)
    let drawn = InitializedLayers.parameters(own)
    for (layer, cell) in InitializedLayers.cells.enumerated() {
      let size = cell.hiddenSize
      let hidden = drawn["weight_hh_l\(layer)"].values
      let blocks = cell.gates.indices.map { Array(hidden[$0 * size * size..<($0 + 1) * size * size]) }
      for block in blocks { expectOrthonormalColumns(Tensor(known: [size, size], values: block)) }
      #expect(Set(blocks).count == blocks.count)
      let input = drawn["weight_ih_l\(layer)"]
      for row in 0..<input.shape[0] {
        for column in 0..<input.shape[1] {
          #expect(input[row, column] == (row % input.shape[1] == column ? 0.5 : 0))
        }
      }
    }
    // What is left over below the last square has rows of length 1.
    var generator = SplitMix64(seed: 3)
    let values = WeightRule.orthogonalBlocks.draw(rows: 7, columns: 3, fanIn: 1, fanOut: 1, using: &generator)
    let last = values[18...].reduce(0) { $0 + Double($1) * Double($1) }
    #expect((last - 1).magnitude < 1e-6)
  }

  @Test("an identity layer keeps its state")
  func identity() {
    let drawn = InitializedLayers.parameters(.identity(scale: 0.75))
    for (layer, cell) in InitializedLayers.cells.enumerated() {
      let hidden = drawn["weight_hh_l\(layer)"].values
      for (index, value) in hidden.enumerated() {
        let (row, column) = index.quotientAndRemainder(dividingBy: cell.hiddenSize)
        #expect(value == (row % cell.hiddenSize == column ? 0.75 : 0))
      }
      expectNormal(drawn["weight_ih_l\(layer)"].values, deviation: 0.001)
      #expect(drawn["bias_ih_l\(layer)"].values.allSatisfy { $0 == 0 })
    }
    expectNormal(drawn["head.weight"].values, deviation: 0.001)
  }

  @Test("one rule for all, with an open forget gate")
  func oneRule() {
    let drawn = InitializedLayers.parameters(.weights(.heNormal, forgetBias: 1.5))
    for (layer, cell) in InitializedLayers.cells.enumerated() {
      expectNormal(
        drawn["weight_ih_l\(layer)"].values, deviation: (2 / Double(InitializedLayers.inputSizes[layer])).squareRoot())
      expectNormal(drawn["weight_hh_l\(layer)"].values, deviation: (2 / Double(cell.hiddenSize)).squareRoot())
      for (row, value) in drawn["bias_ih_l\(layer)"].values.enumerated() {
        #expect(value == (row / cell.hiddenSize == cell.forgetGate ? 1.5 : 0))
      }
    }
    expectNormal(drawn["head.weight"].values, deviation: (2 / 40.0).squareRoot())
  }

  @Test("chrono: the forget gate keeps for times spread evenly up to the longest, the input gate writes as rarely")
  func chrono() {
    let cells: [any RecurrentCell] = [
      LSTMCell(hiddenSize: 500), GRUCell(hiddenSize: 400),
      ElmanCell(hiddenSize: 5),
    ]
    func draw(_ initializer: Initializer, seed: UInt64 = 1) -> Parameters {
      // Orthogonal matrices of this size would take a while.
      var initializer = initializer
      initializer.hiddenWeights = .zeros
      return SequenceModel(
        .init(input: .features(3), layers: cells.map { LayerConfiguration($0) }, output: .classes(2)),
        initializer: initializer, seed: seed
      ).parameters
    }
    let drawn = draw(.chrono(longestTime: 784))
    func gate(_ layer: Int, _ number: Int) -> [Double] {
      let size = cells[layer].hiddenSize
      return drawn["bias_ih_l\(layer)"].values[number * size..<(number + 1) * size].map(Double.init)
    }
    func expectTimes(_ biases: [Double]) {
      let centered = biases.map { Float(exp($0) - 392) }
      expectUniform(Tensor(known: [centered.count], values: centered), limit: 391)
    }
    expectTimes(gate(0, LSTMCell.Gate.forget.rawValue))
    #expect(gate(0, LSTMCell.Gate.input.rawValue) == gate(0, LSTMCell.Gate.forget.rawValue).map { -$0 })
    for other in [LSTMCell.Gate.candidate, .output] { #expect(gate(0, other.rawValue).allSatisfy { $0 == 0 }) }
    expectTimes(gate(1, GRUCell.Gate.update.rawValue))
    #expect(gate(1, GRUCell.Gate.reset.rawValue).allSatisfy { $0 == 0 })
    #expect(gate(2, 0).allSatisfy { $0 == 0 })
    // The same from the same seed; other rules for biases do not reach these gates.
    #expect(bitMismatch(of: draw(.chrono(longestTime: 784)), with: drawn) == nil)
    #expect(draw(.chrono(longestTime: 784), seed: 2)["bias_ih_l0"] != drawn["bias_ih_l0"])
    var other = Initializer.chrono(longestTime: 784)
    other.forgetBias = 3
    #expect(draw(other)["bias_ih_l0"] == drawn["bias_ih_l0"])
    #expect(draw(.chrono(longestTime: 2))["bias_ih_l0"].values.allSatisfy { $0 == 0 })
  }

  @Test("a reverse direction is drawn by the same rules, with other numbers, in whichever form its cell is")
  func reverse() {
    let size = 30
    for cell in [
      LSTMCell(hiddenSize: size), GRUCell(hiddenSize: size, resetAfter: false),
      GRUCell(hiddenSize: size),
    ] as [any RecurrentCell] {
      func draw(_ initializer: Initializer) -> (Parameters, Parameters) {
        let layers = [LayerConfiguration.bidirectional(cell, cell)]
        let classifier = SequenceModel(
          .init(input: .features(12), layers: layers, output: .classes(4)), initializer: initializer, seed: 9
        ).parameters
        return (classifier, RecurrentStack(inputSize: 12, layers: layers, initializer: initializer, seed: 9).parameters)
      }
      let initializers = [
        Initializer.keras, .weights(.heNormal, forgetBias: 1.5), .chrono(longestTime: 100), .identity(scale: 0.5),
      ]
      for initializer in initializers {
        let (drawn, alone) = draw(initializer)
        for entry in alone.entries { #expect(bitMismatch(of: alone[entry.name], with: drawn[entry.name]) == nil) }
        #expect(drawn["weight_ih_l0"] != drawn["weight_ih_l0_reverse"])
        let isIdentity = initializer.hiddenWeights == .identity(scale: 0.5)
        #expect((drawn["weight_hh_l0"] == drawn["weight_hh_l0_reverse"]) == isIdentity)
        let hasTimes = initializer.longestTime != nil
        #expect((drawn["bias_ih_l0"] != drawn["bias_ih_l0_reverse"]) == hasTimes)
      }
      for suffix in ["", "_reverse"] {
        expectOrthonormalColumns(draw(.keras).0["weight_hh_l0" + suffix])
        let he = draw(.weights(.heNormal, forgetBias: 1.5)).0
        expectNormal(he["weight_ih_l0" + suffix].values, deviation: (2 / 12.0).squareRoot())
        expectNormal(he["weight_hh_l0" + suffix].values, deviation: (2 / Double(size)).squareRoot())
        for (row, value) in he["bias_ih_l0" + suffix].values.enumerated() {
          #expect(value == (row / size == cell.forgetGate ? 1.5 : 0))
        }
        // The rows of the gates of memory, and no others.
        let chrono = draw(.chrono(longestTime: 100)).0["bias_ih_l0" + suffix].values
        for (row, value) in chrono.enumerated() {
          let gate = row / size
          let isMemory = gate == cell.memoryGates?.keep || gate == cell.memoryGates?.write
          #expect((value != 0) == isMemory && value.magnitude <= log(99))
        }
      }
    }
  }
}
