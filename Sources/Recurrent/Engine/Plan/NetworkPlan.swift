import RecurrentSupport

/// The memory layout of a network: its parameters, their transposes, and the gradient of one tile.
///
/// A plan depends only on the configuration and is made once. Offsets are in floats.
struct NetworkPlan: Sendable {
  let input: InputPlan
  /// The directions of all layers, from the bottom up, forward before reverse.
  let directions: [DirectionPlan]
  /// The plan of each layer's outputs, from the bottom up.
  let layers: [LayerPlan]
  /// The outputs of the topmost layer.
  let outputs: [Source]
  /// The dense layer on the outputs; nil for a stack without a head.
  let head: HeadPlan?
  /// Names and shapes of all parameters, in their order.
  let parameterShapes: [(name: String, shape: [Int])]
  let parameterCount: Int
  /// The number of values of a state per sample, of all directions.
  let stateSize: Int
  /// Floats in the transposed weights, which backward reads, and in the token tables.
  let transposedCount: Int
  /// Floats in the gradient of one tile.
  let gradientCount: Int

  /// The number of units of the widest layer.
  private let widestHiddenSize: Int
  /// Whether a cell sums over its units.
  let normalizes: Bool

  static let widestHiddenSizeOfOwnTiles = 95
  /// The most samples that are not divided into two tiles; unless all threads share the one, only one thread has work.
  static let mostSamplesOfOneTile = 16

  /// The number of features of an input step, or of tokens in the vocabulary.
  var inputSize: Int { input.size }
  var outputSize: Int { outputs.reduce(0) { $0 + $1.size } }
  var readsInReverse: Bool { directions.contains(where: \.isReverse) }
  /// Whether the head computes outputs at every step.
  var readsEveryStep: Bool { head?.readout == .everyStep }
  /// Whether training applies weight drop.
  var dropsWeights: Bool { directions.contains { $0.regularization.weightDrop > 0 } }
  /// Whether the initial states are parameters.
  var learnsInitialState: Bool { directions.contains { $0.initialState != nil } }

  /// Whether all threads work on a tile together, each on its range of units, rather than each on its own tiles.
  ///
  /// Separate tiles need no barriers between time steps. Sharing pays off when a layer's weights do
  /// not fit the first cache levels: each thread then reads only its part of them, and no tile is left over at the end.
  /// A cell that sums over units works on lanes of its own between products of rows, so that all gates go from core to
  /// core at every step: 4 H · samples values, worth it where there are few of them for 4 H · H weights.
  func sharesTiles(ofSamples count: Int) -> Bool {
    let isWide = widestHiddenSize > Self.widestHiddenSizeOfOwnTiles
    return isWide && (!normalizes || count <= max(Self.mostSamplesOfOneTile, widestHiddenSize / 16))
  }

  /// Rows that a layer or the head reads: the network's input, or the output of a direction or layer below.
  struct Source: Sendable, Equatable {
    /// The direction that writes these rows; nil for the input.
    let direction: Int?
    let size: Int
    /// The first of its columns in the weights that read it.
    let column: Int
  }

  /// A plan for a model.
  init(_ configuration: ModelConfiguration) {
    let input: InputPlan.Form =
      switch configuration.input {
      case .features(let size): .features(size)
      case .tokens(let count, nil): .tokens(count)
      case .tokens(let count, let features?): .embedded(tokens: count, features: features)
      }
    self.init(
      input: input, layers: configuration.layers, head: (configuration.outputCount, configuration.readout),
      learnsInitialState: configuration.initialState == .learned)
  }

  /// A plan for the given layers.
  ///
  /// - Parameters:
  ///   - input: the form of an input step.
  ///   - stack: the layers, from the bottom up.
  ///   - outputs: how many outputs the head has, and at which steps; nil for no head.
  ///   - learnsInitialState: whether the initial states are parameters.
  init(
    input form: InputPlan.Form, layers stack: [LayerConfiguration],
    head outputs: (count: Int, readout: ModelConfiguration.Readout)?,
    learnsInitialState: Bool = false
  ) {
    require { () throws(ConfigurationError) in try stack.check(inputSize: InputPlan.sizeForLayers(form)) }
    var cursor = PlanCursor()
    let input = InputPlan(form, cursor: &cursor)
    var directions: [DirectionPlan] = []
    var layers: [LayerPlan] = []
    var sources = [Source(direction: nil, size: input.rows, column: 0)]
    for (level, layer) in stack.enumerated() {
      let size = level == 0 ? InputPlan.sizeForLayers(form) : sources.reduce(0) { $0 + $1.size }
      let first = directions.count
      var parts: [Source] = []
      for (direction, cell) in layer.cells.enumerated() {
        parts.append(
          Source(direction: directions.count, size: cell.outputSize, column: parts.reduce(0) { $0 + $1.size }))
        directions.append(
          DirectionPlan(
            cell, inputSize: size, index: directions.count, level: level, sources: sources,
            readsTokens: level == 0 && input.isTokens, regularization: layer.regularization,
            isTop: level == stack.count - 1, isReverse: layer.isReverse || direction == 1, isSecond: direction == 1,
            beginsInputGradient: direction == layer.cells.count - 1 && !layer.isResidual,
            learnsInitialState: learnsInitialState, cursor: &cursor))
      }
      layers.append(
        LayerPlan(
          directions: first..<directions.count, parts: parts, inputs: sources, size: layer.outputSize,
          merge: layer.merge, isResidual: layer.isResidual, regularization: layer.regularization))
      sources = layers[level].outputs
    }
    self.input = input
    self.directions = directions
    self.layers = layers
    self.outputs = sources
    let width = stack[stack.count - 1].outputSize
    head = outputs.map { HeadPlan(inputSize: width, outputSize: $0.count, readout: $0.readout, cursor: &cursor) }
    widestHiddenSize = directions.lazy.map(\.hiddenSize).max() ?? 0
    normalizes = directions.contains(where: \.normalizes)
    parameterShapes = cursor.shapes
    parameterCount = cursor.parameters
    stateSize = cursor.states
    transposedCount = cursor.transposed
    gradientCount = cursor.gradient
  }
}

