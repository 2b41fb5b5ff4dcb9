import RecurrentSupport

/// A network that reads a whole sequence and names its class: recurrent layers, and a dense layer on the last output.
///
/// ```
/// h(1…T) = stack(x(1…T))          logits = V h(length) + c          ŷ = softmax(logits)
/// ```
///
/// Of a layer that reads in both directions, h is what each has come to when it has read the whole sequence.
///
/// A value type: copies are independent, and one can be shared by many threads that classify. Training goes through
/// ``train(on:with:)``; ``parameters`` can be read and set by name; evaluation changes nothing.
public struct SequenceModel: Sendable, Parameterized {
  /// The recurrent layers, from the bottom up.
  public let layers: [StackLayer]
  /// The number of features of an input step.
  public let inputSize: Int
  /// The number of classes.
  public let classCount: Int
  /// All weights: per layer `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, …, then `head.weight` and `head.bias`.
  ///
  /// - Precondition: new weights have the names and shapes of the old ones.
  public var parameters: Parameters {
    didSet { parameters.requireSame(entries, "weights have the names and shapes of their network") }
  }
  private let entries: [Parameters.Entry]
  /// The threads that work for this network.
  public var threads: ThreadPool

  /// What the masks of the next training step are drawn from.
  var noise: SplitMix64
  let plan: NetworkPlan
  let trainingJobs: JobCache<TrainingJob>
  let inferenceJobs: JobCache<InferenceJob>

  /// A network with fresh weights.
  ///
  /// - Parameters:
  ///   - inputSize: features per step.
  ///   - classCount: classes to tell apart.
  ///   - layers: the recurrent layers, such as `.lstm(20, count: 3)`.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to work on.
  /// - Precondition: there are at least two classes, and layers that read what the ones below give.
  /// - Complexity: O(parameters).
  public init(
    inputSize: Int, classCount: Int, layers: LayerList, initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    self.init(
      layers: layers.make(inputSize), classCount: classCount, initializer: initializer, seed: seed, threads: threads)
  }

  /// A network of the given cells with fresh weights.
  ///
  /// - Parameters:
  ///   - cells: one for each layer, from the bottom up.
  ///   - classCount: classes to tell apart.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to work on.
  /// - Precondition: each cell reads what the one below gives; there are at least two classes.
  /// - Complexity: O(parameters).
  public init(
    cells: [any RecurrentCell], classCount: Int, initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    self.init(
      layers: cells.map { StackLayer($0) }, classCount: classCount, initializer: initializer, seed: seed,
      threads: threads)
  }

  /// A network of the given layers with fresh weights.
  ///
  /// - Parameters:
  ///   - layers: from the bottom up.
  ///   - classCount: classes to tell apart.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to work on.
  /// - Precondition: each layer reads what the one below gives; there are at least two classes.
  /// - Complexity: O(parameters).
  public init(
    layers: [StackLayer], classCount: Int, initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    require(classCount >= 2, "a classifier needs at least two classes; found \(classCount)")
    let plan = NetworkPlan(layers: layers, classCount: classCount)
    self.layers = layers
    self.classCount = classCount
    self.threads = threads
    self.plan = plan
    inputSize = plan.inputSize
    trainingJobs = JobCache(network: plan)
    inferenceJobs = JobCache(network: plan)
    parameters = Parameters(
      layers.parameterShapes + [("head.weight", [classCount, plan.outputSize]), ("head.bias", [classCount])])
    entries = parameters.entries
    var generator = SplitMix64(seed: seed)
    layers.draw(initializer, into: &parameters, using: &generator)
    noise = SplitMix64(seed: ~seed)
    let head = initializer.drawHead(inputSize: plan.outputSize, outputSize: classCount, using: &generator)
    parameters["head.weight"] = head.weight
    parameters["head.bias"] = head.bias
  }

  /// The same network, trained with other noise.
  ///
  /// - Parameters:
  ///   - regularization: the noise of each layer, in place of what it had.
  ///   - seed: what masks are drawn from.
  /// - Complexity: O(parameters).
  public func regularized(_ regularization: (StackLayer) -> Regularization, seed: UInt64 = 0) -> SequenceModel {
    var copy = SequenceModel(
      layers: layers.map { $0.regularized(regularization($0)) }, classCount: classCount, initializer: .weights(.zeros),
      seed: seed, threads: threads)
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
    var stack = RecurrentStack(layers: layers, threads: threads)
    for entry in stack.parameters.entries { stack.parameters[entry.name] = parameters[entry.name] }
    return stack
  }

  /// The dense layer with its weights.
  ///
  /// - Complexity: O(size of the head): weights are copied.
  public var head: Dense { Dense(weight: parameters["head.weight"], bias: parameters["head.bias"]) }
}
