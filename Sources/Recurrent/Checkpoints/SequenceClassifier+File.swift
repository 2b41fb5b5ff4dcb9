extension SequenceClassifier {
  /// The network as named tensors, in the form in which PyTorch's `nn.LSTM` and `nn.Linear` hold theirs.
  ///
  /// PyTorch keeps two biases per gate that are only ever added up: `bias_hh_l0` and so on are written as zeros, so
  /// that `load_state_dict` finds all it looks for.
  ///
  /// - Precondition: the network can be read back from them. So far that is so for layers that read forward without
  ///   adding their input and without zoneout, and not for GRU cells.
  public var safeTensors: SafeTensors {
    precondition(
      layers.allSatisfy {
        !$0.isBidirectional && !$0.isResidual && !$0.regularization.hasZoneout && !($0.cells[0] is GRUCell)
      }, "files do not yet hold GRU cells, second directions, residual layers and zoneout")
    var tensors: [String: Tensor] = [:]
    for entry in parameters.entries { tensors[entry.name] = parameters[entry.name] }
    for layer in cells.indices {
      let bias = "bias_ih_l\(layer)"
      tensors["bias_hh_l\(layer)"] = parameters.entry(bias).map { Tensor(zeros: $0.shape) }
    }
    return SafeTensors(
      tensors: tensors,
      metadata: ["format": "pt", ClassifierReader.kindsKey: cells.map { type(of: $0).name }.joined(separator: ",")])
  }

  /// Writes the network to a file, whole or not at all.
  ///
  /// - Precondition: that of ``safeTensors``.
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String) throws(FileWriteError) { try safeTensors.write(to: path) }

  /// Reads a network from a file that ``save(to:)`` or PyTorch has written.
  ///
  /// Names may have a prefix, as those of a module's members have in PyTorch (`lstm.weight_ih_l0`); of two biases the
  /// sum is taken; the head is `head` or else the only other pair of a weight matrix and a bias. A file that holds
  /// anything besides is refused, because it belongs to a network that computes something else.
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
