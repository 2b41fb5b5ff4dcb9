@testable import Recurrent
import TestSupport
import Testing

/// Every combination of LSTM and GRU options and every activation, in small sizes against the textbook in `Double`; what the
/// conformance suite checks of a few of them in all sizes.
@Suite struct CellOptionTests {
  /// Each option alone and with each other, but for the two that do not go together.
  static let combinations: [LSTMCell.Options] = (0..<32).filter { $0 & 24 != 24 }.map { bits in
    LSTMCell.Options(
      hasPeepholes: bits & 1 != 0, couplesInputAndForgetGates: bits & 2 != 0, hasLayerNorm: bits & 16 != 0,
      cellClip: bits & 4 != 0 ? 0.4 : nil, preactivationClip: bits & 8 != 0 ? 0.5 : nil)
  }

  static let activations: [Activation] = [
    .tanh, .sigmoid, .relu, .affine(alpha: 0.7, beta: -0.2), .leakyRelu(alpha: 0.3), .thresholdedRelu(alpha: 0.25),
    .scaledTanh(alpha: 1.7, beta: 0.6), .hardSigmoid(alpha: 0.3, beta: 0.4), .elu(alpha: 1.2), .softsign, .softplus,
  ]

  /// Each option of a GRU alone and with each other.
  static let gruCombinations: [GRUCell.Options] = (0..<8).map { bits in
    GRUCell.Options(
      preactivationClip: bits & 1 != 0 ? 0.5 : nil,
      gateActivation: bits & 2 != 0 ? .hardSigmoid(alpha: 0.3, beta: 0.4) : .sigmoid,
      candidateActivation: bits & 4 != 0 ? .scaledTanh(alpha: 1.7, beta: 0.6) : .tanh)
  }

  private static let sizes = [
    StackCase.Sizes("two lanes short of a vector", 6, 5, 3, 4),
    StackCase.Sizes("two layers of different widths", 5, 3, 2, 4, 7),
  ]

  @Test("any combination of LSTM options", arguments: combinations, sizes)
  func lstm(options: LSTMCell.Options, sizes: StackCase.Sizes) {
    expectTextbook(StackCase(kinds: [.lstm("lstm", options)], sizes: sizes))
  }

  @Test("any combination of GRU options, in both forms", arguments: gruCombinations, sizes)
  func gru(options: GRUCell.Options, sizes: StackCase.Sizes) {
    for resetAfter in [true, false] {
      expectTextbook(StackCase(kinds: [.gru("gru", options, resetAfter: resetAfter)], sizes: sizes))
    }
  }

  @Test(
    "any activation of an Elman cell, clipped or not, an IndRNN cell and the parts of LSTM and GRU cells",
    arguments: activations, sizes)
  func anyActivation(activation: Activation, sizes: StackCase.Sizes) {
    let function = CellKind.function(activation)
    let elmans = [nil, 0.4].map { CellKind.elman("elman", activation, preactivationClip: $0) }
    let grus = [
      CellKind.gru("gru", .init(gateActivation: activation)), .gru("gru", .init(candidateActivation: activation)),
      .gru("gru", .init(gateActivation: activation), resetAfter: false),
      .gru("gru", .init(preactivationClip: 0.5, candidateActivation: activation), resetAfter: false),
    ]
    let indRNN = CellKind(name: "indrnn", reference: .indRNN(function), hasCorners: true) {
      IndRNNCell(hiddenSize: $0, activation: activation)
    }
    let lstms = [
      LSTMCell.Options(gateActivation: activation), LSTMCell.Options(candidateActivation: activation),
      LSTMCell.Options(hasPeepholes: true, couplesInputAndForgetGates: true, cellActivation: activation),
    ]
    for kind in elmans + [indRNN] + grus + lstms.map({ CellKind.lstm("lstm", $0) }) {
      expectTextbook(StackCase(kinds: [kind], sizes: sizes))
    }
  }

