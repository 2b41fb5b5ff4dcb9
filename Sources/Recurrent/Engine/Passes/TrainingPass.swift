import RecurrentKernels

/// A batch's part in a training step: forward, loss, backward, sum of the tiles' gradients, and, of the last batch,
/// update; one fork and join in all.
///
/// Design note 11 follows one from beginning to end.
///
/// The result does not depend on the number of threads, because
///
/// - the tiles of a batch depend on the batch and the network alone (``Tiling``);
/// - an element of a product is one chain of multiply-adds, whoever computes it and in whatever block;
/// - a tile's gradient lies at the tile's index, and gradients are summed in the order of tiles;
/// - the blocks of a norm have a fixed size, and every worker adds them in the same order;
/// - random masks depend on an element's position (``DropoutMasks``);
/// - losses are added in the order of the batch, in Double.
struct TrainingPass: ParallelWork {
  let batch: TiledBatch
  let loss: TilePass.Loss
  /// The initial states, the model's own if nil, and the destination of the final states.
  let initial: StateStorage?
  let final: StateStorage?
  let blocks: Blocks
  /// Whether this is the first batch of the step; the gradients of earlier ones are added otherwise.
  let isFirst: Bool
  /// How the step ends; nil if more batches follow.
  let ending: Ending?

  /// What is done with the gradient once it is complete.
  struct Ending {
    let weights: Floats
    let update: OptimizerUpdate?
    let clipping: GradientClipping?
    /// The sum of the losses of the batches before this one.
    let earlierLoss: Double
    let outcome: UnsafeMutablePointer<StepOutcome>
  }

  private var network: NetworkPlan { batch.network }
  private var workspace: Workspace { batch.workspace }

  func run(worker: Int, workers: Int) {
    network.makeTokenTables(batch.parameters, to: workspace.transposed, worker: worker, workers: workers)
    network.transposeWeights(batch.parameters, to: workspace.transposed, worker: worker, workers: workers)
    batch.waitForAll(workers)
    let gradients = workspace.tileGradients
    for (index, tile) in batch.tiles(worker: worker, workers: workers) {
      let gradient = gradients + index * network.gradientCount
      begin(tile)
      for tile in tile.windows(of: batch.source.stepCount) {
        tile.rememberStates()
        tile.forward(batch.source)
        if network.readsEveryStep { head(tile, gradient: gradient) }
      }
      end(tile)
      if !network.readsEveryStep { head(tile, gradient: gradient) }
      for tile in tile.backwardWindows(of: batch.source.stepCount) {
        if tile.isRepeated {
          tile.forward(batch.source)
          if network.readsEveryStep { head(tile, gradient: gradient) }
        }
        tile.backward(gradient: gradient)
      }
    }
    batch.waitForAll(workers)
    network.sumGradients(
      gradients, tileCount: batch.tiling.tileCount, to: workspace.gradient.base, worker: worker, workers: workers)
    batch.waitForAll(workers)
    finish(worker: worker, workers: workers)
  }

  /// Computes outputs, loss and the gradient of what the head reads.
  private func head(_ tile: TilePass, gradient: Floats) {
    tile.forwardHead(everyStep: network.readsEveryStep)
    tile.backwardHead(loss, gradient: gradient)
  }

  /// Loads initial states.
  private func begin(_ tile: TilePass) {
    if let initial {
      tile.loadStates(initial) { tile.layout.directions[$0.index].initial(tile.base, row: $0.row(of: $1)) }
    } else {
      tile.setInitialStates()
    }
    tile.clearFinalGradients()
  }

  /// Stores final states, if they are wanted.
  private func end(_ tile: TilePass) {
    guard let final else { return }
    tile.storeStates(final, lanes: 0..<tile.sampleCount) {
      tile.layout.directions[$0.index].final(tile.base, row: $0.row(of: $1))
    }
  }

  /// Takes out of the gradient what dropped weights have no part in, adds the gradients of the step's batches up, and with
  /// the last one limits them and changes the weights.
  ///
  /// Each worker does its share of the blocks.
  private func finish(worker: Int, workers: Int) {
    let mine = share(of: blocks.count, worker: worker, workers: workers)
    let range = blocks.parameters(of: mine)
    let gradient = workspace.gradient.base
    if let seed = batch.seed, network.dropsWeights { network.dropWeights(gradient, range: range, seed: seed) }
    if !isFirst {
      kernels.addScaled(1, workspace.earlierGradient.base + range.lowerBound, gradient + range.lowerBound, range.count)
    }
    guard let ending else {
      (workspace.earlierGradient.base + range.lowerBound).update(from: gradient + range.lowerBound, count: range.count)
      return
    }
    for block in mine {
      let parameters = blocks.parameters(of: block..<block + 1)
      workspace.squares[block] = kernels.sumOfSquares(gradient + parameters.lowerBound, parameters.count)
    }
    batch.waitForAll(workers)
    // Every worker adds up the same numbers in the same order, and comes to the same decision.
    let norm = (0..<blocks.count).reduce(0) { $0 + workspace.squares[$1] }.squareRoot()
    let loss = batch.source.samples.indices.reduce(ending.earlierLoss) { $0 + workspace.losses[$1].loss }
    let isFinite = (norm + loss).isFinite
    if worker == 0 { ending.outcome.pointee = StepOutcome(gradientNorm: norm, isFinite: isFinite) }
    if !isFinite { return }
    ending.clipping?.apply(to: gradient + range.lowerBound, count: range.count, norm: norm)
    ending.update?.apply(to: ending.weights, gradient: gradient, range: range)
  }
}
