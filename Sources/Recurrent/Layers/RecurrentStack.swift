import RecurrentSupport

/// Recurrent layers one above the other: each reads what the one below gives at every step.
///
/// ```swift
/// let stack = RecurrentStack(LSTMCell(inputSize: 28, hiddenSize: 20), LSTMCell(inputSize: 20, hiddenSize: 20))
/// let (outputs, finalState) = stack(inputs, lengths: lengths)
/// ```
///
/// ```
/// h₁(t) = cell₁(x(t), h₁(t-1))      h₂(t) = cell₂(h₁(t), h₂(t-1))      …      outputs(t) = the topmost h(t)
/// ```
///
/// Shapes: inputs `[batch, time, input]`, outputs `[batch, time, output]` of the topmost layer, or both with time first
/// (see ``SequenceLayout``); states `[batch, hidden]` of each direction of each layer, of a projected hidden state
/// `[batch, output]`.
///
/// Lengths: past its length a sequence holds its state, its outputs are zero and nothing flows back; a length of 0 is
/// allowed; padding is never read.
public struct RecurrentStack: Sendable, Parameterized {
  /// The layers, from the bottom up.
  public let layers: [StackLayer]
  /// The weights: per layer `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, and so on; those of a reverse direction end in
  /// `_reverse`.
  ///
  /// - Precondition: new weights have the names and shapes of the old ones.
  public var parameters: Parameters {
    didSet { require(parameters.entries == entries, "weights have the names and shapes of their network") }
  }
  /// The threads that work for this stack.
  public var threads: ThreadPool
  let plan: NetworkPlan
  private let entries: [Parameters.Entry]
  private let jobs: JobCache<StackJob>

  /// A stack of layers with fresh weights.
  ///
  /// Layers may differ in kind and width.
  ///
  /// - Parameters:
  ///   - cells: one for each layer, from the bottom up.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to work on.
  /// - Precondition: there is a cell, and each reads as many features as the one below gives.
  /// - Complexity: O(parameters).
  public init(
    _ cells: any RecurrentCell..., initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    self.init(cells, initializer: initializer, seed: seed, threads: threads)
  }

  /// A stack of layers with fresh weights.
  ///
  /// - Parameters:
  ///   - cells: one for each layer, from the bottom up.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to work on.
  /// - Precondition: there is a cell, and each reads as many features as the one below gives.
  /// - Complexity: O(parameters).
  public init(
    _ cells: [any RecurrentCell], initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    self.init(layers: cells.map { StackLayer($0) }, initializer: initializer, seed: seed, threads: threads)
  }

  /// A stack of layers with fresh weights, in one direction or both.
  ///
  /// - Parameters:
  ///   - layers: from the bottom up.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to work on.
  /// - Precondition: there is a layer, and each reads as many features as the one below gives; recurrent dropout and
  ///   weight drop are for cells with a recurrent matrix.
  /// - Complexity: O(parameters).
  public init(
    layers: [StackLayer], initializer: Initializer = .tensorFlow1, seed: UInt64 = 0, threads: ThreadPool = .shared
  ) {
    plan = NetworkPlan(layers: layers, classCount: nil)
    jobs = JobCache(network: plan)
    self.layers = layers
    self.threads = threads
    parameters = Parameters(layers.parameterShapes)
    entries = parameters.entries
    var generator = SplitMix64(seed: seed)
    layers.draw(initializer, into: &parameters, using: &generator)
  }

  /// The cells of all directions, from the bottom up, forward before reverse.
  ///
  /// States have the same order.
  ///
  /// - Complexity: O(layers).
  public var cells: [any RecurrentCell] { layers.flatMap(\.cells) }

  /// The state of zeros that a stack starts from where it is given none, `[batch, hidden]` for each component.
  ///
  /// - Parameter batchSize: the number of sequences.
  /// - Complexity: O(batch · hidden units).
  public func zeroState(batchSize: Int) -> StackState {
    StackState(cells.map { $0.zeroState(batchSize: batchSize) as any RecurrentState })
  }

  /// Runs all layers over whole sequences.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, input]`, or as `layout` says.
  ///   - state: the state before the first step; zeros where nil.
  ///   - lengths: the true length of each sequence, in any order; nil where all are full.
  ///   - layout: which comes first in inputs and outputs, sequences or steps.
  /// - Returns: the topmost layer's output at every step, `[batch, time, output]`, and the state of every layer after
  ///   each sequence's last step.
  /// - Precondition: inputs have the features that the lowest layer reads; there is one length per sequence, each from
  ///   0 to the number of steps; the state is one of this stack for as many sequences.
  /// - Complexity: one step of every cell for each step of each sequence.
  public func callAsFunction(
    _ inputs: Tensor, from state: StackState? = nil, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor
  ) -> (outputs: Tensor, finalState: StackState) {
    if readsAsStream(inputs, layout: layout) {
      return readAsStream(inputs, from: state, lengths: lengths, layout: layout)
    }
    return jobs.withJob({ StackJob(network: $0, isTraining: false) }) { job in
      run(job, inputs, from: state, lengths: lengths, layout: layout)
    }
  }

