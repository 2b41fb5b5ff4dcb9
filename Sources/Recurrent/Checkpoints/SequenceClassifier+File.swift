extension SequenceClassifier {
  /// The network as named tensors, in the form in which PyTorch's `nn.LSTM` and `nn.Linear` hold theirs.
  ///
  /// PyTorch keeps two biases per gate that are only ever added up: `bias_hh_l0` and so on are written as zeros, so that
  /// `load_state_dict` finds all it looks for.
  public var safeTensors: SafeTensors {
    var tensors: [String: Tensor] = [:]
    for entry in parameters.entries { tensors[entry.name] = parameters[entry.name] }
    for layer in cells.indices {
      let bias = "bias_ih_l\(layer)"
      tensors["bias_hh_l\(layer)"] = parameters.entry(bias).map { Tensor(zeros: $0.shape) }
    }
    return SafeTensors(
      tensors: tensors,
      metadata: ["format": "pt", "recurrent.cells": cells.map { type(of: $0).name }.joined(separator: ",")])
  }

  /// Writes the network to a file, whole or not at all.
  ///
  /// - Throws: ``FileWriteError`` where the system refuses.
  public func save(to path: String) throws(FileWriteError) { try safeTensors.write(to: path) }

  /// Reads a network from a file that ``save(to:)`` or PyTorch has written.
  ///
  /// Names may have a prefix, as those of a module's members have in PyTorch (`lstm.weight_ih_l0`); of two biases the
  /// sum is taken; the head is `head` or else the only other pair of a weight matrix and a bias.
  ///
  /// - Throws: ``SafeTensorsError`` where the file is no such file or holds no such network.
  public init(contentsOf path: String, threads: ThreadPool = .shared) throws(SafeTensorsError) {
    try self.init(SafeTensors(contentsOf: path), path: path, threads: threads)
  }

  /// Makes a network of named tensors; `path` is for messages.
  init(_ file: SafeTensors, path: String, threads: ThreadPool = .shared) throws(SafeTensorsError) {
    let reader = ClassifierReader(file: file, path: path)
    let prefix = try reader.prefix()
    let cells = try reader.cells(prefix: prefix)
    let head = try reader.head(prefix: prefix, inputSize: cells[cells.count - 1].hiddenSize)
    self.init(cells: cells, classCount: head.bias.count, threads: threads)
    for (layer, cell) in cells.enumerated() {
      for (name, shape) in cell.parameterShapes(layer: layer) {
        parameters[name] = try reader.tensor(prefix + name, shape: shape)
      }
      let second = "bias_hh_l\(layer)"
      if file.tensors[prefix + second] != nil {
        let first = "bias_ih_l\(layer)"
        let other = try reader.tensor(prefix + second, shape: parameters[first].shape)
        parameters[first] = Tensor(
          shape: other.shape, values: zip(parameters[first].values, other.values).map { $0 + $1 })
      }
    }
    parameters["head.weight"] = head.weight
    parameters["head.bias"] = head.bias
  }
}

/// Finds the parts of a classifier among named tensors.
private struct ClassifierReader {
  let file: SafeTensors
  let path: String

  func unsuitable(_ found: String, expected: String) -> SafeTensorsError {
    SafeTensorsError(.unsuitable, path: path, found: found, expected: expected)
  }

  /// What stands before the names of the recurrent layers' tensors.
  func prefix() throws(SafeTensorsError) -> String {
    let key = "weight_ih_l0"
    let names = file.tensors.keys.filter { $0 == key || $0.hasSuffix("." + key) }.sorted()
    guard names.count == 1 else {
      throw unsuitable(
        names.isEmpty ? "no tensor called \(key)" : "several: \(names.joined(separator: ", "))",
        expected: "one, the input weights of the first layer")
    }
    return String(names[0].dropLast(key.count))
  }

  func tensor(_ name: String, shape: [Int]) throws(SafeTensorsError) -> Tensor {
    guard let tensor = file.tensors[name] else {
      throw unsuitable("no tensor called \(name)", expected: "one of shape \(shape)")
    }
    guard tensor.shape == shape else {
      throw unsuitable("\(name) of shape \(tensor.shape)", expected: "shape \(shape)")
    }
    return tensor
  }

  /// The cells that weights of these shapes belong to.
  func cells(prefix: String) throws(SafeTensorsError) -> [any RecurrentCell] {
    var cells: [any RecurrentCell] = []
    let kinds = file.metadata["recurrent.cells"]?.split(separator: ",").map(String.init)
    while let input = file.tensors["\(prefix)weight_ih_l\(cells.count)"] {
      let layer = cells.count
      let name = "\(prefix)weight_hh_l\(layer)"
      guard let hidden = file.tensors[name], hidden.shape.count == 2, input.shape.count == 2 else {
        throw unsuitable("no matrix called \(name)", expected: "the recurrent weights of layer \(layer)")
      }
      let (inputSize, hiddenSize) = (input.shape[1], hidden.shape[1])
      guard inputSize > 0, hiddenSize > 0, hidden.shape[0] % hiddenSize == 0 else {
        throw unsuitable("\(name) of shape \(hidden.shape)", expected: "[gates · hidden, hidden]")
      }
      if let below = cells.last, below.hiddenSize != inputSize {
        throw unsuitable(
          "layer \(layer) with \(inputSize) input features",
          expected: "\(below.hiddenSize), what the layer below gives")
      }
      let gates = hidden.shape[0] / hiddenSize
      let guess = gates == 4 ? LSTMCell.name : gates == 1 ? ElmanCell.name : ""
      let kind = kinds.flatMap { layer < $0.count ? $0[layer] : nil } ?? guess
      switch (kind, gates) {
      case (LSTMCell.name, 4): cells.append(LSTMCell(inputSize: inputSize, hiddenSize: hiddenSize))
      case (ElmanCell.name, 1): cells.append(ElmanCell(inputSize: inputSize, hiddenSize: hiddenSize))
      default:
        throw unsuitable(
          "layer \(layer) with \(gates) gates" + (kind.isEmpty ? "" : " of kind '\(kind)'"),
          expected: "an LSTM layer (4 gates) or an Elman layer (1 gate)")
      }
    }
    return cells
  }

  /// The dense layer behind the recurrent ones.
  func head(prefix: String, inputSize: Int) throws(SafeTensorsError) -> Dense {
    let candidates = file.tensors.keys.filter { name in
      guard name.hasSuffix(".weight"), let weight = file.tensors[name], weight.shape.count == 2 else { return false }
      return weight.shape[1] == inputSize && weight.shape[0] >= 2
    }.sorted()
    let chosen = candidates.contains("head.weight") ? ["head.weight"] : candidates
    guard chosen.count == 1, let weight = file.tensors[chosen[0]] else {
      throw unsuitable(
        chosen.isEmpty ? "no dense layer" : "several: \(chosen.joined(separator: ", "))",
        expected: "one, such as head.weight of shape [classes, \(inputSize)]")
    }
    let bias = try tensor(chosen[0].dropLast("weight".count) + "bias", shape: [weight.shape[0]])
    return Dense(weight: weight, bias: bias)
  }
}
