import ArgumentParser
import Recurrent

/// The variant of a cell.
struct CellOptions: RecordableArguments {
  @Option(
    help: ArgumentHelp(
      "Activation of an elman or indrnn cell, such as relu, elu(0.5) or hardSigmoid; tanh and relu by default. With "
        + "--from, the activation of a model of PyTorch's nn.RNN, whose file does not name it.", valueName: "name"),
    transform: OptionValue.activation)
  var activation: Activation?

  @Option(
    help: ArgumentHelp("Activation of an LSTM's or a GRU's gates; sigmoid by default.", valueName: "name"),
    transform: OptionValue.activation)
  var gateActivation: Activation?

  @Option(
    help: ArgumentHelp("Activation of an LSTM's or a GRU's candidate; tanh by default.", valueName: "name"),
    transform: OptionValue.activation)
  var candidateActivation: Activation?

  @Option(
    help: ArgumentHelp(
      "Activation of an LSTM's cell state on its way to the hidden state; tanh by default.", valueName: "name"),
    transform: OptionValue.activation)
  var cellActivation: Activation?

  @Flag(inversion: .prefixedNo, help: "Add peephole connections from an LSTM's cell state to its gates.")
  var peepholes = false

  @Flag(inversion: .prefixedNo, help: "Couple an LSTM's input and forget gates, i = 1 - f (CIFG).")
  var coupledInputForget = false

  @Flag(
    inversion: .prefixedNo,
    help: "Apply layer normalization to an LSTM's gates and cell state; by default as the task does.")
  var layerNorm: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Epsilon of layer normalization, added to variances. (default: 0.001)", valueName: "x"),
    transform: OptionValue.positive)
  var layerNormEpsilon: Float?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Clip an LSTM's cell state to [-x, x].", valueName: "x"),
    transform: OptionValue.positive)
  var cellClip: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Clip the pre-activations of an LSTM, a GRU or an elman cell to [-x, x].", valueName: "x"),
    transform: OptionValue.positive)
  var preactivationClip: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Project an LSTM's hidden state to n units, less than --hidden-size.", valueName: "n"),
    transform: OptionValue.count)
  var projection: Int?

  static var recorded: [RecordedOption<Self>] {
    [
      .init("activation", \.activation),
      .init("gate-activation", \.gateActivation),
      .init("candidate-activation", \.candidateActivation),
      .init("cell-activation", \.cellActivation),
      .init("peepholes", \.peepholes),
      .init("coupled-input-forget", \.coupledInputForget),
      .init("layer-norm", \.layerNorm),
      .init("layer-norm-epsilon", \.layerNormEpsilon),
      .init("cell-clip", \.cellClip),
      .init("preactivation-clip", \.preactivationClip),
      .init("projection", \.projection),
    ]
  }

  /// The kinds of cells that have an option.
  private static func kinds(with option: String) -> [CellKind] {
    switch option {
    case "activation": [.elman, .indrnn]
    case "gate-activation", "candidate-activation": [.lstm, .gru, .gruResetBefore]
    case "preactivation-clip": [.lstm, .gru, .gruResetBefore, .elman]
    default: [.lstm]
    }
  }

  /// These options with the defaults of a task filled in, as far as a kind of cell and other options can have them.
  func resolved(_ defaults: TrainingDefaults, of kind: CellKind) -> Self {
    var options = self
    let excludesIt =
      preactivationClip != nil || gateActivation != nil || candidateActivation != nil || cellActivation != nil
    if layerNorm == nil && defaults.hasLayerNorm && kind == .lstm && !excludesIt { options.layerNorm = true }
    return options
  }

  /// Throws if an option is given that the kind of cell does not have, or two that exclude each other.
  func check(_ kind: CellKind, hiddenSize: Int) throws {
    let given = try given
    // What a task does by default can be declined with any cell.
    for name in given where name != "layer-norm" || layerNorm == true {
      let kinds = Self.kinds(with: name)
      if kinds.contains(kind) { continue }
      throw ValidationError(
        "--\(name): found with --cell \(kind.rawValue), expected "
          + ArgumentCheck.list(kinds.map { "--cell \($0.rawValue)" }))
    }
    if layerNormEpsilon != nil && layerNorm != true {
      throw ValidationError("--layer-norm-epsilon: found without --layer-norm, expected both")
    }
    let excluded = ["preactivation-clip", "gate-activation", "candidate-activation", "cell-activation"]
    if layerNorm == true, let name = given.first(where: excluded.contains) {
      throw ValidationError("--layer-norm and --\(name): found both, expected at most one")
    }
    if let projection, projection >= hiddenSize {
      throw ValidationError("--projection: found \(projection), expected less than the \(hiddenSize) hidden units")
    }
  }
}

extension CellOptions {
  /// The options of an LSTM.
  private var lstm: LSTMCell.Options {
    let plain = LSTMCell.Options()
    return LSTMCell.Options(
      hasPeepholes: peepholes, couplesInputAndForgetGates: coupledInputForget, hasLayerNorm: layerNorm ?? false,
      normEpsilon: layerNormEpsilon ?? plain.normEpsilon, cellClip: cellClip, preactivationClip: preactivationClip,
      gateActivation: gateActivation ?? plain.gateActivation,
      candidateActivation: candidateActivation ?? plain.candidateActivation,
      cellActivation: cellActivation ?? plain.cellActivation)
  }

  /// The options of a GRU.
  private var gru: GRUCell.Options {
    let plain = GRUCell.Options()
    return GRUCell.Options(
      preactivationClip: preactivationClip, gateActivation: gateActivation ?? plain.gateActivation,
      candidateActivation: candidateActivation ?? plain.candidateActivation)
  }

  /// A cell with these options.
  func make(_ kind: CellKind, hiddenSize: Int) -> any RecurrentCell {
    switch (kind, activation) {
    case (.lstm, _):
      LSTMCell(hiddenSize: hiddenSize, projectionSize: projection, options: lstm)
    case (.gru, _): GRUCell(hiddenSize: hiddenSize, options: gru)
    case (.gruResetBefore, _):
      GRUCell(hiddenSize: hiddenSize, resetAfter: false, options: gru)
    case (.elman, _):
      ElmanCell(hiddenSize: hiddenSize, activation: activation ?? .tanh, preactivationClip: preactivationClip)
    case (.indrnn, let activation?):
      IndRNNCell(hiddenSize: hiddenSize, activation: activation)
    default: kind.make(hiddenSize: hiddenSize)
    }
  }
}
