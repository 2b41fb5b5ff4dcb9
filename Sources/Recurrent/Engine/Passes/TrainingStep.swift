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
  ///   - states: the states that sequences begin with, replaced by those they end with; nil for the model's own.
  ///   - seed: drawn once for each batch, for its random masks.
  func run(
    over batches: some Collection<SequenceBatch>, weights: Floats, states: Floats? = nil, workspace: Workspace,
    seed: () -> UInt64?
  ) -> Result {
    let weight = batches.reduce(0) { $0 + $1.targetWeight(loss) }
    // If targets weigh nothing, the mean is zero, and so is its gradient.
    let scale = weight == 0 ? 0 : 1 / Float(weight)
    var result = Result()
    for (number, batch) in batches.enumerated() {
      let isLast = number == batches.count - 1
      run(
        batch, weights: weights, states: states, workspace: workspace, seed: seed(), scale: scale, isFirst: number == 0,
        isLast: isLast, result: &result)
      for i in 0..<batch.count {
        result.loss += workspace.losses[i].loss
        result.correct += Int(workspace.losses[i].correct)
        result.targetCount += Int(workspace.losses[i].count)
      }
    }
    if weight != 0 { result.loss /= weight }
    return result
  }

  private func run(
    _ batch: SequenceBatch, weights: Floats, states: Floats?, workspace: Workspace, seed: UInt64?, scale: Float,
    isFirst: Bool, isLast: Bool, result: inout Result
  ) {
    workspace.prepareStep(samples: batch.count, accumulates: !isFirst || !isLast)
    batch.withSource { source in
      batch.withTargets { targets in
        withLoss(targets, scale: scale, workspace: workspace) { loss in
          let tiled = TiledBatch(
            source, network: network, parameters: UnsafePointer(weights), workspace: workspace,
            purpose: .trainingStep(
              network, hasGivenState: states != nil, hasValueTargets: batch.targets.areValues),
            labelSteps: network.readsEveryStep ? max(batch.stepCount, 1) : 1, seed: seed, threads: pool.threads)
          workspace.prepareGradients(tiles: tiled.tiling.tileCount, network: network)
          var found = TrainingPass.Result()
          withUnsafeMutablePointer(to: &found) { found in
            // Final states wait in memory of their own, for they do not count if the step is not finite.
            let final = states.map { _ in
              StateStorage(base: workspace.states(count: batch.count * network.stateSize), batchSize: batch.count)
            }
            let initial = states.map { StateStorage(base: $0, batchSize: batch.count) }
            pool.run(
              TrainingPass(
                batch: tiled, loss: loss, initial: initial, final: final,
                blocks: Blocks(parameterCount: network.parameterCount), isFirst: isFirst,
                ending: isLast
                  ? .init(
                    weights: weights, update: update, clipping: clipping, earlierLoss: result.loss, result: found)
                  : nil))
          }
          result.gradientNorm = found.gradientNorm
          result.isFinite = found.isFinite
          if let states, found.isFinite {
            let count = batch.count * network.stateSize
            states.update(from: workspace.states(count: count), count: count)
          }
        }
      }
    }
  }

  /// Calls `body` with the loss as the tiles take it.
  private func withLoss(
    _ targets: TargetSource, scale: Float, workspace: Workspace, _ body: (TilePass.Loss) -> Void
  ) {
    func loss(_ kind: TilePass.Loss.Kind) -> TilePass.Loss {
      TilePass.Loss(kind: kind, targets: targets, scale: scale, results: workspace.losses)
    }
    switch self.loss {
    case .crossEntropy(let settings):
      body(loss(.crossEntropy(targets: workspace.classTargets(settings, count: network.head?.outputSize ?? 0))))
    case .sigmoidCrossEntropy(let weights):
      withOptionalPointer(weights) { body(loss(.independent(weights: $0))) }
    case .regression(let settings): body(loss(.regression(settings.kernel)))
    }
  }
}

extension SequenceBatch {
  /// Calls `body` with the inputs in place.
  func withSource(_ body: (SequenceSource) -> Void) {
    func source(_ values: SequenceSource.Values) -> SequenceSource {
      SequenceSource(
        values: values, strides: dataset.strides, stepCount: stepCount, samples: samples, lengths: dataset.allLengths)
    }
    switch dataset.inputs {
    case .bytes(let bytes, let scale, _): bytes.withPointer { body(source(.bytes($0, scale: scale))) }
    case .floats(let floats, _): floats.withPointer { body(source(.floats($0))) }
    case .tokens(let tokens, _): tokens.withPointer { body(source(.tokens($0))) }
    }
  }

  /// Calls `body` with the targets in place.
  func withTargets(_ body: (TargetSource) -> Void) {
    let strides = dataset.targetStrides
    switch targets.values {
    case .classes(let classes, _): classes.withPointer { body(TargetSource(values: .classes($0), strides: strides)) }
    case .numbers(let numbers, let size):
      let strides = SequenceStrides(sample: strides.sample * size, step: strides.step * size)
      numbers.withPointer { body(TargetSource(values: .values($0), strides: strides)) }
    }
  }
}
