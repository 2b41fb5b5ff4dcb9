import Foundation
@testable import Recurrent
import TestSupport
import Testing

/// The frameworks' initialisers draw what the frameworks do: bounds, statistics, forget gates; and the same from the same
/// seed.
@Suite struct InitializerTests {
  @Test("the same seed draws the same weights, another one others", arguments: Preset.allCases)
  func seeds(preset: Preset) {
    let drawn = InitializedLayers.parameters(preset.initializer)
    #expect(bitMismatch(of: InitializedLayers.parameters(preset.initializer), with: drawn) == nil)
    let other = InitializedLayers.parameters(preset.initializer, seed: 2)
    for name in drawn.entries.map(\.name) where name.hasPrefix("weight") || name == "head.weight" {
      #expect(drawn[name] != other[name], "\(name)")
      #expect(Set(drawn[name].values).count > drawn[name].count * 9 / 10, "\(name) repeats itself")
    }
    for another in Preset.allCases where another != preset {
      #expect(InitializedLayers.parameters(another.initializer) != drawn)
    }
    // A stack draws its layers as a classifier does.
    let stack = RecurrentStack(
      inputSize: 28, layers: InitializedLayers.cells.map { LayerConfiguration($0) }, initializer: preset.initializer,
      seed: 1)
    for entry in stack.parameters.entries {
      #expect(bitMismatch(of: stack.parameters[entry.name], with: drawn[entry.name]) == nil)
    }
  }

  @Test("TensorFlow 1 draws W and U evenly within the Glorot limit of the joint kernel [I + H, gates · H]")
  func tensorFlow1() {
    let drawn = InitializedLayers.parameters(.tensorFlow1)
    for (layer, cell) in InitializedLayers.cells.enumerated() {
      let rows = cell.gates.count * cell.hiddenSize
      let limit = (6 / Double(InitializedLayers.inputSizes[layer] + cell.hiddenSize + rows)).squareRoot()
      expectUniform(drawn["weight_ih_l\(layer)"], limit: limit)
      expectUniform(drawn["weight_hh_l\(layer)"], limit: limit)
    }
    expectNormal(drawn["head.weight"].values + drawn["head.bias"].values, deviation: 1)
    // Both are drawn: the head's bias is no constant.
    #expect(Set(drawn["head.bias"].values).count == 10)
  }

  @Test("PyTorch draws all within ±1/√H, and adds two biases up")
  func pyTorch() {
    let drawn = InitializedLayers.parameters(.pyTorch)
    for (layer, cell) in InitializedLayers.cells.enumerated() {
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
    let drawn = InitializedLayers.parameters(.keras)
    for (layer, cell) in InitializedLayers.cells.enumerated() {
      let rows = cell.gates.count * cell.hiddenSize
      expectUniform(
        drawn["weight_ih_l\(layer)"], limit: (6 / Double(InitializedLayers.inputSizes[layer] + rows)).squareRoot())
      expectOrthonormalColumns(drawn["weight_hh_l\(layer)"])
    }
    expectUniform(drawn["head.weight"], limit: (6 / Double(40 + 10)).squareRoot())
    #expect(drawn["head.bias"].values.allSatisfy { $0 == 0 })
  }

  @Test("a forget gate starts open where the framework has it so, no other gate does", arguments: Preset.allCases)
  func forgetBias(preset: Preset) {
    if preset == .pyTorch { return }
    let drawn = InitializedLayers.parameters(preset.initializer)
    for (layer, cell) in InitializedLayers.cells.enumerated() {
      let bias = drawn["bias_ih_l\(layer)"].values
      for gate in cell.gates.indices {
        let expected: Float = gate == cell.forgetGate ? 1 : 0
        let rows = bias[gate * cell.hiddenSize..<(gate + 1) * cell.hiddenSize]
        #expect(rows.allSatisfy { $0 == expected }, "layer \(layer), gate \(gate)")
      }
    }
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