  @Test("an option that is not given changes no bit: the general kernel is not asked")
  func plainIsPlain() {
    let sizes = Self.sizes[0]
    let pairs: [(CellKind, CellKind)] = [
      (.lstm, .lstm("lstm", LSTMCell.Options())), (.gru, .gru("gru", GRUCell.Options())),
      (.gruResetBefore, .gru("gru", GRUCell.Options(), resetAfter: false)), (.elman, .elman("elman", .tanh)),
    ]
    for (usual, withNone) in pairs {
      let plain = Scenario(StackCase(kinds: [usual], sizes: sizes)).run()
      let given = Scenario(StackCase(kinds: [withNone], sizes: sizes)).run()
      #expect(bitMismatch(of: given.outputs, with: plain.outputs) == nil)
      #expect(bitMismatch(of: given.gradients.parameters, with: plain.gradients.parameters) == nil)
    }
    #expect(LSTMCell(hiddenSize: 3).tapeSize == 3)
    #expect(GRUCell(hiddenSize: 3).tapeSize == 0)
    #expect(GRUCell(hiddenSize: 3, options: .init(preactivationClip: 1)).tapeSize == 9)
  }

  @Test("each option is seen in names, shapes and results")
  func optionsMatter() {
    let sizes = Self.sizes[0]
    let grus = [true, false].flatMap { resetAfter in
      Self.gruCombinations.map { CellKind.gru("gru", $0, resetAfter: resetAfter) }
    }
    let elmans = [nil, 0.5].flatMap { limit in
      [.tanh, .relu].map { CellKind.elman("elman", $0, preactivationClip: limit) }
    }
    for kinds in [Self.combinations.map { CellKind.lstm("lstm", $0) }, grus, elmans] {
      let results = kinds.map { Scenario(StackCase(kinds: [$0], sizes: sizes)).run().outputs }
      for (first, result) in results.enumerated() {
        for second in 0..<first { #expect(result != results[second], "\(first) and \(second)") }
      }
      #expect(Set(kinds.map { $0.make(1).kind }).count == kinds.count)
    }
    let cell = LSTMCell(hiddenSize: 5, options: .init(hasPeepholes: true, couplesInputAndForgetGates: true))
    #expect(cell.kind == "lstm peepholes coupled" && LSTMCell(hiddenSize: 1).kind == "lstm")
    let shapes = cell.parameterShapes(inputSize: 3, layer: 1)
    #expect(shapes.map(\.name) == ["weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "weight_fc_l1", "weight_oc_l1"])
    #expect(shapes.map(\.shape) == [[15, 3], [15, 5], [15], [5], [5]])
    #expect(cell.forgetGate == 0 && cell.gateOrder == [.forget, .candidate, .output])
    let normalized = LSTMCell(hiddenSize: 5, options: .init(couplesInputAndForgetGates: true, hasLayerNorm: true))
    #expect(normalized.kind == "lstm coupled layer-norm")
    #expect(normalized.unitParameterNames == ["norm_f", "norm_g", "norm_o", "norm_c", "shift_c"])
    let indRNN = IndRNNCell(hiddenSize: 5).parameterShapes(inputSize: 3, layer: 0)
    #expect(indRNN.map(\.name) == ["weight_ih_l0", "bias_ih_l0", "weight_hh_l0"])
    #expect(indRNN.map(\.shape) == [[5, 3], [5], [5]])
    #expect(MGUCell(hiddenSize: 5).parameterShapes(inputSize: 3, layer: 0).map(\.shape) == [[10, 3], [10, 5], [10]])
    let kinds: [any RecurrentCell] = [
      ElmanCell(hiddenSize: 1), ElmanCell(hiddenSize: 1, activation: .elu()),
      IndRNNCell(hiddenSize: 1), IndRNNCell(hiddenSize: 1, activation: .tanh),
      MGUCell(hiddenSize: 1), MGUCell(hiddenSize: 1, resetAfter: true),
      ElmanCell(hiddenSize: 1, activation: .relu, preactivationClip: 0.5),
      ElmanCell(hiddenSize: 1, preactivationClip: 0.5),
      GRUCell(hiddenSize: 1, options: .init(preactivationClip: 3, gateActivation: .hardSigmoid())),
      GRUCell(hiddenSize: 1, resetAfter: false, options: .init(candidateActivation: .relu)),
    ]
    #expect(
      kinds.map(\.kind) == [
        "elman", "elman elu(1.0)", "indrnn", "indrnn tanh", "mgu", "mgu-reset-after", "elman relu input-clip=0.5",
        "elman input-clip=0.5", "gru input-clip=3.0 gate=hardSigmoid(0.2;0.5)", "gru-reset-before candidate=relu",
      ])
  }

