import Foundation
import TestSupport
import Testing

@testable import Recurrent

/// What files hold of each kind of cell, and what is made of it.
@Suite struct CheckpointCellTests {
  @Test("a file that PyTorch wrote says what PyTorch says", arguments: ["lstm", "gru", "elman"])
  func pyTorchFile(cell: String) throws {
    let fixture = Fixtures.checkpoints
    let network = try SequenceModel(contentsOf: Fixtures.path("pytorch_\(cell).safetensors"))
    #expect(network.cells.map(\.kind) == [cell, cell])
    let inputs = ClosedForm.chirp.tensor(
      fixture.inputs.number, fixture.inputs.shape, scale: fixture.inputs.scale)
    let labels = Array(repeating: 0, count: inputs.shape[0])
    let logits = try network.logits(for: SequenceBatch(inputs, labels: labels, classCount: network.outputSize))
    let expected = try #require(fixture.logits[cell])
    #expect(mismatch(of: logits, with: expected, within: Tolerance.storedReference) == nil)
  }

  @Test("a GRU's biases have the places that PyTorch's have")
  func biasesOfGRU() throws {
    var network = SequenceModel(.init(input: .features(3), layers: .gru(2), output: .classes(2)))
    network.parameters["bias_ih_l0"] = Tensor(known: [8], values: [1, 2, 3, 4, 5, 6, 7, 8])
    let file = network.safeTensors
    #expect(file.tensors["weight_ih_l0"]?.shape == [6, 3] && file.tensors["weight_hh_l0"]?.shape == [6, 2])
    #expect(file.tensors["bias_ih_l0"] == Tensor(known: [6], values: [1, 2, 3, 4, 5, 6]))
    #expect(file.tensors["bias_hh_l0"] == Tensor(known: [6], values: [0, 0, 0, 0, 7, 8]), "r z n")
  }

  @Test("of a GRU's two biases in PyTorch, those of r and z are added up and those of n kept")
  func twoBiasesOfGRU() throws {
    var file = SequenceModel(.init(input: .features(3), layers: .gru(2), output: .classes(2))).safeTensors
    file.metadata = [:]
    file.tensors["bias_ih_l0"] = Tensor(known: [6], values: [1, 2, 3, 4, 5, 6])
    file.tensors["bias_hh_l0"] = Tensor(known: [6], values: [10, 20, 30, 40, 50, 60])
    let network = try SequenceModel(file, path: "m")
    #expect(network.cells.map(\.kind) == ["gru"], "PyTorch's, where nothing else is said")
    #expect(network.parameters["bias_ih_l0"].values == [11, 22, 33, 44, 5, 6, 50, 60])
  }

  @Test("a GRU without its second bias is refused: nobody knows where the first belongs")
  func gruWithOneBias() throws {
    var file = SequenceModel(.init(input: .features(3), layers: .gru(2), output: .classes(2))).safeTensors
    file.tensors["bias_hh_l0"] = nil
    let error = try #require(throws: SafeTensorsError.self) { try SequenceModel(file, path: "m") }
    #expect(error.found == "no tensor named bias_hh_l0" && error.expected == "one of shape [6]")
    #expect(error.kind == .unsuitable)
  }

  @Test("a GRU that resets before the product comes back as one, and not as PyTorch's")
  func resetBefore() throws {
    let network = SequenceModel(
      .init(input: .features(3), layers: .gru(5, count: 2, resetAfter: false), output: .classes(2)),
      initializer: .pyTorch)
    var file = network.safeTensors
    #expect(file.tensors["bias_ih_l0"]?.shape == [15])
    #expect(file.tensors["bias_hh_l0"] == nil, "PyTorch's load_state_dict has to refuse it")
    let copy = try SequenceModel(file, path: "m")
    #expect(copy.cells.allSatisfy { ($0 as? GRUCell)?.resetAfter == false })
    #expect(copy.parameters == network.parameters)
    // A second bias, as somebody may have stored it, belongs to the same sums.
    file.tensors["bias_hh_l1"] = Tensor(known: [15], values: Array(repeating: 1, count: 15))
    let shifted = try SequenceModel(file, path: "m")
    #expect(shifted.parameters["bias_ih_l1"].values == network.parameters["bias_ih_l1"].values.map { $0 + 1 })
  }

