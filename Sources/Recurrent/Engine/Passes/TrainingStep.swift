import RecurrentKernels
import RecurrentSupport

/// One training step over one batch or several: the passes over them, and what they find together.
///
/// Several batches give, up to rounding, the step of one large batch, in the memory of the largest of them.
struct TrainingStep {
  let network: NetworkPlan
  let loss: Loss
  let clipping: GradientClipping?
  /// How parameters change; nil if the gradient alone is wanted.
  let update: OptimizerUpdate?
  let pool: ThreadPool
  /// The steps from one state that is remembered to the next; nil if all are.
  var remembering: Int?

  /// What a step finds: the batches as they were before it.
  struct Result {
    /// The mean loss, and how many of the targets were predicted correctly.
    var loss = 0.0
    var correct = 0
    var targetCount = 0
    /// ‖g‖₂ before clipping.
    var gradientNorm = 0.0
    /// Whether loss and gradient are finite; if not, nothing was changed.
    var isFinite = true
  }

  /// Computes the gradient of the mean loss over all batches, left in the workspace, and changes the parameters.
  ///
  /// - Parameters:
  ///   - weights: the parameters, changed in place if there is an update and all is finite.
  ///   - states: the states that sequences begin with, and memory for those that they end with; nil for the model's own.
  ///   - seed: drawn once for each batch, for its random masks.
  ///   - trace: called with each batch after its backward pass, whose tiles then have the gradients of inputs and hidden
  ///     states at every step; nil if nobody reads them.
  func run(
    over batches: some Collection<SequenceBatch>, weights: Floats, states: Workspace.States?, workspace: Workspace,
    seed: () -> UInt64?, trace: ((TiledBatch) -> Void)? = nil
  ) -> Result {
    let weight = batches.reduce(0) { $0 + $1.targetWeight(loss) }
    // If targets weigh nothing, the mean is zero, and so is its gradient.
    let scale = weight == 0 ? 0 : 1 / Float(weight)
    var result = Result()
    for (number, batch) in batches.enumerated() {
      workspace.prepareStep(samples: batch.count, accumulates: batches.count > 1)
      let ending = TrainingPass.Ending(
        weights: weights, update: update, clipping: clipping, earlierLoss: result.loss, outcome: workspace.outcome)
      let tiled = TiledBatch(
        batch.source, network: network, parameters: UnsafePointer(weights), workspace: workspace,
        purpose: .trainingStep(
          network, hasGivenState: states != nil, hasValueTargets: batch.targets.areValues,
          tracesGradients: trace != nil,
          recomputation: remembering.flatMap { Recomputation(every: $0, steps: batch.stepCount, network: network) }),
        labelSteps: network.readsEveryStep ? max(batch.stepCount, 1) : 1, seed: seed(), keepsTiles: trace != nil,
        threads: pool.threads)
      workspace.prepareGradients(tiles: tiled.tiling.tileCount, network: network)
      let loss = TilePass.Loss(
        kind: lossKind(workspace), targets: batch.targetSource, scale: scale, results: workspace.losses)
      pool.run(
        TrainingPass(
          batch: tiled, loss: loss, initial: states.map { StateStorage(base: $0.initial, batchSize: batch.count) },
          final: states.map { StateStorage(base: $0.final, batchSize: batch.count) },
          blocks: Blocks(parameterCount: network.parameterCount), isFirst: number == 0,
          ending: number == batches.count - 1 ? ending : nil))
      trace?(tiled)
      for i in 0..<batch.count {
        result.loss += workspace.losses[i].loss
        result.correct += Int(workspace.losses[i].correct)
        result.targetCount += Int(workspace.losses[i].count)
      }
    }
    let found = workspace.outcome.pointee
    (result.gradientNorm, result.isFinite) = (found.gradientNorm, found.isFinite)
    if weight != 0 { result.loss /= weight }
    return result
  }

  /// The loss as the tiles take it.
  private func lossKind(_ workspace: Workspace) -> TilePass.Loss.Kind {
    let weights = workspace.weights(of: loss, count: network.head?.outputSize ?? 0)
    return switch loss {
    case .crossEntropy: .crossEntropy(targets: weights)
    case .sigmoidCrossEntropy(let given): .independent(weights: given == nil ? nil : weights)
    case .regression(let settings): .regression(settings.kernel)
    }
  }
}
