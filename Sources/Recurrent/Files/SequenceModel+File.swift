import RecurrentSupport

extension SequenceModel {
  /// The network as named tensors, in the form of PyTorch's `nn.LSTM`, `nn.GRU`, `nn.RNN` and `nn.Linear`.
  ///
  /// PyTorch has two biases, most of which are only added together: `bias_hh_l0` and so on are therefore zeros, so that
  /// `load_state_dict` finds all its tensors. A layer that PyTorch does not have, such as a GRU with the reset gate
  /// before the product or a residual layer, has one bias per pre-activation, so that PyTorch rejects the file instead
  /// of computing something else.
  ///
  /// The metadata holds the network's ``configuration`` as JSON, with the key `recurrent.configuration`.
  ///
  /// Weights of a reduced ``precision`` are tensors of type `BF16`, or of type `I8` with a scale for each row in a tensor
  /// named `weight_ih_l0.scale` and so on; the precision has the key `recurrent.weights`.
  ///
  /// - Precondition: the kinds of the network's cells are built in or registered (``CellRegistry``).
  /// - Complexity: O(parameters): copies all weights.
  public var safeTensors: SafeTensors {
    let metadata = ["format": "pt", Self.configurationKey: configuration.json]
    var tensors: [String: Tensor] = [:]
    for entry in parameters.entries { tensors[entry.name] = parameters[entry.name] }
    for (level, layer) in layers.enumerated() where layer.existsInPyTorch {
      for (direction, cell) in layer.cells.enumerated() {
        let ending = "_l\(level)" + (direction == 1 ? "_reverse" : "")
        let (first, second) = cell.twoBiases(parameters["bias_ih" + ending])
        tensors["bias_ih" + ending] = first
        tensors["bias_hh" + ending] = second
      }
    }
    var file = SafeTensors(tensors: tensors, metadata: metadata)
    file.reduceWeights(of: plan, to: precision)
    return file
  }

  /// The metadata key of the configuration.
  static let configurationKey = "recurrent.configuration"

  /// Writes the network to a file atomically.
  ///
  /// - Parameter path: the file, in an existing folder. A link is followed; a pipe or a device is written to.
  /// - Throws: ``FileWriteError`` if the system fails; the old file is then still there.
  /// - Precondition: that of ``safeTensors``.
  /// - Complexity: O(parameters).
  public func save(to path: String) throws(FileWriteError) { try safeTensors.write(to: path) }

  /// Reads a network from a file that ``save(to:)`` or PyTorch has written.
  ///
  /// Names may have a prefix, like those of a PyTorch module's members (`lstm.weight_ih_l0`); two biases are added if a
  /// cell has one, and a missing bias is zeros (`bias=False`); the head is `head` or else the only other weight matrix,
  /// with or without a bias. The file's metadata holds the configuration, or in first-edition files the kind of each
  /// layer; without it the number of gates decides: `nn.LSTM`, `nn.GRU` or `nn.RNN`, bidirectional if there are weights
  /// for both directions. A file that holds anything else is an error, since it belongs to a network that computes
  /// something else; integers and booleans, such as counters, are skipped.
  ///
  /// A file of reduced weights gives a network of the same ``precision``, for inference.
  ///
  /// ```swift
  /// let network = try SequenceModel(contentsOf: "rnn.safetensors", activation: .relu) { print("assumed:", $0) }
  /// ```
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - activation: the activation of an `nn.RNN`, which its file does not name; `tanh` by default. It is an error if
  ///     the file does name it.
  ///   - threads: the threads to run on.
  ///   - assume: called with each decision about what the file does not say.
  /// - Throws: ``SafeTensorsError`` if the file is not a safetensors file or does not hold such a network.
  /// - Complexity: O(size) of the file.
  public init(
    contentsOf path: String, activation: Activation? = nil, threads: ThreadPool = .shared,
    onAssumption assume: (Assumption) -> Void = { _ in }
  ) throws(SafeTensorsError) {
    try self.init(
      SafeTensors(contentsOf: path), path: path, activation: activation, threads: threads, onAssumption: assume)
  }

  /// Makes a network from named tensors; `path` is for messages.
  package init(
    _ file: SafeTensors, path: String, activation: Activation? = nil, threads: ThreadPool = .shared,
    onAssumption assume: (Assumption) -> Void = { _ in }
  ) throws(SafeTensorsError) {
    var file = file
    let precision = try file.restoreWeights(path: path)
    var reader = ModelReader(file: file, path: path, activation: activation)
    let (configuration, layers, head) = try reader.network()
    self.init(
      configuration,
      initializer: Initializer(
        inputWeights: .constant(0), hiddenWeights: .constant(0), headWeights: .constant(0)),
      threads: threads)
    for (name, tensor) in layers { parameters[name] = tensor }
    parameters["head.weight"] = head.weight
    parameters["head.bias"] = head.bias
    do throws(InputError) { if precision != .float { self = try reduced(to: precision) } } catch {
      throw reader.unsuitable(error.found, expected: error.expected)
    }
    reader.assumptions.forEach(assume)
  }
}

extension LayerConfiguration {
  /// Whether PyTorch's layers compute the same from the same tensors.
  fileprivate var existsInPyTorch: Bool {
    let isPlain = cells.allSatisfy { cell in
      cell.kind == cells[0].kind && [LSTMCell.name, GRUCell.name, ElmanCell.name].contains(cell.kind)
        && CellRegistry.isBuiltIn(cell)
    }
    return isPlain && merge == .concatenate && !isReverse && !isResidual && !regularization.hasZoneout
  }
}
