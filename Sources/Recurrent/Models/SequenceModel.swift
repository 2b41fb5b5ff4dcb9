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
/// Of a layer that reads in both directions, the last h is what each has come to when it has read the whole sequence.
///
/// A value type: copies are independent, and one can be shared by many threads that predict. `train` changes the weights;
/// ``parameters`` can be read and set by name; evaluation changes nothing.
public struct SequenceModel: Sendable, Parameterized {
  /// What a network is, as a value.
  public typealias Configuration = ModelConfiguration

  /// What this network is: what it reads, its layers and what it predicts.
  public let configuration: Configuration
  /// All weights: of an embedding `embedding.weight`; per layer `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, …, and of a
  /// learned initial state `initial_state_l0`; then `head.weight` and `head.bias`.
  ///
  /// - Precondition: new weights have the names and shapes of the old ones.
  public var parameters: Parameters {
    didSet { parameters.requireSame(entries, "weights have the names and shapes of their network") }
  }
  private let entries: [Parameters.Entry]
  /// The threads that work for this network.
  public var threads: ThreadPool

  /// Draws the seeds of the random masks of training steps.
  var masks: SplitMix64
  let plan: NetworkPlan
  let workspaces: WorkspaceCache

  /// A network with fresh weights.
  ///
  /// ```swift
  /// var network = SequenceModel(
  ///   .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)), seed: 0)
  /// ```
  ///
  /// The rows of an embedding are drawn from N(0, 1), as in PyTorch; learned initial states begin as zeros.
  ///
  /// - Parameters:
  ///   - configuration: what the network is.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to work on.
  /// - Precondition: ``ModelConfiguration/check()`` finds nothing wrong.
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
    masks = SplitMix64(seed: ~seed)
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
  /// The number of features of an input step, or of different tokens.
  public var inputSize: Int { plan.inputSize }
  /// The number of classes, labels or values that the network predicts at a time.
  public var outputSize: Int { configuration.outputCount }

  /// The same network, trained with other regularization.
  ///
  /// - Parameters:
  ///   - regularization: that of each layer, in place of what it had.
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

  /// The recurrent layers with their weights, to be taken apart.
  ///
  /// - Complexity: O(parameters): weights are copied, so that a change of one does not reach the other.
  public var stack: RecurrentStack {
    var stack = RecurrentStack(inputSize: configuration.layerInputSize, layers: layers, threads: threads)
    for entry in stack.parameters.entries { stack.parameters[entry.name] = parameters[entry.name] }
    return stack
  }

  /// The dense layer with its weights.
  ///
  /// - Complexity: O(size of the head): weights are copied.
  public var head: Dense { Dense(weight: parameters["head.weight"], bias: parameters["head.bias"]) }

  /// The table of the embedding with its weights; nil if the network has none.
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

  /// The state that sequences begin with: the learned one, or zeros.
  ///
  /// - Parameter batchSize: the number of sequences.
  /// - Complexity: O(batch · hidden units).
  public func initialState(batchSize: Int) -> StackState {
    StackState(plan.directions, batchSize: batchSize) { plan, i in
      plan.initialState.map { parameters.values[$0 + i] } ?? 0
    }
  }

  /// The loss of training and evaluation unless another is named.
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