  @Test("one bias is two and one again, bit for bit, whatever a cell's gates read")
  func biases() {
    let cells: [any RecurrentCell] = [
      LSTMCell(hiddenSize: 2), GRUCell(hiddenSize: 2),
      GRUCell(hiddenSize: 2, resetAfter: false), ElmanCell(hiddenSize: 2),
      UserCell(hiddenSize: 2),
    ]
    let special: [Float] = [-0.0, .infinity, -.infinity, Float(bitPattern: 0x7fc1_2345), 0x1p-149, 0, 1, -1]
    for cell in cells {
      let shapes = cell.parameterShapes(inputSize: 3, layer: 0).map(\.shape)
      let bias = Tensor(known: shapes[2], values: Array(special[..<shapes[2][0]]))
      let (input, hidden) = cell.twoBiases(bias)
      #expect(input.shape == [shapes[0][0]] && hidden.shape == [shapes[1][0]], "one per row")
      let again = cell.oneBias(input: input, hidden: hidden)
      #expect(again.values.map(\.bitPattern) == bias.values.map(\.bitPattern), "\(cell.kind)")
    }
  }
}

/// Cells with options in files.
@Suite struct CheckpointOptionTests {
  static let cells: [any RecurrentCell] = [
    LSTMCell(hiddenSize: 5, options: .init(hasPeepholes: true)),
    LSTMCell(hiddenSize: 7, projectionSize: 5, options: .init(couplesInputAndForgetGates: true)),
    LSTMCell(
      hiddenSize: 5,
      options: .init(
        hasPeepholes: true, couplesInputAndForgetGates: true, cellClip: 1e-5, preactivationClip: 1e20,
        gateActivation: .hardSigmoid(),
        candidateActivation: .affine(alpha: -0.5, beta: 1e-7), cellActivation: .softsign)),
    LSTMCell(hiddenSize: 5, options: .init(hasLayerNorm: true)),
    LSTMCell(
      hiddenSize: 5,
      options: .init(
        hasPeepholes: true, couplesInputAndForgetGates: true, hasLayerNorm: true, normEpsilon: 1e-5, cellClip: 3)),
    MGUCell(hiddenSize: 5), MGUCell(hiddenSize: 5, resetAfter: true),
    ElmanCell(hiddenSize: 5, activation: .relu),
    ElmanCell(hiddenSize: 5, activation: .scaledTanh(alpha: 1.7, beta: 0.6)),
    ElmanCell(hiddenSize: 5, activation: .relu, preactivationClip: 0.25),
    ElmanCell(hiddenSize: 5, preactivationClip: 1e20),
    GRUCell(hiddenSize: 5, options: .init(preactivationClip: 1e-5)),
    GRUCell(
      hiddenSize: 5,
      options: .init(
        preactivationClip: 0.5, gateActivation: .hardSigmoid(), candidateActivation: .affine(alpha: -0.5, beta: 1e-7))),
    GRUCell(
      hiddenSize: 5, resetAfter: false, options: .init(gateActivation: .softsign, candidateActivation: .elu(alpha: 0.5))
    ),
    IndRNNCell(hiddenSize: 5), IndRNNCell(hiddenSize: 5, activation: .elu(alpha: 0.5)),
  ]

  @Test("a cell comes back with its options and its weights, and PyTorch would refuse it", arguments: cells.indices)
  func roundTrip(index: Int) throws {
    let cell = Self.cells[index]
    var network = SequenceModel(
      .init(
        input: .features(3), layers: [.bidirectional(cell, cell), LayerConfiguration(LSTMCell(hiddenSize: 4))],
        output: .classes(3)))
    network.parameters.fillWithChirps()
    let file = network.safeTensors
    let copy = try SequenceModel(file, path: "m")
    #expect(copy.configuration == network.configuration && copy.cells.map(\.kind) == [cell.kind, cell.kind, "lstm"])
    #expect(copy.parameters == network.parameters)
    let batch = try SequenceBatch(ClosedForm.chirp.tensor(0, [4, 6, 3]), labels: [0, 1, 2, 0], classCount: 3)
    #expect(try bitMismatch(of: copy.logits(for: batch), with: network.logits(for: batch)) == nil)
    #expect(file.tensors["bias_hh_l0"] == nil && file.tensors["bias_hh_l1"] != nil)
  }