  /// Runs all layers over whole sequences as in training, with their noise, and keeps what the backward pass needs.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, input]`, or as `layout` says.
  ///   - state: the state before the first step; zeros where nil.
  ///   - lengths: the true length of each sequence, in any order; nil where all are full.
  ///   - layout: which comes first in inputs, outputs and their gradients, sequences or steps.
  ///   - seed: what random masks are drawn from; the same seed draws the same masks.
  /// - Returns: the topmost layer's output at every step, `[batch, time, output]`, the state of every layer after each
  ///   sequence's last step, and the tape for ``gradients(_:outputs:finalState:)``.
  /// - Precondition: inputs have the features that the lowest layer reads; there is one length per sequence, each from
  ///   0 to the number of steps; the state is one of this stack for as many sequences.
  /// - Complexity: one step of every cell for each step of each sequence; the tape holds gates and states of all steps.
  public func forward(
    _ inputs: Tensor, from state: StackState? = nil, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor,
    seed: UInt64 = 0
  ) -> (outputs: Tensor, finalState: StackState, tape: Tape) {
    let job = StackJob(network: plan, isTraining: true)
    let (outputs, finalState) = run(job, inputs, from: state, lengths: lengths, layout: layout, seed: seed)
    let tape = Tape(
      job: job, parameters: parameters, inputShape: inputs.shape, outputShape: outputs.shape,
      batchSize: layout.sizes(of: inputs.shape).count, threads: threads)
    return (outputs, finalState, tape)
  }

  private func run(
    _ job: StackJob, _ inputs: Tensor, from state: StackState?, lengths: [Int]?, layout: SequenceLayout,
    seed: UInt64? = nil
  ) -> (Tensor, StackState) {
    let (batchSize, steps) = layout.sizes(of: inputs.shape)
    if let lengths { require(lengths.count == batchSize, "one length per sequence") }
    if let state { check(state, batchSize: batchSize) }
    let batch = require {
      try SequenceBatch(
        inputs, labels: Array(repeating: 0, count: batchSize), lengths: lengths, classCount: 1, layout: layout)
    }
    var outputs = Tensor(zeros: layout.shape(count: batchSize, steps: steps, features: plan.outputSize))
    let finals = StateBuffers(plan: plan, batchSize: batchSize)
    parameters.values.withPointer { parameters in
      outputs.values.withMutablePointer { outputs in
        job.forward(
          over: batch, parameters: parameters, from: state?.layers.map(\.components), outputs: outputs,
          finalStates: finals.pointers, seed: seed, pool: threads)
      }
    }
    return (outputs, finals.state(of: cells))
  }

  /// Stops where a state is not one of this stack for so many sequences.
  func check(_ state: StackState, batchSize: Int) {
    require(
      state.layers.count == plan.layers.count,
      "a stack of \(plan.layers.count) layers; found \(state.layers.count) states")
    for (layer, plan) in zip(state.layers, plan.layers) {
      let expected = (0..<plan.stateCount).map { [batchSize, plan.size(of: $0)] }
      require(
        layer.components.map(\.shape) == expected,
        "expected state components \(expected); found \(layer.components.map(\.shape))")
    }
  }
}

/// Memory for states on their way out of a job.
final class StateBuffers {
  let pointers: [[Floats]]
  private let shapes: [[[Int]]]

  init(plan: NetworkPlan, batchSize: Int) {
    shapes = plan.layers.map { layer in (0..<layer.stateCount).map { [batchSize, layer.size(of: $0)] } }
    pointers = shapes.map { components in
      components.map { shape in
        let count = max(shape[0] * shape[1], 1)
        let floats = Floats.allocate(capacity: count)
        floats.initialize(repeating: 0, count: count)
        return floats
      }
    }
  }

  deinit { for pointer in pointers.joined() { pointer.deallocate() } }

  func state(of cells: [any RecurrentCell]) -> StackState {
    StackState(
      cells.indices.map { layer in
        cells[layer].makeState(
          zip(shapes[layer], pointers[layer]).map { shape, values in
            Tensor(
              known: shape, values: Array(UnsafeBufferPointer(start: values, count: shape[0] * shape[1])))
          })
      })
  }
}

extension RecurrentCell {
  func makeState(_ components: [Tensor]) -> any RecurrentState { State(components: components) }
}
