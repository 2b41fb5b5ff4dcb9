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
  /// The metadata says what kind of cell each layer has, and what else the tensors do not show: how directions are
  /// merged, whether the input is added, zoneout. Noise that only training has is not part of a file.
  ///
  /// - Precondition: the network has no cells of a kind that a user has made.
  /// - Complexity: O(parameters): copies all weights.
  public var safeTensors: SafeTensors {
    for cell in cells {
      require(StoredCell(cell.kind)?.kind == cell.kind, "files hold no \(cell.kind) cells")
    }
    var tensors: [String: Tensor] = [:]
    for entry in parameters.entries { tensors[entry.name] = parameters[entry.name] }
    let stored = layers.map(StoredLayer.init)
    for (level, layer) in layers.enumerated() where stored[level].existsInPyTorch {
      for (direction, cell) in layer.cells.enumerated() {
        let ending = "_l\(level)" + (direction == 1 ? "_reverse" : "")
        let (first, second) = cell.twoBiases(parameters["bias_ih" + ending])
        tensors["bias_ih" + ending] = first
        tensors["bias_hh" + ending] = second
      }
    }
    return SafeTensors(
      tensors: tensors, metadata: ["format": "pt", StoredLayer.key: stored.map(\.text).joined(separator: ",")])
  }

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
  /// other weight matrix, with a bias or without. The file's metadata says of what kind each layer is, and without it
  /// the number of gates: `nn.LSTM`, `nn.GRU` or `nn.RNN`, in both directions where there are weights for both. A file
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
    let layers = try reader.layers()
    let head = try reader.head(inputSize: layers[layers.count - 1].layer.outputSize)
    try reader.finish()
    self.init(
      layers: layers.map(\.layer), classCount: head.bias.count,
      initializer: Initializer(
        inputWeights: .constant(0), hiddenWeights: .constant(0), headWeights: .constant(0)),
      threads: threads)
    for (name, tensor) in layers.flatMap(\.parameters) { parameters[name] = tensor }
    parameters["head.weight"] = head.weight
    parameters["head.bias"] = head.bias
    reader.assumptions.forEach(assume)
  }
}
