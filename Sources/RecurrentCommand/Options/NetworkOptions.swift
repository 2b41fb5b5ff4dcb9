import ArgumentParser
import Recurrent
import RecurrentSupport

/// The cells of the network and the size of its layers.
///
/// Defaults are those of the task, or of the model that training starts from.
struct NetworkOptions: RecordableArguments {
  // These have no defaults, because the model of --from may determine them: nil means that they are not given.
  @Option(help: ArgumentHelp("Kind of cell; by default that of the task or of --from.", valueName: "name"))
  var cell: CellKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Hidden units of each layer; by default those of the task or of --from.", valueName: "n"),
    transform: OptionValue.count)
  var hiddenSize: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of recurrent layers; by default that of the task or of --from.", valueName: "n"),
    transform: OptionValue.count)
  var layers: Int?

  @Option(
    help: ArgumentHelp(
      "Start from the weights of a model (a run folder or a safetensors file) instead of random ones.",
      valueName: "model"), completion: .file(), transform: OptionValue.path)
  var from: String?

  static var recorded: [RecordedOption<Self>] {
    [
      .init("cell", \.cell),
      .init("hidden-size", \.hiddenSize),
      .init("layers", \.layers),
      .init("from", \.from),
    ]
  }

  /// These options with their defaults filled in, unless --from determines them.
  func resolved(_ defaults: TrainingDefaults) -> NetworkOptions {
    var options = self
    if from != nil { return options }
    (options.cell, options.hiddenSize, options.layers) = fresh(defaults)
    return options
  }

  /// The options of a network that does not start from a model.
  func fresh(_ defaults: TrainingDefaults) -> (cell: CellKind, hiddenSize: Int, layers: Int) {
    (cell ?? defaults.cell, hiddenSize ?? defaults.hiddenSize, layers ?? defaults.layers)
  }

  /// Throws if the model to start from differs from the given options.
  func check(_ network: SequenceModel, path: String) throws(CommandFailure) {
    func mismatch(_ option: String, found: String, expected: String) -> CommandFailure {
      CommandFailure(
        "\(path.shown()): found \(found), expected \(expected) as \(option) says; leave the option out", .badData)
    }
    if let layers, layers != network.layers.count {
      throw mismatch("--layers", found: "\(network.layers.count) layers", expected: "\(layers)")
    }
    for (index, layer) in network.layers.enumerated() {
      for cellOfLayer in layer.cells {
        if let hiddenSize, hiddenSize != cellOfLayer.hiddenSize {
          throw mismatch(
            "--hidden-size", found: "\(cellOfLayer.hiddenSize) units in layer \(index)", expected: "\(hiddenSize)")
        }
        // The options of the cell follow the name of its kind.
        if let cell, cell.rawValue != cellOfLayer.kind.prefix(while: { $0 != " " }) {
          throw mismatch(
            "--cell", found: "layer \(index) of kind \(cellOfLayer.kind.shown())", expected: cell.rawValue)
        }
      }
    }
  }
}
