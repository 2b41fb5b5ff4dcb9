import ArgumentParser
import Recurrent
import RecurrentData

/// What the network is made of.
///
/// Defaults are the notebook's, or those of the model that training starts from.
struct NetworkOptions: ParsableArguments {
  /// The conventions for first weights that can be asked for.
  enum InitializerKind: String, CaseIterable, ExpressibleByArgument {
    case tensorflow1, pytorch, keras

    var initializer: Initializer {
      switch self {
      case .tensorflow1: .tensorFlow1
      case .pytorch: .pyTorch
      case .keras: .keras
      }
    }
  }

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

  @Option(help: ArgumentHelp("How first weights are drawn; as tensorflow1 unless told otherwise.", valueName: "name"))
  var initializer: InitializerKind?

  @Option(
    help: ArgumentHelp(
      "Start from the weights of a model, a run folder or a safetensors file, instead of drawing some.",
      valueName: "model"), transform: OptionValue.path)
  var from: String?

  /// What is not asked for, and not brought by --from.
  private static let notebook = (
    cell: CellKind.lstm, hiddenSize: 20, layers: 3, initializer: InitializerKind.tensorflow1
  )

  /// The options that --from replaces.
  static let replacedByModel: Set = ["cell", "hidden-size", "layers", "initializer"]

  /// These options with the notebook's in place of those that were left out; as they are where --from says the rest.
  var resolved: NetworkOptions {
    var options = self
    if from != nil { return options }
    options.cell = cell ?? Self.notebook.cell
    options.hiddenSize = hiddenSize ?? Self.notebook.hiddenSize
    options.layers = layers ?? Self.notebook.layers
    options.initializer = initializer ?? Self.notebook.initializer
    return options
  }

  /// The most parameters a network may have: with gradients and optimiser some 16 GB.
  static let largestParameterCount = 1_000_000_000.0

  func validate() throws {
    if from != nil, let initializer {
      throw ValidationError(
        "--initializer: found '\(initializer.rawValue)' beside --from, which brings its own first weights; expected "
          + "one of the two")
    }
    let count = freshParameterCount
    if count > Self.largestParameterCount {
      throw ValidationError(
        "--hidden-size and --layers: found \(hiddenSize ?? Self.notebook.hiddenSize) and "
          + "\(layers ?? Self.notebook.layers), a network of \(count.sixDigits) "
          + "parameters, expected at most \(Self.largestParameterCount.sixDigits)")
    }
  }

  /// How many parameters a fresh network would have, about: as a double, which doesn't overflow.
  private var freshParameterCount: Double {
    let hidden = Double(hiddenSize ?? Self.notebook.hiddenSize)
    let layers = Double(layers ?? Self.notebook.layers)
    return (cell ?? Self.notebook.cell).gateCount * hidden
      * (Double(DigitData.imageSize) + hidden + (layers - 1) * 2 * hidden + layers)
  }

  /// The network to train: read from a file where one is named, else fresh.
  func makeNetwork(inputSize: Int, seed: UInt64, threads: ThreadPool) throws(CommandFailure) -> SequenceClassifier {
    let classCount = DigitData.classCount
    guard let from else {
      let list = (cell ?? Self.notebook.cell).layers(
        hiddenSize ?? Self.notebook.hiddenSize, count: layers ?? Self.notebook.layers)
      return SequenceClassifier(
        inputSize: inputSize, classCount: classCount, layers: list,
        initializer: (initializer ?? Self.notebook.initializer).initializer, seed: seed, threads: threads)
    }
    let network = try ModelFile.read(from, threads: threads)
    try ModelFile.check(network, path: from, inputSize: inputSize, classCount: classCount)
    try check(network, path: from)
    return network
  }

  /// A model that training starts from has to be what was asked for besides.
  private func check(_ network: SequenceClassifier, path: String) throws(CommandFailure) {
    func mismatch(_ option: String, found: String, asked: String) -> CommandFailure {
      CommandFailure("\(path): found \(found), expected \(asked) as \(option) says; leave the option out", .badData)
    }
    if let layers, layers != network.cells.count {
      throw mismatch("--layers", found: "\(network.cells.count) layers", asked: "\(layers)")
    }
    for (index, layer) in network.cells.enumerated() {
      if let hiddenSize, hiddenSize != layer.hiddenSize {
        throw mismatch("--hidden-size", found: "\(layer.hiddenSize) units in layer \(index)", asked: "\(hiddenSize)")
      }
      if let cell, cell.rawValue != layer.kind {
        throw mismatch("--cell", found: "layer \(index) of kind \(layer.kind)", asked: cell.rawValue)
      }
    }
  }
}
