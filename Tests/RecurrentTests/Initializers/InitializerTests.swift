import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// Initialisers draw what the frameworks do: bounds, statistics, forget gates; and the same from the same seed.
@Suite struct InitializerTests {
  private let cells: [any RecurrentCell] = [
    LSTMCell(hiddenSize: 20), LSTMCell(hiddenSize: 50),
    ElmanCell(hiddenSize: 40),
  ]

  /// How many features each layer reads.
  private let inputSizes = [28, 20, 50]

  private func parameters(_ initializer: Initializer, seed: UInt64 = 1) -> Parameters {
    SequenceModel(
      .init(input: .features(28), layers: cells.map { LayerConfiguration($0) }, output: .classes(10)),
      initializer: initializer, seed: seed
    ).parameters
  }

  @Test("the same seed draws the same weights, another one others", arguments: Preset.allCases)
  func seeds(preset: Preset) {
    let drawn = parameters(preset.initializer)
    #expect(bitMismatch(of: parameters(preset.initializer), with: drawn) == nil)
    let other = parameters(preset.initializer, seed: 2)
    for name in drawn.entries.map(\.name) where name.hasPrefix("weight") || name == "head.weight" {
      #expect(drawn[name] != other[name], "\(name)")
      #expect(Set(drawn[name].values).count > drawn[name].count * 9 / 10, "\(name) repeats itself")
    }
    for another in Preset.allCases where another != preset {
      #expect(parameters(another.initializer) != drawn)
    }
    // A stack draws its layers as a classifier does.
    let stack = RecurrentStack(
      inputSize: 28, layers: cells.map { LayerConfiguration($0) }, initializer: preset.initializer, seed: 1)
    for entry in stack.parameters.entries {
      #expect(bitMismatch(of: stack.parameters[entry.name], with: drawn[entry.name]) == nil)
    }
  }

  @Test("TensorFlow 1 draws W and U evenly within the Glorot limit of the joint kernel [I + H, gates · H]")
  func tensorFlow1() {
    let drawn = parameters(.tensorFlow1)
    for (layer, cell) in cells.enumerated() {
      let rows = cell.gates.count * cell.hiddenSize
      let limit = (6 / Double(inputSizes[layer] + cell.hiddenSize + rows)).squareRoot()
      expectUniform(drawn["weight_ih_l\(layer)"], limit: limit)
      expectUniform(drawn["weight_hh_l\(layer)"], limit: limit)
    }
    expectNormal(drawn["head.weight"].values + drawn["head.bias"].values, deviation: 1)
    // Both are drawn: the head's bias is no constant.
    #expect(Set(drawn["head.bias"].values).count == 10)
  }

  @Test("PyTorch draws all within ±1/√H, and adds two biases up")
  func pyTorch() {
    let drawn = parameters(.pyTorch)
    for (layer, cell) in cells.enumerated() {
      let limit = 1 / Double(cell.hiddenSize).squareRoot()
      expectUniform(drawn["weight_ih_l\(layer)"], limit: limit)
      expectUniform(drawn["weight_hh_l\(layer)"], limit: limit)
      let bias = drawn["bias_ih_l\(layer)"].values.map(Double.init)
      #expect(bias.allSatisfy { $0.magnitude <= 2 * limit })
      // The sum of two even draws: beyond the limit of one in a quarter of all cases, variance 2/3 limit².
      let beyond = bias.count { $0.magnitude > limit }
      #expect(beyond > bias.count / 10 && beyond < bias.count / 2)
      expectMoments(bias, mean: 0, variance: 2 * limit * limit / 3, fourth: 16.0 / 15 * limit * limit * limit * limit)
    }
    expectUniform(drawn["head.weight"], limit: 1 / Double(40).squareRoot())
    #expect(drawn["head.bias"].values.allSatisfy { $0 != 0 && $0.magnitude <= 1 / Float(40).squareRoot() })
  }

