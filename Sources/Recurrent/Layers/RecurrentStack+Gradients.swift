import RecurrentSupport

extension RecurrentStack {
  /// What a forward pass keeps for the backward pass: inputs, activations and states of every step.
  ///
  /// A tape belongs to the weights of its forward pass and can be used for one backward pass.
  public final class Tape {
    let workspace: Workspace
    private let cache: WorkspaceCache
    let parameters: Parameters
    let inputs: Tensor
    let lengths: [Int]?
    let layout: SequenceLayout
    let seed: UInt64
    let outputShape: [Int]
    let threads: ThreadPool
    private var isUsed = false

    init(
      workspace: Workspace, cache: WorkspaceCache, parameters: Parameters, inputs: Tensor, lengths: [Int]?,
      layout: SequenceLayout, seed: UInt64, outputShape: [Int], threads: ThreadPool
    ) {
      self.workspace = workspace
      self.cache = cache
      self.parameters = parameters
      self.inputs = inputs
      self.lengths = lengths
      self.layout = layout
      self.seed = seed
      self.outputShape = outputShape
      self.threads = threads
    }

    deinit { cache.giveBack(workspace) }

    /// Backward overwrites activations with gradients, so it can run only once.
    func use() {
      require(!isUsed, "a tape can be used for one backward pass: run forward again")
      isUsed = true
    }
  }

  /// The gradients of a scalar with respect to all inputs of a forward pass.
  public struct Gradients: Sendable {
    /// Of the weights, by name.
    public let parameters: Parameters
    /// Of the inputs, in their shape, `[batch, time, input]` or with time first; zero past each length.
    public let inputs: Tensor
    /// Of the state before the first step.
    public let initialState: StackState
  }

  /// Full backpropagation through time over the steps of one forward pass.
  ///
  /// ```
  /// dz(t) = ∂L/∂z(t)        of the sums z(t) = b + W x(t) + U h(t-1) of each layer
  /// dW = Σ dz(t) x(t)ᵀ      dU = Σ dz(t) h(t-1)ᵀ      db = Σ dz(t)      over all steps and sequences
  /// dx(t) = Wᵀ dz(t)        dh(t-1) = Uᵀ dz(t), and the cell's direct state path
  /// ```
  ///
  /// Source: Werbos, *Backpropagation Through Time: What It Does and How to Do It*, 1990.
  ///
  /// - Parameters:
  ///   - tape: the tape of the forward pass. It can be used once.
  ///   - outputs: the gradient of the outputs, in their shape, `[batch, time, output]` or with time first; zeros if
  ///     nil. Values past a length are not read.
  ///   - finalState: the gradient of the final states; zeros if nil.
  /// - Returns: the gradients of the forward pass's weights, summed over the batch, and those of inputs and initial
  ///   state.
  /// - Precondition: the tape has not been used, and comes from a stack whose weights have the same names and shapes;
  ///   gradients have the shapes of outputs and states.
  /// - Complexity: about twice that of the forward pass.
  public func gradients(
    _ tape: Tape, outputs: Tensor? = nil, finalState: StackState? = nil
  ) -> Gradients {
    tape.use()
    require(
      tape.parameters.entries == parameters.entries, "a tape belongs to the stack that made it, not to this one")
    let (batchSize, steps) = tape.layout.sizes(of: tape.inputs.shape)
    finalState?.check(plan.directions, batchSize: batchSize)
    if let outputs {
      require(
        outputs.shape == tape.outputShape,
        "expected a gradient of shape \(tape.outputShape); found \(outputs.shape)")
    }
    var inputs = Tensor(zeros: tape.inputs.shape)
    var gradient = parameters.zeros
    var initial = zeroState(batchSize: batchSize)
    // Without sequences there are no tiles, and the gradient is zero.
    if batchSize == 0 { return Gradients(parameters: gradient, inputs: inputs, initialState: initial) }
    let strides = tape.layout.strides(count: batchSize, steps: steps, features: plan.outputSize)
    withBatch(
      tape.inputs, lengths: tape.lengths, layout: tape.layout, parameters: tape.parameters, seed: tape.seed,
      in: tape.workspace, threads: tape.threads, continues: true
    ) { batch in
      tape.workspace.prepareGradients(tiles: batch.tiling.tileCount, network: plan)
      inputs.values.withMutablePointer { inputs in
        initial.values.withMutablePointer { initial in
          withOptionalPointer(outputs?.values) { outputs in
            withOptionalPointer(finalState?.values) { final in
              tape.threads.run(
                StackBackwardPass(
                  batch: batch, outputStrides: strides, outputGradient: outputs,
                  finalGradients: final.map { StateStorage(reading: $0, batchSize: batchSize) }, inputGradient: inputs,
                  initialGradients: StateStorage(base: initial, batchSize: batchSize)))
            }
          }
        }
      }
    }
    gradient.values.withMutablePointer { $0.update(from: tape.workspace.gradient.base, count: plan.parameterCount) }
    return Gradients(parameters: gradient, inputs: inputs, initialState: initial)
  }

  /// Calls `body` with a batch of tensors, divided into tiles; with a seed as in training.
  func withBatch(
    _ inputs: Tensor, lengths: [Int]?, layout: SequenceLayout, parameters: Parameters, seed: UInt64?,
    in workspace: Workspace, threads: ThreadPool, continues: Bool = false, _ body: (TiledBatch) -> Void
  ) {
    let (batchSize, steps) = layout.sizes(of: inputs.shape)
    let isTraining = seed != nil
    let source = SequenceSource(
      inputs: .floats(inputs.values, features: plan.inputSize),
      strides: layout.strides(count: batchSize, steps: steps, features: plan.inputSize), stepCount: steps,
      samples: (0..<Int32(batchSize)).map { $0 }, lengths: lengths?.map { Int32($0) })
    parameters.values.withPointer { parameters in
      body(
        TiledBatch(
          source, network: plan, parameters: parameters, workspace: workspace,
          purpose: .init(
            isTraining: isTraining, hasOutputGradient: isTraining, hasInputGradient: isTraining,
            hasInitialGradient: isTraining),
          seed: seed, keepsTiles: isTraining, threads: threads.threads, continues: continues))
    }
  }
}
