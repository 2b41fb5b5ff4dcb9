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
    name: .customLong("from"),
    help: ArgumentHelp(
      "Start from the weights of a model, a run folder or a safetensors file, instead of drawing some.",
      valueName: "model"), transform: OptionValue.path)
  var startingModel: String?

  /// The most parameters a network may have: with gradients and optimiser some 16 GB.
  static let largestParameterCount = 1_000_000_000.0

  func validate() throws {
    if startingModel != nil, let initializer {
      throw ValidationError(
        "--initializer: found '\(initializer.rawValue)' beside --from, which brings its own first weights; expected "
          + "one of the two")
    }
    let count = freshParameterCount
    if count > Self.largestParameterCount {
      throw ValidationError(
        "--hidden-size and --layers: found \(hiddenSize ?? 20) and \(layers ?? 3), a network of \(count.sixDigits) "
          + "parameters, expected at most \(Self.largestParameterCount.sixDigits)")
    }
  }

  /// The rule by which first weights are drawn; nil where they come from a model.
  var initializerKind: InitializerKind? { startingModel == nil ? initializer ?? .tensorflow1 : nil }

  /// How many parameters a fresh network would have, about: as a double, which doesn't overflow.
  private var freshParameterCount: Double {
    let (hidden, layers) = (Double(hiddenSize ?? 20), Double(layers ?? 3))
    return (cell ?? .lstm).gateCount * hidden
      * (Double(DigitData.imageSize) + hidden + (layers - 1) * 2 * hidden + layers)
  }

  /// The network to train: read from a file where one is named, else fresh.
  func makeNetwork(seed: UInt64, threads: ThreadPool) throws(CommandFailure) -> SequenceClassifier {
    let (inputSize, classCount) = (DigitData.imageSize, DigitData.classCount)
    guard let startingModel else {
      return SequenceClassifier(
        inputSize: inputSize, classCount: classCount,
        layers: (cell ?? .lstm).layers(hiddenSize ?? 20, count: layers ?? 3),
        initializer: (initializer ?? .tensorflow1).initializer, seed: seed, threads: threads)
    }
    let network = try ModelFile.read(startingModel, threads: threads)
    try ModelFile.check(network, path: startingModel, inputSize: inputSize, classCount: classCount)
    try check(network, path: startingModel)
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
