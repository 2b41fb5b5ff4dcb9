import ArgumentParser
import Recurrent
import RecurrentSupport

/// What the network is made of.
///
/// Defaults are the notebook's, or those of the model that training starts from.
struct NetworkOptions: ParsableArguments {
  // What --from may replace has no default of its own, so that its presence can be told.
  @Option(help: ArgumentHelp("The kind of cell; lstm unless --from says otherwise.", valueName: "name"))
  var cell: CellKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Hidden units of each layer; 20 unless --from says otherwise.", valueName: "n"),
    transform: OptionValue.count)
  var hiddenSize: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Recurrent layers, one above the other; 3 unless --from says otherwise.", valueName: "n"),
    transform: OptionValue.count)
  var layers: Int?

  @Option(
    help: ArgumentHelp(
      "Start from the weights of a model, a run folder or a safetensors file, instead of drawing some.",
      valueName: "model"), completion: .file(), transform: OptionValue.path)
  var from: String?

  /// What is not asked for, and not brought by --from.
  private static let notebook = (cell: CellKind.lstm, hiddenSize: 20, layers: 3)

  /// These options with the notebook's in place of those that were left out; as they are where --from says the rest.
  var resolved: NetworkOptions {
    var options = self
    if from != nil { return options }
    (options.cell, options.hiddenSize, options.layers) = fresh
    return options
  }

  /// What a fresh network has.
  var fresh: (cell: CellKind, hiddenSize: Int, layers: Int) {
    (cell ?? Self.notebook.cell, hiddenSize ?? Self.notebook.hiddenSize, layers ?? Self.notebook.layers)
  }

  /// A model that training starts from has to be what was asked for besides.
  func check(_ network: SequenceModel, path: String) throws(CommandFailure) {
    func mismatch(_ option: String, found: String, asked: String) -> CommandFailure {
      CommandFailure(
        "\(path.shown()): found \(found), expected \(asked) as \(option) says; leave the option out", .badData)
    }
    if let layers, layers != network.layers.count {
      throw mismatch("--layers", found: "\(network.layers.count) layers", asked: "\(layers)")
    }
    for (index, layer) in network.layers.enumerated() {
      for member in layer.cells {
        if let hiddenSize, hiddenSize != member.hiddenSize {
          throw mismatch("--hidden-size", found: "\(member.hiddenSize) units in layer \(index)", asked: "\(hiddenSize)")
        }
        // Behind the name of a kind stand the options of the cell.
        if let cell, cell.rawValue != member.kind.prefix(while: { $0 != " " }) {
          throw mismatch("--cell", found: "layer \(index) of kind \(member.kind.shown())", asked: cell.rawValue)
        }
      }
    }
  }
}
