import ArgumentParser
import Recurrent

/// What the network is made of. Defaults are the notebook's, or those of the file that training starts from.
struct NetworkOptions: ParsableArguments {
  /// The kinds of cells that can be asked for.
  enum CellKind: String, CaseIterable, ExpressibleByArgument {
    case lstm, elman
  }

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

  @Option(help: "The kind of cell: \(CellKind.allCases.map(\.rawValue).joined(separator: " or ")). (default: lstm)")
  var cell: CellKind?

  @Option(help: "Hidden units of each layer. (default: 20)")
  var hiddenSize: Int?

  @Option(help: "Recurrent layers, one above the other. (default: 3)")
  var layers: Int?

  @Option(help: "How first weights are drawn: tensorflow1, pytorch or keras.")
  var initializer: InitializerKind = .tensorflow1

  @Option(
    name: .customLong("from"),
    help: "Start from the weights of this model, a safetensors file or a run folder, instead of fresh ones.")
  var startingModel: String?

  func validate() throws {
    if let hiddenSize { try require("--hidden-size", hiddenSize, atLeast: 1) }
    if let layers { try require("--layers", layers, atLeast: 1) }
  }

  /// The network to train: read from a file where one is named, else fresh.
  func makeNetwork(
    inputSize: Int, classCount: Int, seed: UInt64, threads: ThreadPool
  ) throws(CommandFailure) -> SequenceClassifier {
    guard let startingModel else {
      let (hiddenSize, count) = (hiddenSize ?? 20, layers ?? 3)
      let list: LayerList =
        switch cell ?? .lstm {
        case .lstm: .lstm(hiddenSize, count: count)
        case .elman: .elman(hiddenSize, count: count)
        }
      return SequenceClassifier(
        inputSize: inputSize, classCount: classCount, layers: list, initializer: initializer.initializer, seed: seed,
        threads: threads)
    }
    let network = try ModelFile.read(startingModel, threads: threads)
    try check(network, path: startingModel, inputSize: inputSize, classCount: classCount)
    return network
  }

  /// A model that training starts from has to fit the data and what was asked for besides.
  private func check(
    _ network: SequenceClassifier, path: String, inputSize: Int, classCount: Int
  ) throws(CommandFailure) {
    try ModelFile.check(network, path: path, inputSize: inputSize, classCount: classCount)
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
      if let cell, cell.rawValue != type(of: layer).name {
        throw mismatch("--cell", found: "layer \(index) of kind \(type(of: layer).name)", asked: cell.rawValue)
      }
    }
  }
}

/// Refuses a number that is too small, in words that name the option.
func require(_ option: String, _ value: Int, atLeast least: Int) throws {
  if value < least {
    throw ValidationError("\(option): found \(value), expected a whole number of at least \(least)")
  }
}