  @Test("peepholes begin as zeros, gains as ones, the recurrent weights of IndRNN evenly between 0 and 1")
  func firstValues() {
    let cells: [any RecurrentCell] = [
      IndRNNCell(hiddenSize: 400),
      LSTMCell(hiddenSize: 7, options: .init(hasPeepholes: true, hasLayerNorm: true)),
    ]
    for initializer in [Initializer.tensorFlow1, .pyTorch, .keras] {
      let parameters = RecurrentStack(
        inputSize: 3, layers: cells.map { LayerConfiguration($0) }, initializer: initializer, seed: 3
      ).parameters
      let weights = parameters["weight_hh_l0"].values
      #expect(weights.allSatisfy { $0 >= 0 && $0 <= 1 } && Set(weights).count > 390)
      let mean: Float = weights.reduce(0, +) / 400
      #expect(abs(mean - 0.5) < 0.08)
      for name in ["weight_ic_l1", "weight_fc_l1", "weight_oc_l1", "shift_c_l1"] {
        #expect(parameters[name].values == Array(repeating: 0, count: 7))
      }
      for name in ["norm_i_l1", "norm_f_l1", "norm_g_l1", "norm_o_l1", "norm_c_l1"] {
        #expect(parameters[name].values == Array(repeating: 1, count: 7))
      }
    }
  }

  /// Outputs, final states and every element of every gradient.
  private func expectTextbook(_ name: StackCase) {
    let scenario = Scenario(name, isRagged: true)
    let (outputs, finalState, gradients) = scenario.run()
    let network = scenario.reference
    let expected = network.run()
    let sizes = name.sizes
    let tolerance = Tolerance.forward(inputSize: sizes.input, hiddenSizes: sizes.hidden, steps: sizes.steps)
    #expect(mismatch(of: outputs, with: expected.outputs, within: tolerance) == nil)
    for (layer, components) in expected.finalStates.enumerated() {
      for (component, values) in components.enumerated() {
        #expect(mismatch(of: finalState[layer].components[component], with: values, within: tolerance) == nil)
      }
    }
    let gradientTolerance = Tolerance.gradient(
      inputSize: sizes.input, hiddenSizes: sizes.hidden, steps: sizes.steps, batch: sizes.batch)
    for entry in gradients.parameters.entries {
      let difference = CentralDifference.mismatch(
        of: gradients.parameters[entry.name].values, at: network[entry.name], step: name.differenceStep,
        within: gradientTolerance
      ) { point in
        var moved = network
        moved.values[entry.name] = point
        return moved.weightedSum(outputs: scenario.outputWeights, finalStates: scenario.finalWeights)
      }
      #expect(difference == nil, "\(entry.name) of \(name.kinds[0].name)")
    }
  }
}

extension GRUCell.Options: CustomTestStringConvertible {
  /// The name of a cell with these options.
  public var testDescription: String { "gru" + description }
}

extension LSTMCell.Options: CustomTestStringConvertible {
  /// The name of a cell with these options.
  public var testDescription: String { "lstm" + description }
}