/// Offsets assigned so far, while a plan is made.
struct PlanCursor {
  private(set) var shapes: [(name: String, shape: [Int])] = []
  private(set) var parameters = 0
  private(set) var states = 0
  private(set) var transposed = 0
  private(set) var gradient = 0

  /// The offset of a new parameter.
  mutating func parameter(_ name: String, _ shape: [Int]) -> Int {
    shapes.append((name, shape))
    defer { parameters += shape.reduce(1, *) }
    return parameters
  }

  mutating func state(_ size: Int) -> Int {
    defer { states += size }
    return states
  }

  mutating func transposed(_ count: Int) -> Int {
    defer { transposed += count }
    return transposed
  }

  mutating func gradient(_ count: Int) -> Int {
    defer { gradient += count }
    return gradient
  }
}

/// The form of an input step, and the offsets of an embedding.
struct InputPlan: Sendable {
  /// The form of an input step.
  enum Form: Sendable, Hashable {
    /// n features.
    case features(Int)
    /// One of n tokens, each with a column in the first layer's weights.
    case tokens(Int)
    /// One of n tokens, each with a row of features in a table.
    case embedded(tokens: Int, features: Int)
  }

  let form: Form
  /// The table, `[tokens, features]`, and its gradient within a tile's.
  let table: Int
  let tableGradient: Int

  init(_ form: Form, cursor: inout PlanCursor) {
    self.form = form
    if case .embedded(let tokens, let features) = form {
      table = cursor.parameter("embedding.weight", [tokens, features])
      tableGradient = cursor.gradient(padded(tokens * features))
    } else {
      (table, tableGradient) = (0, 0)
    }
  }

  /// The number of features, or of tokens in the vocabulary.
  var size: Int {
    switch form {
    case .features(let size), .tokens(let size), .embedded(let size, _): size
    }
  }
  /// Rows of features of a step; 0 if tokens select columns of the weights.
  var rows: Int {
    switch form {
    case .features(let size), .embedded(_, let size): size
    case .tokens: 0
    }
  }
  /// The input size of the lowest layer.
  static func sizeForLayers(_ form: Form) -> Int {
    switch form {
    case .features(let size), .tokens(let size), .embedded(_, let size): size
    }
  }
  /// Whether an input step is a token.
  var readsTokens: Bool {
    if case .features = form { return false }
    return true
  }
  /// Whether tokens select columns of the lowest layer's weights.
  var isTokens: Bool {
    if case .tokens = form { return true }
    return false
  }
  /// Whether tokens select rows of an embedding table.
  var isEmbedded: Bool {
    if case .embedded = form { return true }
    return false
  }
}

/// Sizes and offsets of the dense layer on the outputs: V `[outputs, inputs]` and c `[outputs]`.
struct HeadPlan: Sendable {
  let inputSize: Int
  let outputSize: Int
  /// The steps at which it computes outputs.
  let readout: ModelConfiguration.Readout
  let weights: Int
  let bias: Int
  /// V transposed, `[inputs, outputs]`.
  let transposed: Int
  /// The gradient of V, `[outputs, columns]`, and that of c.
  let weightGradient: Int
  let biasGradient: Int
  let columns: Int

  init(inputSize: Int, outputSize: Int, readout: ModelConfiguration.Readout, cursor: inout PlanCursor) {
    self.inputSize = inputSize
    self.outputSize = outputSize
    self.readout = readout
    columns = padded(inputSize)
    weights = cursor.parameter("head.weight", [outputSize, inputSize])
    bias = cursor.parameter("head.bias", [outputSize])
    transposed = cursor.transposed(outputSize * inputSize)
    weightGradient = cursor.gradient(outputSize * columns)
    biasGradient = cursor.gradient(padded(outputSize))
  }
}
