import RecurrentSupport

extension SequenceModel {
  /// The network as named tensors, in the form in which PyTorch's `nn.LSTM`, `nn.GRU`, `nn.RNN` and `nn.Linear` hold
  /// theirs.
  ///
  /// PyTorch keeps two biases, of which most are only ever added up: there `bias_hh_l0` and so on are zeros, so that
  /// `load_state_dict` finds all it looks for. Of a layer that PyTorch doesn't have, such as a GRU with the reset gate
  /// before the product or one whose input is added to its output, there is one bias per pre-activation, so that it
  /// refuses the file instead of computing something else.
  ///
  /// The metadata holds the network's ``configuration`` as JSON, under `recurrent.configuration`.
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
    return SafeTensors(tensors: tensors, metadata: metadata)
  }

  /// Under this name the metadata has the configuration.
  static let configurationKey = "recurrent.configuration"

  /// Writes the network to a file, whole or not at all.
  ///
  /// - Parameter path: the file, in a folder that is there. A link is followed; a pipe or a device is written into.
  /// - Throws: ``FileWriteError`` where the system refuses; what was there before is still there then.
  /// - Precondition: that of ``safeTensors``.
  /// - Complexity: O(parameters).
  public func save(to path: String) throws(FileWriteError) { try safeTensors.write(to: path) }

  /// Reads a network from a file that ``save(to:)`` or PyTorch has written.
  ///
  /// Names may have a prefix, as those of a module's members have in PyTorch (`lstm.weight_ih_l0`); two biases are
  /// added up where a cell has one, and zeros where there is none (`bias=False`); the head is `head` or else the only
  /// other weight matrix, with a bias or without. The file's metadata holds the configuration, or in files of the first
  /// edition the kind of each layer; without it the number of gates decides: `nn.LSTM`, `nn.GRU` or `nn.RNN`, in both
  /// directions where there are weights for both. A file
  /// that holds anything besides is refused, because it belongs to a network that computes something else; whole numbers
  /// and truth values, such as counters, are passed over.
  ///
  /// ```swift
  /// let network = try SequenceModel(contentsOf: "rnn.safetensors", activation: .relu) { print("assumed:", $0) }
  /// ```
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - activation: the function of the layers of an `nn.RNN`, which its file does not name; `tanh` by default. Only
  ///     a file that leaves it open takes one.
  ///   - threads: the threads to work on.
  ///   - assume: called with each thing that the file does not say and that was decided.
  /// - Throws: ``SafeTensorsError`` where the file is no such file or holds no such network.
  /// - Complexity: O(size) of the file.
  public init(
    contentsOf path: String, activation: Activation? = nil, threads: ThreadPool = .shared,
    onAssumption assume: (Assumption) -> Void = { _ in }
  ) throws(SafeTensorsError) {
    try self.init(
      SafeTensors(contentsOf: path), path: path, activation: activation, threads: threads, onAssumption: assume)
  }

  /// Makes a network of named tensors; `path` is for messages.
  init(
    _ file: SafeTensors, path: String, activation: Activation? = nil, threads: ThreadPool = .shared,
    onAssumption assume: (Assumption) -> Void = { _ in }
  ) throws(SafeTensorsError) {
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
    reader.assumptions.forEach(assume)
  }
}

extension LayerConfiguration {
  /// Whether PyTorch's own layers compute the same from the same tensors.
  fileprivate var existsInPyTorch: Bool {
    let isPlain = cells.allSatisfy { cell in
      cell.kind == cells[0].kind && [LSTMCell.name, GRUCell.name, ElmanCell.name].contains(cell.kind)
        && CellRegistry.isBuiltIn(cell)
    }
    return isPlain && merge == .concatenate && !isReverse && !isResidual && !regularization.hasZoneout
  }
}
