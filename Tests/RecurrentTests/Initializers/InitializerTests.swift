@testable import Recurrent
import TestSupport
import Testing

/// Initialisers draw what the frameworks do: bounds, statistics, forget gates; and the same from the same seed.
@Suite struct InitializerTests {
  private let cells: [any RecurrentCell] = [
    LSTMCell(inputSize: 28, hiddenSize: 20), LSTMCell(inputSize: 20, hiddenSize: 50),
    ElmanCell(inputSize: 50, hiddenSize: 40),
  ]

  private func parameters(_ initializer: Initializer, seed: UInt64 = 1) -> Parameters {
    SequenceClassifier(cells: cells, classCount: 10, initializer: initializer, seed: seed).parameters
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
    let stack = RecurrentStack(cells, initializer: preset.initializer, seed: 1)
    for entry in stack.parameters.entries {
      #expect(bitMismatch(of: stack.parameters[entry.name], with: drawn[entry.name]) == nil)
    }
  }

  @Test("TensorFlow 1 draws W and U evenly within the Glorot limit of the joint kernel [I + H, gates · H]")
  func tensorFlow1() {
    let drawn = parameters(.tensorFlow1)
    for (layer, cell) in cells.enumerated() {
      let rows = cell.gates.count * cell.hiddenSize
      let limit = (6 / Double(cell.inputSize + cell.hiddenSize + rows)).squareRoot()
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
      expectUniform(drawn["weight_ih_l\(layer)"], limit: (6 / Double(cell.inputSize + rows)).squareRoot())
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

  @Test("orthogonal matrices have orthonormal rows, or columns if fewer", arguments: [(7, 3), (3, 7), (5, 5)])
  func orthogonal(rows: Int, columns: Int) {
    var generator = SplitMix64(seed: 3)
    let values = WeightRule.orthogonal.draw(rows: rows, columns: columns, fanIn: 1, fanOut: 1, using: &generator)
    let matrix = Tensor(shape: [rows, columns], values: values)
    if rows >= columns {
      expectOrthonormalColumns(matrix)
    } else {
      let transposed = (0..<columns).flatMap { column in (0..<rows).map { matrix[$0, column] } }
      expectOrthonormalColumns(Tensor(shape: [columns, rows], values: transposed))
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

  private func expectOrthonormalColumns(_ matrix: Tensor) {
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
}
