/// Finds the parts of a classifier among named tensors.
struct ClassifierReader {
  /// A recurrent layer, and its parameters under the names that a network has for them.
  typealias Layer = (layer: StackLayer, parameters: [(name: String, tensor: Tensor)])
  private typealias Direction = (cell: any RecurrentCell, parameters: [(name: String, tensor: Tensor)])

  private static let firstWeights = "weight_ih_l0"

  let file: SafeTensors
  let path: String
  /// The tensors that no part has asked for yet.
  private var unused: Set<String>

  init(file: SafeTensors, path: String) {
    self.file = file
    self.path = path
    unused = Set(file.tensors.keys)
  }

  /// The recurrent layers, from the bottom up.
  mutating func layers() throws(SafeTensorsError) -> [Layer] {
    let prefix = try prefix()
    let stored = try storedLayers()
    var layers: [Layer] = []
    while file.tensors["\(prefix)weight_ih_l\(layers.count)"] != nil {
      let stored = stored.flatMap { layers.count < $0.count ? $0[layers.count] : nil }
      layers.append(
        try layer(layers.count, prefix: prefix, stored: stored, inputSize: layers.last?.layer.outputSize))
    }
    if let stored, stored.count != layers.count {
      throw unsuitable("\(count(layers.count, "layer"))", expected: "\(stored.count), as the file's own metadata says")
    }
    return layers
  }

