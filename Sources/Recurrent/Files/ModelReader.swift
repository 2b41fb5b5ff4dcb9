import RecurrentSupport

/// Finds the parts of a network among named tensors.
struct ModelReader {
  /// Tensors by the network's parameter names.
  typealias Tensors = [(name: String, tensor: Tensor)]
  private typealias Layer = (layer: LayerConfiguration, inputSize: Int, parameters: Tensors)
  private typealias Direction = (cell: any RecurrentCell, inputSize: Int, parameters: Tensors)

  private static let firstWeights = "weight_ih_l0"

  let file: SafeTensors
  let path: String
  /// The activation of layers with one gate, if the file does not say it.
  private let activation: Activation?
  /// Decisions about what the file does not say.
  private(set) var assumptions: [SequenceModel.Assumption] = []
  /// The tensors that no part has used yet.
  var unused: Set<String>

  init(file: SafeTensors, path: String, activation: Activation? = nil) {
    self.file = file
    self.path = path
    self.activation = activation
    unused = Set(file.tensors.keys)
  }

  /// The network's configuration, the parameters of its recurrent layers, and its head.
  mutating func network() throws(SafeTensorsError) -> (ModelConfiguration, Tensors, Dense) {
    guard let text = file.metadata[SequenceModel.configurationKey] else {
      let layers = try layers()
      let head = try head(inputSize: layers[layers.count - 1].layer.outputSize)
      try finish()
      let configuration = ModelConfiguration(
        input: .features(layers[0].inputSize), layers: layers.map(\.layer), output: .classes(head.bias.count))
      do throws(ConfigurationError) { try configuration.check() } catch {
        throw unsuitable("\(error.found) at \(error.key)", expected: error.expected)
      }
      return (configuration, layers.flatMap(\.parameters), head)
    }
    let configuration = try configuration(text)
    let parameters = try parameters(of: configuration)
    let width = configuration.layers[configuration.layers.count - 1].outputSize
    // A head of one output is found by its name only: other tensors may have its shape.
    let head =
      configuration.outputCount == 1
      ? Dense(weight: try tensor("head.weight", shape: [1, width]), bias: try tensor("head.bias", shape: [1]))
      : try head(inputSize: width)
    if head.bias.count != configuration.outputCount {
      throw unsuitable(
        "a head of \(quantity(head.bias.count, "output"))",
        expected: "\(configuration.outputCount), as in \(SequenceModel.configurationKey)")
    }
    try finish()
    return (configuration, parameters, head)
  }

  /// The configuration in the metadata, checked.
  private func configuration(_ text: String) throws(SafeTensorsError) -> ModelConfiguration {
    let key = SequenceModel.configurationKey
    do throws(ConfigurationError) {
      let configuration = try ModelConfiguration(json: text)
      try configuration.check()
      return configuration
    } catch {
      throw unsuitable(
        error.found + " in \(key)" + (error.key.isEmpty ? "" : " at " + error.key.shown(limit: 60)),
        expected: error.expected)
    }
  }

  /// The parameters of the layers that a configuration describes.
  private mutating func parameters(of configuration: ModelConfiguration) throws(SafeTensorsError) -> Tensors {
    let prefix = try prefix()
    let layers = configuration.layers
    var parameters: Tensors = []
    if case .tokens(let count, let features?) = configuration.input {
      parameters.append(("embedding.weight", try tensor("embedding.weight", shape: [count, features])))
    }
    for (level, (layer, inputSize)) in zip(layers, layers.inputSizes(of: configuration.layerInputSize)).enumerated() {
      for (direction, cell) in layer.cells.enumerated() {
        parameters += try self.parameters(
          of: cell, inputSize: inputSize, layer: level, isReverse: direction == 1, prefix: prefix)
        if configuration.initialState == .learned {
          let name = "initial_state_l\(level)" + (direction == 1 ? "_reverse" : "")
          parameters.append((name, try tensor(name, shape: [cell.stateSize])))
        }
      }
    }
    try settleActivation(layers.map(\.cells), isStored: true)
    return parameters
  }

  /// The parameters of a cell.
  private mutating func parameters(
    of cell: any RecurrentCell, inputSize: Int, layer: Int, isReverse: Bool, prefix: String
  ) throws(SafeTensorsError) -> Tensors {
    var parameters: Tensors = []
    let ending = "_l\(layer)" + (isReverse ? "_reverse" : "")
    for (name, shape) in cell.parameterShapes(inputSize: inputSize, layer: layer, isReverse: isReverse) {
      let isBias = name == "bias_ih" + ending
      let tensor = isBias ? try bias(of: cell, ending: ending, prefix: prefix) : try tensor(prefix + name, shape: shape)
      parameters.append((name, tensor))
    }
    return parameters
  }

