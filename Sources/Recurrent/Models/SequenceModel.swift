import RecurrentSupport

/// A network for sequences: recurrent layers, and a dense layer that predicts from their outputs.
///
/// ```
/// x(t)         features, or the learned row of a token
/// h(1…T)       = layers(x(1…T))
/// z            = V h + c           after the last true step, or after each
/// prediction   = softmax(z) of classes, σ(z) of labels, or z itself as values
/// ```
///
/// In a bidirectional layer, the last h is each direction's state after it has read the whole sequence.
///
/// A value type: copies are independent, and many threads may predict with one model. `train` changes the weights;
/// ``parameters`` can be read and set by name; evaluation does not change the model.
public struct SequenceModel: Sendable, Parameterized {
  /// The description of a network, as a value.
  public typealias Configuration = ModelConfiguration

  /// The description of this network: its input, its layers and its output.
  public let configuration: Configuration
  /// All weights: `embedding.weight` if there is an embedding; per layer `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`,
  /// …, and `initial_state_l0` if it is learned; then `head.weight` and `head.bias`.
  ///
  /// - Precondition: new weights have the names and shapes of the old ones, and ``precision`` is `float`.
  public var parameters: Parameters {
    didSet {
      parameters.requireSame(entries, "weights must have the names and shapes of their network")
      require(reducedNetwork == nil, "weights of reduced precision do not change; take those of reduced(to: .float)")
    }
  }
  /// How weights are stored for inference; `float` unless ``reduced(to:)`` has made the network or the one in its file.
  public internal(set) var precision = WeightPrecision.float
  /// The layers with packed weights of reduced precision; nil for floats.
  var reducedNetwork: StreamingNetwork?
  private let entries: [Parameters.Entry]
  /// The threads that run this network.
  public var threads: ThreadPool

  /// Generates the seeds of the random masks of training steps.
  package var maskSeeds: SplitMix64
  let plan: NetworkPlan
  let workspaces: WorkspaceCache

  /// A network with newly drawn weights.
  ///
  /// ```swift
  /// var network = SequenceModel(
  ///   .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
  /// ```
  ///
  /// Embeddings are drawn from N(0, 1), as in PyTorch; learned initial states start as zeros.
  ///
  /// - Parameters:
  ///   - configuration: the description of the network.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to run on.
  /// - Precondition: ``ModelConfiguration/check()`` does not throw.
  /// - Complexity: O(parameters).
  public init(
    _ configuration: Configuration, initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    require { () throws(ConfigurationError) in try configuration.check() }
    let plan = NetworkPlan(configuration)
    self.configuration = configuration
    self.threads = threads
    self.plan = plan
    workspaces = WorkspaceCache(network: plan)
    parameters = Parameters(plan.parameterShapes)
    entries = parameters.entries
    var generator = SplitMix64(seed: seed)
    configuration.layers.draw(
      initializer, inputSize: configuration.layerInputSize, into: &parameters, using: &generator)
    maskSeeds = SplitMix64(seed: ~seed)
    let head = initializer.drawHead(
      inputSize: plan.outputSize, outputSize: configuration.outputCount, using: &generator)
    parameters["head.weight"] = head.weight
    parameters["head.bias"] = head.bias
    if let table = parameters.entry("embedding.weight") {
      parameters["embedding.weight"] = Tensor(
        known: table.shape, values: (0..<table.count).map { _ in generator.normal() })
    }
  }

  /// The recurrent layers, from the bottom up.
  public var layers: [LayerConfiguration] { configuration.layers }
  /// The number of features of an input step, or the size of the vocabulary.
  public var inputSize: Int { plan.inputSize }
  /// The number of classes, labels or values of a prediction.
  public var outputSize: Int { configuration.outputCount }

  /// The same network with other regularization.
  ///
  /// - Parameters:
  ///   - regularization: returns the new regularization of each layer.
  ///   - seed: the seed of random masks.
  /// - Complexity: O(parameters).
  public func regularized(_ regularization: (LayerConfiguration) -> Regularization, seed: UInt64 = 0) -> SequenceModel {
    var configuration = configuration
    configuration.layers = layers.map { $0.regularized(regularization($0)) }
    var copy = SequenceModel(configuration, initializer: .weights(.zeros), seed: seed, threads: threads)
    copy.parameters = parameters
    return copy
  }

  /// The cells: those of all directions, from the bottom up, forward before reverse.
  ///
  /// - Complexity: O(layers).
  public var cells: [any RecurrentCell] { layers.flatMap(\.cells) }

  /// The recurrent layers with their weights, as a separate value.
  ///
  /// - Complexity: O(parameters): weights are copied, so that a change of one does not affect the other.
  public var stack: RecurrentStack {
    var stack = RecurrentStack(inputSize: configuration.layerInputSize, layers: layers, threads: threads)
    for entry in stack.parameters.entries { stack.parameters[entry.name] = parameters[entry.name] }
    return stack
  }

  /// The dense layer with its weights.
  ///
  /// - Complexity: O(size of the head): weights are copied.
  public var head: Dense { Dense(weight: parameters["head.weight"], bias: parameters["head.bias"]) }

  /// The embedding with its weights; nil if the network has none.
  ///
  /// - Complexity: O(size of the table): weights are copied.
  public var embedding: Embedding? { parameters.tensor(named: "embedding.weight").map { Embedding(weight: $0) } }

  /// The state of zeros, `[batch, size]` for each component of each layer.
  ///
  /// - Parameter batchSize: the number of sequences.
  /// - Complexity: O(batch · hidden units).
  public func zeroState(batchSize: Int) -> StackState {
    StackState(plan.directions, batchSize: batchSize) { _, _ in 0 }
  }

  /// The initial state: the learned one, or zeros.
  ///
  /// - Parameter batchSize: the number of sequences.
  /// - Complexity: O(batch · hidden units).
  public func initialState(batchSize: Int) -> StackState {
    StackState(plan.directions, batchSize: batchSize) { plan, i in
      plan.initialState.map { parameters.values[$0 + i] } ?? 0
    }
  }

  /// The default loss of training and evaluation.
  var defaultLoss: Loss {
    switch configuration.output {
    case .classes: .crossEntropy()
    case .labels: .sigmoidCrossEntropy()
    case .values: .squared
    }
  }

  /// Whether targets are numbers rather than classes.
  var hasValueTargets: Bool {
    if case .classes = configuration.output { return false }
    return true
  }
}