  @Test("Keras draws W within its own Glorot limit, U orthogonal, the head's weights by Glorot")
  func keras() {
    let drawn = parameters(.keras)
    for (layer, cell) in cells.enumerated() {
      let rows = cell.gates.count * cell.hiddenSize
      expectUniform(drawn["weight_ih_l\(layer)"], limit: (6 / Double(inputSizes[layer] + rows)).squareRoot())
      expectOrthonormalColumns(drawn["weight_hh_l\(layer)"])
    }
    expectUniform(drawn["head.weight"], limit: (6 / Double(40 + 10)).squareRoot())
    #expect(drawn["head.bias"].values.allSatisfy { $0 == 0 })
  }

  @Test("a forget gate starts open where the framework has it so, no other gate does", arguments: Preset.allCases)
  func forgetBias(preset: Preset) {
    if preset == .pyTorch { return }
    let drawn = parameters(preset.initializer)
    for (layer, cell) in cells.enumerated() {
      let bias = drawn["bias_ih_l\(layer)"].values
      for gate in cell.gates.indices {
        let expected: Float = gate == cell.forgetGate ? 1 : 0
        let rows = bias[gate * cell.hiddenSize..<(gate + 1) * cell.hiddenSize]
        #expect(rows.allSatisfy { $0 == expected }, "layer \(layer), gate \(gate)")
      }
    }
  }