  /// The recurrent layers of a file without a configuration, from the bottom up.
  private mutating func layers() throws(SafeTensorsError) -> [Layer] {
    let prefix = try prefix()
    let stored = try storedLayers()
    var layers: [Layer] = []
    while has("\(prefix)weight_ih_l\(layers.count)") {
      let stored = stored.flatMap { layers.count < $0.count ? $0[layers.count] : nil }
      layers.append(
        try layer(layers.count, prefix: prefix, stored: stored, inputSize: layers.last?.layer.outputSize))
    }
    if let stored, stored.count != layers.count {
      throw unsuitable(
        "\(quantity(layers.count, "layer"))", expected: "\(stored.count), as in the file's metadata")
    }
    try settleActivation(layers.map(\.layer.cells), isStored: stored != nil)
    if stored == nil, layers.last?.layer.isBidirectional == true { assumptions.append(.lastStates) }
    return layers
  }

  /// Records an assumed activation, and throws if a requested one does not apply.
  private mutating func settleActivation(
    _ cells: [[any RecurrentCell]], isStored: Bool
  ) throws(SafeTensorsError) {
    guard let activation else {
      let elman = cells.indices.filter { cells[$0].contains { $0 is ElmanCell } }
      if !isStored && !elman.isEmpty { assumptions.append(.activation(.tanh, layers: elman)) }
      return
    }
    let named = cells.joined().filter { $0 is ElmanCell || $0 is IndRNNCell }
    func agrees(_ cell: any RecurrentCell) -> Bool {
      ((cell as? ElmanCell)?.activation ?? (cell as? IndRNNCell)?.activation) == activation
    }
    if !named.isEmpty && named.allSatisfy(agrees) { return }
    let other = named.first { !agrees($0) } ?? cells[0][0]
    throw unsuitable(
      "a layer of kind \(quoted(other.kind)) with the requested activation \(activation)",
      expected: named.isEmpty ? "no activation, which such layers have fixed" : "the activation in the file")
  }

