import ArgumentParser
import Recurrent

/// What a cell has besides its plain equations.
struct CellOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The function of an elman or indrnn cell, such as relu, elu(0.5) or hardSigmoid; tanh and relu by default. Beside "
        + "--from, that of a model of PyTorch's nn.RNN, whose file does not name it.", valueName: "name"),
    transform: OptionValue.activation)
  var activation: Activation?

  @Option(
    help: ArgumentHelp(
      "The function of an LSTM's or a GRU's gates; sigmoid unless told otherwise.", valueName: "name"),
    transform: OptionValue.activation)
  var gateActivation: Activation?

  @Option(
    help: ArgumentHelp(
      "The function of an LSTM's or a GRU's candidate; tanh unless told otherwise.", valueName: "name"),
    transform: OptionValue.activation)
  var candidateActivation: Activation?

  @Option(
    help: ArgumentHelp(
      "The function an LSTM shows its cell state through; tanh unless told otherwise.", valueName: "name"),
    transform: OptionValue.activation)
  var cellActivation: Activation?

  @Flag(inversion: .prefixedNo, help: "Let an LSTM's gates see its cell state.")
  var peepholes = false

  @Flag(inversion: .prefixedNo, help: "Let an LSTM write exactly as much as it forgets.")
  var coupledGates = false

  @Flag(inversion: .prefixedNo, help: "Normalise an LSTM's gates and its cell state over their units.")
  var layerNorm = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What layer normalisation adds to variances. (default: 0.001)", valueName: "x"),
    transform: OptionValue.rate)
  var normEpsilon: Float?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Hold an LSTM's cell state within ±x.", valueName: "x"),
    transform: OptionValue.rate)
  var cellClip: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hold what goes into an LSTM's or a GRU's gates, or an elman cell's function, within ±x.", valueName: "x"),
    transform: OptionValue.rate)
  var inputClip: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Project an LSTM's hidden state to n units, fewer than it has.", valueName: "n"),
    transform: OptionValue.count)
  var projection: Int?

  /// The options of an LSTM.
  private var lstm: LSTMCell.Options {
    let plain = LSTMCell.Options()
    return LSTMCell.Options(
      hasPeepholes: peepholes, couplesInputAndForgetGates: coupledGates, hasLayerNorm: layerNorm,
      normEpsilon: normEpsilon ?? plain.normEpsilon, cellClip: cellClip, preactivationClip: inputClip,
      gateActivation: gateActivation ?? plain.gateActivation,
      candidateActivation: candidateActivation ?? plain.candidateActivation,
      cellActivation: cellActivation ?? plain.cellActivation)
  }

  /// The options of a GRU.
  private var gru: GRUCell.Options {
    let plain = GRUCell.Options()
    return GRUCell.Options(
      preactivationClip: inputClip, gateActivation: gateActivation ?? plain.gateActivation,
      candidateActivation: candidateActivation ?? plain.candidateActivation)
  }

  /// The options that were asked for, by their names.
  var given: [String] {
    let all: [(String, Bool)] = [
      ("activation", activation != nil), ("gate-activation", gateActivation != nil),
      ("candidate-activation", candidateActivation != nil), ("cell-activation", cellActivation != nil),
      ("peepholes", peepholes), ("coupled-gates", coupledGates),
      ("layer-norm", layerNorm), ("norm-epsilon", normEpsilon != nil),
      ("cell-clip", cellClip != nil), ("input-clip", inputClip != nil), ("projection", projection != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  /// The kinds of cells that have an option.
  private static func kinds(with option: String) -> [CellKind] {
    switch option {
    case "activation": [.elman, .indrnn]
    case "gate-activation", "candidate-activation": [.lstm, .gru, .gruResetBefore]
    case "input-clip": [.lstm, .gru, .gruResetBefore, .elman]
    default: [.lstm]
    }
  }

  /// Refuses options that a cell does not have.
  func check(_ kind: CellKind, hiddenSize: Int) throws {
    for name in given {
      let kinds = Self.kinds(with: name)
      if kinds.contains(kind) { continue }
      throw ValidationError(
        "--\(name): found beside a cell of kind \(kind.rawValue), expected "
          + ArgumentCheck.list(kinds.map { "--cell \($0.rawValue)" }))
    }
    if normEpsilon != nil && !layerNorm {
      throw ValidationError("--norm-epsilon: found it alone, expected --layer-norm beside it")
    }
    let refused = ["input-clip", "gate-activation", "candidate-activation", "cell-activation"]
    if layerNorm, let name = given.first(where: refused.contains) {
      throw ValidationError("--layer-norm and --\(name): found both, expected at most one")
    }
    if let projection, projection >= hiddenSize {
      throw ValidationError("--projection: found \(projection), expected less than the \(hiddenSize) hidden units")
    }
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
      ElmanCell(hiddenSize: hiddenSize, activation: activation ?? .tanh, preactivationClip: inputClip)
    case (.indrnn, let activation?):
      IndRNNCell(hiddenSize: hiddenSize, activation: activation)
    default: kind.make(hiddenSize: hiddenSize)
    }
  }
}