  /// What the metadata says of the layers; nil where it says nothing, and names and shapes decide.
  private func storedLayers() throws(SafeTensorsError) -> [StoredLayer]? {
    guard let text = file.metadata[StoredLayer.key] else { return nil }
    var layers: [StoredLayer] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let layer = StoredLayer(part) else {
        throw unsuitable(
          "a layer '\(part)' in \(StoredLayer.key)", expected: "such as 'lstm' or 'gru & gru | merge=sum residual'")
      }
      layers.append(layer)
    }
    return layers
  }

  /// The dense layer behind the recurrent ones.
  mutating func head(inputSize: Int) throws(SafeTensorsError) -> Dense {
    let matrices = file.tensors.keys.filter { name in
      unused.contains(name) && name.hasSuffix(".weight") && file.tensors[name]?.shape.count == 2
    }.sorted()
    let fitting = matrices.filter { name in
      file.tensors[name].map { $0.shape[1] == inputSize && $0.shape[0] >= 2 } ?? false
    }
    let chosen = fitting.contains("head.weight") ? ["head.weight"] : fitting
    guard chosen.count == 1, let weight = take(chosen[0]) else {
      let candidates = (chosen.isEmpty ? matrices : chosen).map { "\($0) of shape \(file.tensors[$0]?.shape ?? [])" }
      throw unsuitable(
        candidates.isEmpty ? "no dense layer" : candidates.joined(separator: " and "),
        expected: "one dense layer, such as head.weight of shape [classes, \(inputSize)]")
    }
    let bias = try tensor(chosen[0].dropLast("weight".count) + "bias", shape: [weight.shape[0]])
    return Dense(weight: weight, bias: bias)
  }

  /// Refuses a file with more in it than has been asked for.
  func finish() throws(SafeTensorsError) {
    if let name = unused.min() {
      throw unsuitable(
        "a tensor called \(name) that has no place in the network",
        expected: "recurrent layers, a dense one and no more")
    }
  }

  /// What stands before the names of the recurrent layers' tensors.
  private func prefix() throws(SafeTensorsError) -> String {
    let key = Self.firstWeights
    let names = file.tensors.keys.filter { $0 == key || $0.hasSuffix("." + key) }.sorted()
    guard names.count == 1 else {
      throw unsuitable(
        names.isEmpty ? "no tensor called \(key)" : names.joined(separator: " and "),
        expected: "one, the input weights of the first layer")
    }
    return String(names[0].dropLast(key.count))
  }

  /// One layer, in both directions where there are weights for both; `inputSize` is what the layer below gives, nil for
  /// the first.
  private mutating func layer(
    _ layer: Int, prefix: String, stored: StoredLayer?, inputSize: Int?
  ) throws(SafeTensorsError) -> Layer {
    let directionCount = file.tensors["\(prefix)weight_ih_l\(layer)_reverse"] == nil ? 1 : 2
    if let stored, stored.kinds.count != directionCount {
      throw unsuitable(
        "layer \(layer) in \(count(directionCount, "direction"))",
        expected: "\(stored.kinds.count), as the file's own metadata says")
    }
    var directions: [Direction] = []
    for number in 0..<directionCount {
      directions.append(
        try direction(
          layer, isReverse: number == 1, prefix: prefix, kind: stored?.kinds[number],
          inputSize: directions.first?.cell.inputSize ?? inputSize))
    }
    let cells = directions.map(\.cell)
    let stored = stored ?? StoredLayer(directionCount == 1 ? StackLayer(cells[0]) : .bidirectional(cells[0], cells[1]))
    if let fault = stored.fault(cells) {
      throw unsuitable("layer \(layer) with \(fault)", expected: "equal numbers, for it is '\(stored.text)'")
    }
    return (stored.make(cells), directions.flatMap(\.parameters))
  }

  /// One direction of a layer.
  private mutating func direction(
    _ layer: Int, isReverse: Bool, prefix: String, kind: String?, inputSize: Int?
  ) throws(SafeTensorsError) -> Direction {
    let ending = "_l\(layer)" + (isReverse ? "_reverse" : "")
    let (inputName, hiddenName) = ("\(prefix)weight_ih\(ending)", "\(prefix)weight_hh\(ending)")
    let input = try matrix(inputName, expected: "[gates · hidden, input]")
    // Units that see no others have a weight each, instead of a matrix.
    let isVector = file.tensors[hiddenName].map { $0.shape.count == 1 && $0.count > 0 } ?? false
    let hidden =
      isVector
      ? file.tensors[hiddenName] ?? Tensor(zeros: [1])
      : try matrix(hiddenName, expected: "[gates · hidden, hidden]")
    // A projected hidden state is narrower than the layer: the matrix that projects it has both widths.
    let projectionName = "\(prefix)weight_hr\(ending)"
    let projection =
      file.tensors[projectionName] == nil ? nil : try matrix(projectionName, expected: "[projection, hidden]")
    if let projection, projection.shape[0] >= projection.shape[1] || projection.shape[0] != hidden.shape.last {
      throw unsuitable(
        "\(projectionName) of shape \(projection.shape)",
        expected: "shape [\(hidden.shape[hidden.shape.count - 1]), hidden], as \(hiddenName) has it, and hidden larger")
    }
    let (rows, hiddenSize) = (hidden.shape[0], projection?.shape[1] ?? hidden.shape[isVector ? 0 : 1])
    guard rows.isMultiple(of: hiddenSize) else {
      throw unsuitable("\(hiddenName) of shape \(hidden.shape)", expected: "shape [gates · hidden, hidden]")
    }
    // Both matrices have elements, so no size is larger than the file.
    guard input.shape[0] == rows, inputSize ?? input.shape[1] == input.shape[1] else {
      throw unsuitable(
        "\(inputName) of shape \(input.shape)",
        expected: "shape [\(rows), \(inputSize.map(String.init) ?? "input")], as \(hiddenName)"
          + (inputSize == nil ? " has it" : " and the layer below have it"))
    }
    let gateCount = hidden.shape.count == 1 ? 0 : rows / hiddenSize
    guard let stored = kind.map({ StoredCell($0) }) ?? StoredCell(gateCount: gateCount), stored.gateCount == gateCount
    else {
      throw unsuitable(
        "layer \(layer) with \(count(gateCount, "gate"))" + (kind.map { " of kind '\($0)'" } ?? ""),
        expected: "one of \(StoredCell.list)")
    }
    let cell = stored.make(input.shape[1], hiddenSize, projection?.shape[0])
    var parameters: [(name: String, tensor: Tensor)] = []
    for (name, shape) in cell.parameterShapes(layer: layer, isReverse: isReverse) {
      let isBias = name == "bias_ih" + ending
      let tensor = isBias ? try bias(of: cell, ending: ending, prefix: prefix) : try tensor(prefix + name, shape: shape)
      parameters.append((name, tensor))
    }
    return (cell, parameters)
  }

  /// The bias of a layer, of one or two in the file.
  private mutating func bias(
    of cell: any RecurrentCell, ending: String, prefix: String
  ) throws(SafeTensorsError) -> Tensor {
    let (firstName, secondName) = ("\(prefix)bias_ih\(ending)", "\(prefix)bias_hh\(ending)")
    let whole = [cell.gates.count * cell.hiddenSize]
    if file.tensors[secondName] == nil, file.tensors[firstName]?.shape == whole {
      return try tensor(firstName, shape: whole)
    }
    let inputRows = cell.gates.count { $0.readsInput } * cell.hiddenSize
    let hiddenRows = cell.gates.count { $0.hasHiddenWeights } * cell.hiddenSize
    let first = try tensor(firstName, shape: [inputRows])
    return cell.oneBias(input: first, hidden: try tensor(secondName, shape: [hiddenRows]))
  }

  // MARK: Tensors

  private mutating func take(_ name: String) -> Tensor? {
    unused.remove(name)
    return file.tensors[name]
  }

  private mutating func tensor(_ name: String, shape: [Int]) throws(SafeTensorsError) -> Tensor {
    guard let tensor = take(name) else {
      throw unsuitable("no tensor called \(name)", expected: "one of shape \(shape)")
    }
    guard tensor.shape == shape else {
      throw unsuitable("\(name) of shape \(tensor.shape)", expected: "shape \(shape)")
    }
    return tensor
  }

  /// A matrix with elements in it.
  private func matrix(_ name: String, expected: String) throws(SafeTensorsError) -> Tensor {
    guard let tensor = file.tensors[name] else {
      throw unsuitable("no tensor called \(name)", expected: "one of shape \(expected)")
    }
    guard tensor.shape.count == 2, tensor.count > 0 else {
      throw unsuitable("\(name) of shape \(tensor.shape)", expected: "shape \(expected)")
    }
    return tensor
  }

  private func unsuitable(_ found: String, expected: String) -> SafeTensorsError {
    SafeTensorsError(.unsuitable, path: path, found: found, expected: expected)
  }

  private func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
