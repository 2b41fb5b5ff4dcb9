import RecurrentSupport

/// A stack of recurrent layers: each reads the outputs of the one below at every step.
///
/// ```swift
/// let stack = RecurrentStack(inputSize: 28, LSTMCell(hiddenSize: 20), LSTMCell(hiddenSize: 20))
/// let (outputs, finalState) = stack(inputs, lengths: lengths)
/// ```
///
/// ```
/// h₁(t) = cell₁(x(t), h₁(t-1))      h₂(t) = cell₂(h₁(t), h₂(t-1))      …      outputs(t) = the topmost h(t)
/// ```
///
/// Shapes: inputs `[batch, time, input]`, outputs `[batch, time, output]` of the topmost layer, or both with time first
/// (see ``SequenceLayout``); states `[batch, hidden]` of each direction of each layer, or `[batch, output]` for a
/// projected hidden state.
///
/// Lengths: past its length a sequence keeps its state, its outputs are zero and no gradient flows; a length of 0 is
/// allowed; padding is never read.
public struct RecurrentStack: Sendable, Parameterized {
  /// The layers, from the bottom up.
  public let layers: [LayerConfiguration]
  /// The weights: per layer `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, and so on; those of a reverse direction end in
  /// `_reverse`.
  ///
  /// - Precondition: new weights have the names and shapes of the old ones.
  public var parameters: Parameters {
    didSet { require(parameters.entries == entries, "weights must have the names and shapes of their network") }
  }
  /// The threads that run this stack.
  public var threads: ThreadPool
  let plan: NetworkPlan
  private let entries: [Parameters.Entry]
  let workspaces: WorkspaceCache

  /// A stack of layers that read forward, with newly drawn weights.
  ///
  /// Layers may differ in kind and width.
  ///
  /// - Parameters:
  ///   - inputSize: I, the number of features of an input step.
  ///   - cells: one per layer, from the bottom up.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to run on.
  /// - Precondition: there is a cell, and `inputSize` is positive.
  /// - Complexity: O(parameters).
  public init(
    inputSize: Int, _ cells: any RecurrentCell..., initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    self.init(
      inputSize: inputSize, layers: cells.map { LayerConfiguration($0) }, initializer: initializer, seed: seed,
      threads: threads)
  }

  /// A stack of layers, in one direction or both, with newly drawn weights.
  ///
  /// - Parameters:
  ///   - inputSize: I, the number of features of an input step.
  ///   - layers: from the bottom up, such as `.lstm(20, count: 3)`.
  ///   - initializer: how weights are drawn.
  ///   - seed: the same seed draws the same weights.
  ///   - threads: the threads to run on.
  /// - Precondition: there is a layer, and `inputSize` is positive; input and output of a residual layer have the same
  ///   size; recurrent dropout and weight drop are for cells with a recurrent matrix.
  /// - Complexity: O(parameters).
  public init(
    inputSize: Int, layers: [LayerConfiguration], initializer: Initializer = .tensorFlow1, seed: UInt64 = 0,
    threads: ThreadPool = .shared
  ) {
    plan = NetworkPlan(input: .features(inputSize), layers: layers, head: nil)
    workspaces = WorkspaceCache(network: plan)
    self.layers = layers
    self.threads = threads
    parameters = Parameters(plan.parameterShapes)
    entries = parameters.entries
    var generator = SplitMix64(seed: seed)
    layers.draw(initializer, inputSize: inputSize, into: &parameters, using: &generator)
  }

  /// The number of features of an input step.
  public var inputSize: Int { plan.inputSize }

  /// The cells of all directions, from the bottom up, forward before reverse.
  ///
  /// States have the same order.
  ///
  /// - Complexity: O(layers).
  public var cells: [any RecurrentCell] { layers.flatMap(\.cells) }

