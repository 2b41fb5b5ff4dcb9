extension SequenceClassifier {
  /// The network as named tensors, in the form in which PyTorch's `nn.LSTM`, `nn.GRU`, `nn.RNN` and `nn.Linear` hold
  /// theirs.
  ///
  /// PyTorch keeps two biases, of which most are only ever added up: there `bias_hh_l0` and so on are zeros, so that
  /// `load_state_dict` finds all it looks for. Of a layer that PyTorch doesn't have, a GRU with the reset gate before
  /// the product, they are left out, so that it refuses the file instead of computing something else.
  ///
  /// - Precondition: the network can be read back from them. So far that is so for layers of LSTM, GRU and Elman cells
  ///   that read forward without adding their input and without zoneout.
  public var safeTensors: SafeTensors {
    precondition(
      layers.allSatisfy { !$0.isBidirectional && !$0.isResidual && !$0.regularization.hasZoneout },
      "files do not yet hold second directions, residual layers and zoneout")
    for cell in cells {
      precondition(StoredCell.all.contains { $0.kind == cell.kind }, "files hold no \(cell.kind) cells")
    }
    var tensors: [String: Tensor] = [:]
    for entry in parameters.entries { tensors[entry.name] = parameters[entry.name] }
    for (layer, cell) in cells.enumerated() {
      let (first, second) = cell.twoBiases(parameters["bias_ih_l\(layer)"])
      tensors["bias_ih_l\(layer)"] = first
      if cell.existsInPyTorch || !cell.needsOneBias { tensors["bias_hh_l\(layer)"] = second }
    }
    return SafeTensors(
      tensors: tensors,
      metadata: ["format": "pt", ClassifierReader.kindsKey: cells.map(\.kind).joined(separator: ",")])
  }

  /// Writes the network to a file, whole or not at all.
  ///
  /// - Precondition: that of ``safeTensors``.
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String) throws(FileWriteError) { try safeTensors.write(to: path) }

  /// Reads a network from a file that ``save(to:)`` or PyTorch has written.
  ///
  /// Names may have a prefix, as those of a module's members have in PyTorch (`lstm.weight_ih_l0`); two biases are
  /// added up where a cell has one; the head is `head` or else the only other pair of a weight matrix and a bias. The
  /// file's metadata says of what kind each layer is, and without it the number of gates: `nn.LSTM`, `nn.GRU` or
  /// `nn.RNN`. A file that holds anything besides is refused, because it belongs to a network that computes something
  /// else.
  ///
  /// - Throws: ``SafeTensorsError`` where the file is no such file or holds no such network.
  public init(contentsOf path: String, threads: ThreadPool = .shared) throws(SafeTensorsError) {
    try self.init(SafeTensors(contentsOf: path), path: path, threads: threads)
  }

  /// Makes a network of named tensors; `path` is for messages.
  init(_ file: SafeTensors, path: String, threads: ThreadPool = .shared) throws(SafeTensorsError) {
    var reader = ClassifierReader(file: file, path: path)
    let layers = try reader.layers()
    let head = try reader.head(inputSize: layers[layers.count - 1].cell.hiddenSize)
    try reader.finish()
    self.init(
      cells: layers.map(\.cell), classCount: head.bias.count,
      initializer: Initializer(
        inputWeights: .constant(0), hiddenWeights: .constant(0), headWeights: .constant(0)),
      threads: threads)
    for (name, tensor) in layers.flatMap(\.parameters) { parameters[name] = tensor }
    parameters["head.weight"] = head.weight
    parameters["head.bias"] = head.bias
  }
}
