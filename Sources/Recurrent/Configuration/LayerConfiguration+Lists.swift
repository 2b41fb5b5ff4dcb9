import RecurrentSupport

/// Several layers at once, from the bottom up: `.lstm(20, count: 3)`, or `.lstm(20) + .gru(10)`.
extension [LayerConfiguration] {
  /// Several LSTM layers of one width, optionally bidirectional with that width per direction.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the hidden units of each direction of each layer.
  ///   - count: how many layers.
  ///   - isBidirectional: whether each layer reads in both directions; the next one then reads 2 H features.
  /// - Precondition: `count` and `hiddenSize` are positive.
  public static func lstm(_ hiddenSize: Int, count: Int = 1, isBidirectional: Bool = false) -> [LayerConfiguration] {
    .repeated(LSTMCell(hiddenSize: hiddenSize), count: count, isBidirectional: isBidirectional)
  }

  /// Several GRU layers of one width, optionally bidirectional with that width per direction.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the hidden units of each direction of each layer.
  ///   - count: how many layers.
  ///   - resetAfter: whether the reset gate is applied after the candidate's product.
  ///   - isBidirectional: whether each layer reads in both directions; the next one then reads 2 H features.
  /// - Precondition: `count` and `hiddenSize` are positive.
  public static func gru(
    _ hiddenSize: Int, count: Int = 1, resetAfter: Bool = true, isBidirectional: Bool = false
  ) -> [LayerConfiguration] {
    .repeated(
      GRUCell(hiddenSize: hiddenSize, resetAfter: resetAfter), count: count, isBidirectional: isBidirectional)
  }

  /// Several Elman layers of one width, optionally bidirectional with that width per direction.
  ///
  /// - Parameters:
  ///   - hiddenSize: H, the hidden units of each direction of each layer.
  ///   - count: how many layers.
  ///   - isBidirectional: whether each layer reads in both directions; the next one then reads 2 H features.
  /// - Precondition: `count` and `hiddenSize` are positive.
  public static func elman(_ hiddenSize: Int, count: Int = 1, isBidirectional: Bool = false) -> [LayerConfiguration] {
    .repeated(ElmanCell(hiddenSize: hiddenSize), count: count, isBidirectional: isBidirectional)
  }

  /// Several layers of one cell, optionally bidirectional.
  ///
  /// - Parameters:
  ///   - cell: the cell of each direction of each layer.
  ///   - count: how many layers.
  ///   - isBidirectional: whether each layer reads in both directions; the next one then reads the outputs of both.
  /// - Precondition: `count` is positive.
  /// - Complexity: O(count).
  public static func repeated(
    _ cell: any RecurrentCell, count: Int, isBidirectional: Bool = false
  ) -> [LayerConfiguration] {
    require(count > 0, "a network needs a positive number of layers; found \(count)")
    let layer = isBidirectional ? LayerConfiguration.bidirectional(cell, cell) : LayerConfiguration(cell)
    return Array(repeating: layer, count: count)
  }

  /// The layers of both lists, those of the second on top.
  ///
  /// Declared for this type alone, so that `.lstm(20) + .gru(10)` needs no type annotation.
  ///
  /// - Parameters:
  ///   - lower: layers from the bottom up.
  ///   - upper: layers that read the outputs of the lower ones.
  /// - Returns: all layers from the bottom up.
  public static func + (lower: [LayerConfiguration], upper: [LayerConfiguration]) -> [LayerConfiguration] {
    var layers = lower
    layers.append(contentsOf: upper)
    return layers
  }

  /// The input size of each layer, in a network with the given input size.
  func inputSizes(of inputSize: Int) -> [Int] { [inputSize] + dropLast().map(\.outputSize) }

  /// The shapes of the parameters of all layers, in their order.
  func parameterShapes(inputSize: Int) -> [(name: String, shape: [Int])] {
    zip(self, inputSizes(of: inputSize)).enumerated().flatMap { level, element in
      let (layer, inputSize) = element
      return layer.cells.enumerated().flatMap {
        $1.parameterShapes(inputSize: inputSize, layer: level, isReverse: $0 == 1)
      }
    }
  }

  /// Draws the parameters of all layers.
  func draw(
    _ initializer: Initializer, inputSize: Int, into parameters: inout Parameters, using generator: inout SplitMix64
  ) {
    for (level, (layer, inputSize)) in zip(self, inputSizes(of: inputSize)).enumerated() {
      for (direction, cell) in layer.cells.enumerated() {
        initializer.draw(
          cell, inputSize: inputSize, layer: level, isReverse: direction == 1, into: &parameters, using: &generator)
      }
    }
  }

  /// Throws if the layers do not fit each other or the input size.
  func check(inputSize: Int) throws(ConfigurationError) {
    if inputSize < 1 {
      throw ConfigurationError("inputSize", found: "\(inputSize)", expected: "a positive number of features")
    }
    if isEmpty { throw ConfigurationError("layers", found: "none", expected: "at least one layer") }
    for (level, (layer, inputSize)) in zip(self, inputSizes(of: inputSize)).enumerated() {
      do throws(ConfigurationError) {
        try layer.check()
        if layer.isResidual && layer.outputSize != inputSize {
          throw ConfigurationError(
            "residual", found: "\(layer.outputSize) outputs of \(quantity(inputSize, "feature"))",
            expected: "as many outputs as the layer reads")
        }
      } catch {
        throw ConfigurationError("layers.\(level).\(error.key)", found: error.found, expected: error.expected)
      }
    }
  }
}