  @Test("every rule of an initialiser of one's own goes where it belongs")
  func ownRules() {
    let own = Initializer(
      inputWeights: .constant(1), hiddenWeights: .uniform(limit: 0.5), bias: .constant(0.25), biasCount: 3,
      forgetBias: -2, headWeights: .normal(deviation: 3), headBias: .constant(7))
    let drawn = parameters(own)
    for (layer, cell) in cells.enumerated() {
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
    expectUniform(parameters(joint)["weight_hh_l2"], limit: (6 / Double(90 + 40)).squareRoot())
    expectUniform(parameters(apart)["weight_hh_l2"], limit: (6 / Double(40 + 40)).squareRoot())
  }

  @Test("a projection is drawn as recurrent weights are, by its own fans", arguments: Preset.allCases)
  func projection(preset: Preset) {
    let cell = LSTMCell(hiddenSize: 40, projectionSize: 30)
    let drawn = RecurrentStack(inputSize: 28, cell, initializer: preset.initializer, seed: 5).parameters
    let limit: Double
    switch preset {
    case .tensorFlow1:
      // The kernel is [I + P, 4H], the projection [H, P].
      expectUniform(drawn["weight_ih_l0"], limit: (6 / Double(28 + 30 + 160)).squareRoot())
      expectUniform(drawn["weight_hh_l0"], limit: (6 / Double(28 + 30 + 160)).squareRoot())
      limit = (6 / Double(40 + 30)).squareRoot()
    case .pyTorch:
      limit = 1 / Double(40).squareRoot()
      expectUniform(drawn["weight_ih_l0"], limit: limit)
      expectUniform(drawn["weight_hh_l0"], limit: limit)
    case .keras:
      expectOrthonormalColumns(drawn["weight_hh_l0"])
      let projection = drawn["weight_hr_l0"]
      let columns = (0..<40).flatMap { column in (0..<30).map { projection[$0, column] } }
      expectOrthonormalColumns(Tensor(known: [40, 30], values: columns))
      return
    }
    expectUniform(drawn["weight_hr_l0"], limit: limit)
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

  @Test("orthogonal matrices have orthonormal rows, or columns if fewer", arguments: [(7, 3), (3, 7), (5, 5)])
  func orthogonal(rows: Int, columns: Int) {
    var generator = SplitMix64(seed: 3)
    let values = WeightRule.orthogonal.draw(rows: rows, columns: columns, fanIn: 1, fanOut: 1, using: &generator)
    let matrix = Tensor(known: [rows, columns], values: values)
    if rows >= columns {
      expectOrthonormalColumns(matrix)
    } else {
      let transposed = (0..<columns).flatMap { column in (0..<rows).map { matrix[$0, column] } }
      expectOrthonormalColumns(Tensor(known: [columns, rows], values: transposed))
    }
  }

  @Test("every rule draws with the limits and deviations of its paper", arguments: [(40, 90), (120, 30)])
  func rules(fanIn: Int, fanOut: Int) {
    func draw(_ rule: WeightRule) -> Tensor {
      var generator = SplitMix64(seed: 5)
      let values = rule.draw(rows: 100, columns: 60, fanIn: fanIn, fanOut: fanOut, using: &generator)
      return Tensor(known: [100, 60], values: values)
    }
    let (ins, outs) = (Double(fanIn), Double(fanOut))
    expectUniform(draw(.glorotUniform), limit: (6 / (ins + outs)).squareRoot())
    expectUniform(draw(.heUniform), limit: (6 / ins).squareRoot())
    expectUniform(draw(.lecunUniform), limit: (3 / ins).squareRoot())
    expectUniform(draw(.reciprocalRoot), limit: (1 / ins).squareRoot())
    expectUniform(draw(.uniform(limit: 0.3)), limit: 0.3)
    expectNormal(draw(.glorotNormal).values, deviation: (2 / (ins + outs)).squareRoot())
    expectNormal(draw(.heNormal).values, deviation: (2 / ins).squareRoot())
    expectNormal(draw(.lecunNormal).values, deviation: (1 / ins).squareRoot())
    expectNormal(draw(.normal(deviation: 0.3)).values, deviation: 0.3)
    #expect(draw(.zeros).values.allSatisfy { $0 == 0 })
  }

  @Test("orthogonal matrices are as likely one way round as the other: no sign is preferred")
  func orthogonalSigns() {
    // Without a correction of signs, a decomposition has diagonal elements of one sign.
    var generator = SplitMix64(seed: 11)
    let firsts = (0..<400).map { _ in
      Double(WeightRule.orthogonal.draw(rows: 4, columns: 4, fanIn: 4, fanOut: 4, using: &generator)[5])
    }
    // An element of a random direction in four dimensions: variance 1/4, fourth moment 3/24.
    expectMoments(firsts, mean: 0, variance: 0.25, fourth: 0.125)
  }

  @Test("gates may be orthogonal each by itself, or begin as identities")
  func blocks() {
    let own = Initializer(inputWeights: .identity(scale: 0.5), hiddenWeights: .orthogonalBlocks)
    let drawn = parameters(own)
    for (layer, cell) in cells.enumerated() {
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
    let drawn = parameters(.identity(scale: 0.75))
    for (layer, cell) in cells.enumerated() {
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
    let drawn = parameters(.weights(.heNormal, forgetBias: 1.5))
    for (layer, cell) in cells.enumerated() {
      expectNormal(drawn["weight_ih_l\(layer)"].values, deviation: (2 / Double(inputSizes[layer])).squareRoot())
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

  enum Preset: String, CaseIterable {
    case tensorFlow1, pyTorch, keras

    var initializer: Initializer {
      switch self {
      case .tensorFlow1: .tensorFlow1
      case .pyTorch: .pyTorch
      case .keras: .keras
      }
    }
  }
}

/// Expects columns of length 1 that stand at right angles to one another.
func expectOrthonormalColumns(_ matrix: Tensor) {
  let (rows, columns) = (matrix.shape[0], matrix.shape[1])
  let values = matrix.values.map(Double.init)
  var worst = 0.0
  for a in 0..<columns {
    for b in 0...a {
      let product = (0..<rows).reduce(0.0) { $0 + values[$1 * columns + a] * values[$1 * columns + b] }
      worst = max(worst, (product - (a == b ? 1 : 0)).magnitude)
    }
  }
  #expect(worst < Tolerance.afterRoundings(rows))
}
