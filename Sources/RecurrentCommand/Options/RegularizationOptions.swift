import ArgumentParser
import Recurrent
import RecurrentSupport

/// Regularization of the layers during training.
struct RegularizationOptions: RecordableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Dropout rate of each layer's outputs; by default that of the task.", valueName: "rate"),
    transform: OptionValue.probability)
  var dropout: Float?

  @Flag(
    inversion: .prefixedNo,
    help: "Use one --dropout mask for all time steps of a sequence; by default as the task does.")
  var variational: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Dropout rate of the hidden state where the recurrent weights read it, with one mask for all time steps; by "
        + "default that of the task, or 0 with --from.", valueName: "rate"), transform: OptionValue.probability)
  var recurrentDropout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Zoneout rate of the hidden state: the probability that a unit keeps its value in a time step; by default 0, or "
        + "that of --from.", valueName: "rate"), transform: OptionValue.probability)
  var zoneout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Zoneout rate of an LSTM's cell state.", valueName: "rate"),
    transform: OptionValue.probability)
  var stateZoneout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Dropout rate of the recurrent weights, with a new mask in each training step. (default: 0)", valueName: "rate"),
    transform: OptionValue.probability)
  var weightDrop: Float = 0

  static var recorded: [RecordedOption<Self>] {
    [
      .init("dropout", \.dropout),
      .init("variational", \.variational),
      .init("recurrent-dropout", \.recurrentDropout),
      .init("zoneout", \.zoneout),
      .init("state-zoneout", \.stateZoneout),
      .init("weight-drop", \.weightDrop),
    ]
  }

  func validate() throws {
    if variational == true && dropout ?? 0 == 0 {
      throw ValidationError("--variational: found without --dropout, expected both")
    }
  }

  /// These options with the defaults of a task filled in, as far as a kind of cell can have them.
  ///
  /// - Parameter kind: the kind of all cells; nil if only a model knows it.
  func resolved(_ defaults: Regularization, of kind: CellKind?) -> Self {
    var options = self
    options.dropout = dropout ?? defaults.dropout
    options.variational = variational ?? (defaults.isVariational && options.dropout != 0)
    options.recurrentDropout = recurrentDropout ?? (kind == nil || kind == .indrnn ? 0 : defaults.recurrentDropout)
    return options
  }

  /// Throws if a rate is given that the kind of cell cannot have.
  func check(_ kind: CellKind) throws {
    if kind == .indrnn, let name = nameOfRecurrentMatrixRate {
      throw ValidationError("--\(name): found with --cell indrnn, which has no recurrent matrix")
    }
  }

  /// Throws if a rate is given that a cell of the model to start from cannot have.
  func check(_ network: SequenceModel, path: String) throws(CommandFailure) {
    if network.cells.contains(where: { $0 is IndRNNCell }), let name = nameOfRecurrentMatrixRate {
      throw CommandFailure(
        "\(path.shown()): found a cell of kind indrnn, which has no recurrent matrix for --\(name); leave the option out",
        .badData)
    }
  }

  /// The first given option that needs a recurrent matrix.
  private var nameOfRecurrentMatrixRate: String? {
    recurrentDropout ?? 0 > 0 ? "recurrent-dropout" : weightDrop > 0 ? "weight-drop" : nil
  }

  /// The regularization of a layer, in place of what it has; the layer's zoneout remains unless a rate is given.
  func replacing(_ layer: LayerConfiguration) -> Regularization {
    Regularization(
      dropout: dropout ?? 0, isVariational: variational ?? false, recurrentDropout: recurrentDropout ?? 0,
      hiddenZoneout: zoneout ?? layer.regularization.hiddenZoneout,
      stateZoneout: stateZoneout ?? layer.regularization.stateZoneout, weightDrop: weightDrop)
  }
}