  /// The state of zeros, from which a stack starts by default, `[batch, hidden]` for each component.
  ///
  /// - Parameter batchSize: the number of sequences.
  /// - Complexity: O(batch · hidden units).
  public func zeroState(batchSize: Int) -> StackState {
    StackState(plan.directions, batchSize: batchSize) { _, _ in 0 }
  }

  /// Runs all layers over whole sequences.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, input]`, or as `layout` says.
  ///   - state: the state before the first step; zeros if nil.
  ///   - lengths: the true length of each sequence, in any order; nil if all are full.
  ///   - layout: the order of dimensions in inputs and outputs: sequences first or steps first.
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
    let workspace = workspaces.take()
    defer { workspaces.giveBack(workspace) }
    return run(inputs, from: state, lengths: lengths, layout: layout, in: workspace)
  }

  /// Runs all layers over whole sequences as in training, with regularization, and keeps a tape for the backward pass.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, input]`, or as `layout` says.
  ///   - state: the state before the first step; zeros if nil.
  ///   - lengths: the true length of each sequence, in any order; nil if all are full.
  ///   - layout: the order of dimensions in inputs, outputs and their gradients: sequences first or steps first.
  ///   - seed: the seed of random masks; the same seed draws the same masks.
  /// - Returns: the topmost layer's output at every step, `[batch, time, output]`, the state of every layer after each
  ///   sequence's last step, and the tape for ``gradients(_:outputs:finalState:)``.
  /// - Precondition: inputs have the features that the lowest layer reads; there is one length per sequence, each from
  ///   0 to the number of steps; the state is one of this stack for as many sequences.
  /// - Complexity: one step of every cell for each step of each sequence; the tape holds gates and states of all steps.
  public func forward(
    _ inputs: Tensor, from state: StackState? = nil, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor,
    seed: UInt64 = 0
  ) -> (outputs: Tensor, finalState: StackState, tape: Tape) {
    let workspace = workspaces.take()
    let (outputs, finalState) = run(
      inputs, from: state, lengths: lengths, layout: layout, seed: seed, in: workspace)
    let tape = Tape(
      workspace: workspace, cache: workspaces, parameters: parameters, inputs: inputs, lengths: lengths, layout: layout,
      seed: seed, outputShape: outputs.shape, threads: threads)
    return (outputs, finalState, tape)
  }

  /// Runs all layers; with a seed as in training, so that a backward pass may follow.
  private func run(
    _ inputs: Tensor, from state: StackState?, lengths: [Int]?, layout: SequenceLayout, seed: UInt64? = nil,
    in workspace: Workspace
  ) -> (outputs: Tensor, finalState: StackState) {
    let (batchSize, steps) = layout.sizes(of: inputs.shape)
    if let lengths {
      require(lengths.count == batchSize, "one length per sequence")
      for (sequence, length) in lengths.enumerated() {
        require(
          length >= 0 && length <= steps,
          "found length \(length) of sequence \(sequence), expected lengths in 0...\(steps)")
      }
    }
    state?.check(plan.directions, batchSize: batchSize)
    require(
      inputs.shape[2] == plan.inputSize,
      "the network reads \(plan.inputSize) features per step; the batch has \(inputs.shape[2])")
    var final = zeroState(batchSize: batchSize)
    var outputs = Tensor(zeros: layout.shape(count: batchSize, steps: steps, features: plan.outputSize))
    let strides = layout.strides(count: batchSize, steps: steps, features: plan.outputSize)
    withBatch(
      inputs, lengths: lengths, layout: layout, parameters: parameters, seed: seed, in: workspace, threads: threads
    ) { batch in
      outputs.values.withMutablePointer { outputs in
        final.values.withMutablePointer { final in
          withOptionalPointer(state?.values) { initial in
            threads.run(
              StackForwardPass(
                batch: batch, outputs: outputs, strides: strides,
                initial: initial.map { StateStorage(reading: $0, batchSize: batchSize) },
                final: StateStorage(base: final, batchSize: batchSize)))
          }
        }
      }
    }
    return (outputs, final)
  }
}
