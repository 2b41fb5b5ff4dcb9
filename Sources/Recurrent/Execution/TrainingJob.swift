import RecurrentKernels

/// A training step: forward, loss, backward, sum of the tiles' gradients, update; one fork and join in all.
final class TrainingJob: NetworkJob {
  /// The gradient of the mean loss, one float per parameter.
  let gradient: Floats
  private let transposed: Floats
  private var tileGradients: Floats
  private var tileCapacity = 0
  /// The loss of each sample, and 1 where it was classified rightly, in the order of the batch.
  ///
  /// No arrays, since several workers write at once, each to the places of its own samples.
  private(set) var losses: Floats
  private(set) var correct: UnsafeMutablePointer<Int32>
  private(set) var sampleCount = 0
  private var sampleCapacity = 1
  /// What is done with the gradient once it is complete; nil to leave it at that.
  private var update: OptimizerUpdate?
  private var weights: Floats?

  override init(network: NetworkPlan) {
    gradient = Tile.allocate(network.parameterCount)
    transposed = Tile.allocate(network.transposedCount)
    tileGradients = Tile.allocate(1)
    losses = .allocate(capacity: 1)
    correct = .allocate(capacity: 1)
    super.init(network: network)
  }

  deinit {
    for memory in [gradient, transposed, tileGradients] { rk_free(memory) }
    losses.deallocate()
    correct.deallocate()
  }

  /// Computes the gradient over a batch and, given an update, changes the weights by it; random masks come from `seed`,
  /// or are left out where that is nil.
  func step(over batch: SequenceBatch, weights: Floats, update: OptimizerUpdate?, seed: UInt64?, pool: ThreadPool) {
    self.update = update
    self.weights = weights
    run(over: batch, parameters: weights, pool: pool, isTraining: true, seed: seed)
    self.update = nil
    self.weights = nil
  }

  override func prepare() {
    guard let batch else { return }
    sampleCount = batch.count
    if sampleCount > sampleCapacity {
      losses.deallocate()
      correct.deallocate()
      losses = .allocate(capacity: sampleCount)
      correct = .allocate(capacity: sampleCount)
      sampleCapacity = sampleCount
    }
    if tiling.tileCount > tileCapacity {
      rk_free(tileGradients)
      tileGradients = Tile.allocate(tiling.tileCount * network.gradientCount)
      tileCapacity = tiling.tileCount
    }
  }

  override func run(worker: Int, workers: Int) {
    if let parameters {
      network.transposeWeights(parameters, to: transposed, worker: worker, workers: workers)
    }
    wait(workers)
    forEachTile(worker: worker, workers: workers) { number, pass in
      train(pass, gradient: tileGradients + number * network.gradientCount)
      guard pass.team.member == 0 else { return }
      for lane in 0..<pass.tile.sampleCount {
        let place = Int(pass.tile.places[lane])
        losses[place] = pass.base[pass.layout.losses + lane]
        correct[place] = pass.tile.correct[lane]
      }
    }
    wait(workers)
    network.sumGradients(
      tileGradients, tileCount: tiling.tileCount, to: gradient, worker: worker, workers: workers)
    if update == nil && !network.dropsWeights { return }
    wait(workers)
    let slice = parameterSlice(worker: worker, workers: workers)
    if let seed, network.dropsWeights { network.dropWeights(gradient, range: slice, seed: seed) }
    if let update, let weights { update.apply(to: weights, gradient: gradient, range: slice) }
  }

  private func train(_ pass: TilePass, gradient: Floats) {
    guard let storage, let batch else { return }
    pass.loadInputs(storage, strides: batch.dataset.strides)
    pass.clearInitialStates()
    pass.clearFinalGradients()
    pass.team.wait()
    pass.forward()
    pass.backwardHead(transposed: transposed, gradient: gradient, batchSize: batch.count)
    pass.backward(transposed: transposed, gradient: gradient)
  }
}
