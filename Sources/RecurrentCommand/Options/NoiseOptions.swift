import ArgumentParser
import Recurrent
import RecurrentSupport

/// The noise a network is trained with.
struct NoiseOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Drop this part of each layer's outputs on their way up. (default: 0)", valueName: "rate"),
    transform: OptionValue.probability)
  var dropout: Float = 0

  @Flag(inversion: .prefixedNo, help: "Let --dropout keep one mask for all steps of a sequence.")
  var variational = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Drop this part of the hidden state, with one mask for all steps, where the recurrent weights read it. "
        + "(default: 0)", valueName: "rate"), transform: OptionValue.probability)
  var recurrentDropout: Float = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Let this part of the hidden units keep their old value in a step; 0, or the rate of the model that --from "
        + "names.", valueName: "rate"), transform: OptionValue.probability)
  var zoneout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The same for an LSTM's cell state.", valueName: "rate"), transform: OptionValue.probability)
  var stateZoneout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Drop this part of the recurrent weights in each step of training. (default: 0)", valueName: "rate"),
    transform: OptionValue.probability)
  var weightDrop: Float = 0

  func validate() throws {
    if variational && dropout == 0 {
      throw ValidationError("--variational: found without --dropout, expected a rate there")
    }
  }

  /// Refuses noise that a cell has no place for.
  func check(_ kind: CellKind) throws {
    if kind != .indrnn { return }
    for (name, rate) in [("recurrent-dropout", recurrentDropout), ("weight-drop", weightDrop)] where rate > 0 {
      throw ValidationError("--\(name): found beside a cell of kind indrnn, which has no recurrent matrix")
    }
  }

  /// Refuses noise that a model to start from has no place for.
  func check(_ network: SequenceModel, path: String) throws(CommandFailure) {
    guard network.cells.contains(where: { $0 is IndRNNCell }) else { return }
    for (name, rate) in [("recurrent-dropout", recurrentDropout), ("weight-drop", weightDrop)] where rate > 0 {
      throw CommandFailure(
        "\(path.shown()): found a cell of kind indrnn, which has no recurrent matrix for --\(name); leave the option out",
        .badData)
    }
  }

  /// The noise of a layer, in place of what it has.
  func regularization(of layer: LayerConfiguration) -> Regularization {
    Regularization(
      dropout: dropout, isVariational: variational, recurrentDropout: recurrentDropout,
      hiddenZoneout: zoneout ?? layer.regularization.hiddenZoneout,
      stateZoneout: stateZoneout ?? layer.regularization.stateZoneout, weightDrop: weightDrop)
  }
}