  @Test("every activation is the one of its text")
  func activations() {
    let all: [Activation] = [
      .tanh, .sigmoid, .relu, .affine(alpha: 2, beta: -1), .leakyRelu(alpha: 0.3), .thresholdedRelu(alpha: 0.5),
      .scaledTanh(alpha: 1.5, beta: -0.25), .hardSigmoid(alpha: 0.3, beta: 0.4), .elu(alpha: 2), .softsign, .softplus,
    ]
    for activation in all { #expect(Activation(activation.description) == activation) }
    #expect(Activation("leakyRelu") == .leakyRelu() && Activation("hardSigmoid") == .hardSigmoid())
    for text in ["", "swish", "relu(1)", "elu(", "elu()", "elu(x)", "elu(1;2)", "affine", "affine(nan;1)", "tanh "] {
      #expect(Activation(text) == nil, "\(text)")
    }
  }

  @Test(
    "a kind with options there are not is refused",
    arguments: [
      "lstm loud", "lstm layer-norm=1", "lstm norm-epsilon=0.1", "lstm layer-norm norm-epsilon=0",
      "lstm layer-norm input-clip=1", "lstm gate=relu layer-norm", "lstm cell-clip",
      "lstm cell-clip=0", "lstm gate=swish", "gru relu", "elman relu relu", "mgu 1",
      "indrnn x", "gru cell-clip=1", "gru cell=relu", "gru input-clip", "gru input-clip=-1", "gru gate=swish",
      "gru candidate", "gru peepholes", "gru-reset-before x", "elman input-clip=0", "elman input-clip",
      "elman input-clip=1 relu", "elman cell-clip=1", "elman swish input-clip=1", "indrnn input-clip=1",
      "mgu input-clip=1",
    ])
  func refused(kind: String) { #expect(SizelessCell(firstEdition: kind) == nil) }
}

extension CheckpointOptionTests {
  @Test("a projection is stored as PyTorch has it; its width is that of its tensors")
  func projection() throws {
    var network = SequenceModel(
      .init(
        input: .features(3),
        layers: [
          .bidirectional(
            LSTMCell(hiddenSize: 7, projectionSize: 5),
            LSTMCell(hiddenSize: 7, projectionSize: 5))
        ], output: .classes(3)))
    network.parameters.fillWithChirps()
    var file = network.safeTensors
    #expect(file.tensors["weight_hr_l0_reverse"]?.shape == [5, 7] && file.tensors["weight_hh_l0"]?.shape == [28, 5])
    #expect(file.tensors["bias_hh_l0"]?.shape == [28])
    file.metadata = [:]
    let copy = try SequenceModel(file, path: "m")
    #expect(copy.cells.map(\.outputSize) == [5, 5] && copy.parameters == network.parameters)
    for (shape, found) in [([5, 5], "weight_hr_l0 of shape [5, 5]"), ([4, 7], "weight_hr_l0 of shape [4, 7]")] {
      file.tensors["weight_hr_l0"] = Tensor(zeros: shape)
      let error = try #require(throws: SafeTensorsError.self) { try SequenceModel(file, path: "m") }
      #expect(error.found == found && error.kind == .unsuitable)
    }
    var gru = SequenceModel(.init(input: .features(3), layers: .gru(5), output: .classes(2))).safeTensors
    gru.tensors["weight_hr_l0"] = Tensor(zeros: [5, 15])
    #expect(throws: SafeTensorsError.self) { try SequenceModel(gru, path: "m") }
  }
}