  /// The layers in the metadata of a first-edition file; nil if there are none and names and shapes decide.
  private func storedLayers() throws(SafeTensorsError) -> [FirstEditionLayer]? {
    guard let text = file.metadata[FirstEditionLayer.key] else { return nil }
    var layers: [FirstEditionLayer] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let layer = FirstEditionLayer(part) else {
        throw unsuitable(
          "a layer \(quoted(String(part))) in \(FirstEditionLayer.key)",
          expected: "such as 'lstm' or 'gru & gru | merge=sum residual'")
      }
      layers.append(layer)
    }
    return layers
  }

  /// The dense layer after the recurrent ones.
  private mutating func head(inputSize: Int) throws(SafeTensorsError) -> Dense {
    let matrices = file.tensors.keys.filter { name in
      unused.contains(name) && name.hasSuffix(".weight") && file.tensors[name]?.shape.count == 2
    }.sorted()
    let fitting = matrices.filter { name in
      file.tensors[name].map { $0.shape[1] == inputSize && $0.shape[0] >= 2 } ?? false
    }
    let chosen = fitting.contains("head.weight") ? ["head.weight"] : fitting
    guard chosen.count == 1, let weight = take(chosen[0]) else {
      let candidates = chosen.isEmpty ? matrices : chosen
      if candidates.isEmpty, let name = file.skipped.keys.filter({ $0.hasSuffix(".weight") }).min() {
        throw missing(name, expected: "[classes, \(inputSize)]")
      }
      throw unsuitable(
        candidates.isEmpty ? "no dense layer" : list(candidates.map(described)),
        expected: "one dense layer, such as head.weight of shape [classes, \(inputSize)]")
    }
    let bias = String(chosen[0].dropLast("weight".count)) + "bias"
    let shape = [weight.shape[0]]
    return Dense(weight: weight, bias: has(bias) ? try tensor(bias, shape: shape) : Tensor(zeros: shape))
  }

  /// Throws if the file holds tensors that no part has used.
  ///
  /// Integers and booleans are not weights: counters and masks are skipped.
  private mutating func finish() throws(SafeTensorsError) {
    let others = file.skipped.filter { !$0.value.isIntegerOrBooleanType }.keys
    if let name = unused.union(others).min() {
      throw unsuitable(
        "a tensor named \(name.shown(limit: 60)) that is not part of the network",
        expected: "recurrent layers and a dense layer only")
    }
    for (name, type) in file.skipped.sorted(by: { $0.key < $1.key }) {
      assumptions.append(.skipped(name: name, type: type))
    }
  }

  /// The prefix of the names of the recurrent layers' tensors.
  private func prefix() throws(SafeTensorsError) -> String {
    let key = Self.firstWeights
    let all = Array(file.tensors.keys) + Array(file.skipped.keys)
    let names = all.filter { $0 == key || $0.hasSuffix("." + key) }.sorted()
    guard names.count == 1 else {
      throw unsuitable(
        names.isEmpty ? "no tensor named \(key)" : list(names.map { $0.shown(limit: 60) }),
        expected: "one, the input weights of the first layer")
    }
    return String(names[0].dropLast(key.count))
  }

  /// One layer, bidirectional if there are weights for both directions; `inputSize` is the output size of the layer
  /// below, nil for the first.
  private mutating func layer(
    _ layer: Int, prefix: String, stored: FirstEditionLayer?, inputSize: Int?
  ) throws(SafeTensorsError) -> Layer {
    let directionCount = has("\(prefix)weight_ih_l\(layer)_reverse") ? 2 : 1
    if let stored, stored.kinds.count != directionCount {
      throw unsuitable(
        "layer \(layer) in \(quantity(directionCount, "direction"))",
        expected: "\(stored.kinds.count), as in the file's metadata")
    }
    var directions: [Direction] = []
    for index in 0..<directionCount {
      directions.append(
        try direction(
          layer, isReverse: index == 1, prefix: prefix, kind: stored?.kinds[index],
          inputSize: directions.first?.inputSize ?? inputSize))
    }
    let (cells, width) = (directions.map(\.cell), directions[0].inputSize)
    let parameters = directions.flatMap(\.parameters)
    guard let stored else { return (LayerConfiguration(cells: cells), width, parameters) }
    if let fault = stored.fault(cells, inputSize: width) {
      throw unsuitable("layer \(layer) with \(fault)", expected: "equal numbers for \(quoted(stored.text))")
    }
    return (stored.make(cells), width, parameters)
  }

  /// One direction of a layer.
  private mutating func direction(
    _ layer: Int, isReverse: Bool, prefix: String, kind: String?, inputSize: Int?
  ) throws(SafeTensorsError) -> Direction {
    let ending = "_l\(layer)" + (isReverse ? "_reverse" : "")
    let (inputName, hiddenName) = ("\(prefix)weight_ih\(ending)", "\(prefix)weight_hh\(ending)")
    let shownHiddenName = hiddenName.shown(limit: 60)
    let input = try matrix(inputName, expected: "[gates · hidden, input]")
    // Units that see no others have one weight each instead of a matrix.
    let isVector = file.tensors[hiddenName].map { $0.shape.count == 1 && $0.count > 0 } ?? false
    let hidden =
      isVector
      ? file.tensors[hiddenName] ?? Tensor(zeros: [1])
      : try matrix(hiddenName, expected: "[gates · hidden, hidden]")
    // A projected hidden state is narrower than the layer: the projection matrix has both widths.
    let projectionName = "\(prefix)weight_hr\(ending)"
    let projection = has(projectionName) ? try matrix(projectionName, expected: "[projection, hidden]") : nil
    if let projection, projection.shape[0] >= projection.shape[1] || projection.shape[0] != hidden.shape.last {
      throw unsuitable(
        described(projectionName),
        expected:
          "shape [\(hidden.shape[hidden.shape.count - 1]), hidden] to match \(shownHiddenName), with hidden larger"
      )
    }
    let (rows, hiddenSize) = (hidden.shape[0], projection?.shape[1] ?? hidden.shape[isVector ? 0 : 1])
    guard rows.isMultiple(of: hiddenSize) else {
      throw unsuitable(described(hiddenName), expected: "shape [gates · hidden, hidden]")
    }
    // Both matrices have elements, so no size is larger than the file.
    guard input.shape[0] == rows, inputSize ?? input.shape[1] == input.shape[1] else {
      throw unsuitable(
        described(inputName),
        expected: "shape [\(rows), \(inputSize.map(String.init) ?? "input")] to match \(shownHiddenName)"
          + (inputSize == nil ? "" : " and the layer below"))
    }
    let gateCount = hidden.shape.count == 1 ? 0 : rows / hiddenSize
    guard
      let stored = kind.map({ SizelessCell(firstEdition: $0) })
        ?? SizelessCell(gateCount: gateCount, activation: activation),
      stored.gateCount == gateCount
    else {
      throw unsuitable(
        "layer \(layer) with \(quantity(gateCount, "gate"))" + (kind.map { " of kind \(quoted($0))" } ?? ""),
        expected: "one of \(SizelessCell.list)")
    }
    let cell = stored.make(hiddenSize, projection?.shape[0])
    let parameters = try parameters(
      of: cell, inputSize: input.shape[1], layer: layer, isReverse: isReverse, prefix: prefix)
    return (cell, input.shape[1], parameters)
  }
}

extension String {
  /// Whether it is the format's name of an integer or boolean type.
  fileprivate var isIntegerOrBooleanType: Bool {
    self == "BOOL" || ["I", "U"].contains { hasPrefix($0) && Int(dropFirst()) != nil }
  }
}
