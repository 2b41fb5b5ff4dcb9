import ArgumentParser
import Recurrent

/// What a cell has besides its plain equations.
struct CellOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The function of an elman or indrnn cell, such as relu, elu(0.5) or hardSigmoid; tanh and relu unless told "
        + "otherwise.", valueName: "name"), transform: OptionValue.activation)
  var activation: Activation?

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
    help: ArgumentHelp("Hold what goes into an LSTM's gates within ±x.", valueName: "x"), transform: OptionValue.rate)
  var inputClip: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Project an LSTM's hidden state to n units, fewer than it has.", valueName: "n"),
    transform: OptionValue.count)
  var projection: Int?

  /// The options of an LSTM.
  private var lstm: LSTMCell.Options {
    LSTMCell.Options(
      hasPeepholes: peepholes, isCoupled: coupledGates, hasLayerNorm: layerNorm,
      normEpsilon: normEpsilon ?? LSTMCell.Options().normEpsilon, cellClip: cellClip, inputClip: inputClip)
  }

  /// The options that were asked for, by their names.
  var given: [String] {
    let all: [(String, Bool)] = [
      ("activation", activation != nil), ("peepholes", peepholes), ("coupled-gates", coupledGates),
      ("layer-norm", layerNorm), ("norm-epsilon", normEpsilon != nil),
      ("cell-clip", cellClip != nil), ("input-clip", inputClip != nil), ("projection", projection != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  /// Refuses options that a cell does not have.
  func check(_ kind: CellKind, hiddenSize: Int) throws {
    let hasActivation = kind == .elman || kind == .indrnn
    for name in given where name == "activation" ? !hasActivation : kind != .lstm {
      throw ValidationError(
        "--\(name): found beside a cell of kind \(kind.rawValue), expected "
          + (name == "activation" ? "--cell elman or --cell indrnn" : "--cell lstm"))
    }
    if normEpsilon != nil && !layerNorm {
      throw ValidationError("--norm-epsilon: found it alone, expected --layer-norm beside it")
    }
    if layerNorm && inputClip != nil {
      throw ValidationError("--layer-norm and --input-clip: found both, expected at most one")
    }
    if let projection, projection >= hiddenSize {
      throw ValidationError("--projection: found \(projection), expected less than the \(hiddenSize) hidden units")
    }
  }

  /// A cell with these options.
  func make(_ kind: CellKind, inputSize: Int, hiddenSize: Int) -> any RecurrentCell {
    switch (kind, activation) {
    case (.lstm, _):
      LSTMCell(inputSize: inputSize, hiddenSize: hiddenSize, projectionSize: projection, options: lstm)
    case (.elman, let activation?):
      ElmanCell(inputSize: inputSize, hiddenSize: hiddenSize, activation: activation)
    case (.indrnn, let activation?):
      IndRNNCell(inputSize: inputSize, hiddenSize: hiddenSize, activation: activation)
    default: kind.make(inputSize: inputSize, hiddenSize: hiddenSize)
    }
  }
}
