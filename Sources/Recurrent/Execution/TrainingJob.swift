import RecurrentKernels

/// A training step: forward, loss, backward, sum of the tiles' gradients, update; one fork and join in all.
///
/// A step over several batches has one of each per batch: gradients are added up, and the last batch ends the step.
final class TrainingJob: NetworkJob {
  /// What is done with the gradient once it is complete.
  struct Ending {
    var update: OptimizerUpdate?
    /// Whether the gradient is measured: then there is a norm, and no update along what is not finite.
    var isMeasured = false
    var clipping: GradientClipping?
  }

  /// Over the batches of a step so far, in their order.
  struct Totals {
    /// The sum of the samples' losses; when the step is over, their mean.
    var loss = 0.0
    var correct = 0
    var count = 0
  }

  /// The gradient of the mean loss, one float per parameter.
  let gradient: Floats
  /// The norm of the gradient, before it was clipped; nil where it was not measured.
  private(set) var gradientNorm: Double?
  /// Whether loss and gradient were finite, as far as they were measured.
  private(set) var isFinite = true
  private(set) var totals = Totals()

  private let transposed: Floats
  private var tileGradients: Floats
  private var tileCapacity = 0
  /// The loss of each sample, and 1 where it was classified rightly, in the order of the batch.
  ///
  /// No arrays, since several workers write at once, each to the places of its own samples.
  private var losses: Floats
  private var correct: UnsafeMutablePointer<Int32>
  private var sampleCapacity = 1
  /// The target of each class where it is the label, and where it is not; then the sum of all targets for each label.
  private let targets: Floats
  private var loss = SoftmaxCrossEntropy()
  /// The gradient of the batches before this one, in a step over several.
  private var earlier: Floats?
  /// Sums of squares of the gradient's blocks.
  private let squares: UnsafeMutablePointer<Double>

  // Of the present batch.
  private var ending = Ending()
  private var weights: Floats?
  private var scale: Float = 0
  private var isFirst = true
  private var isLast = true

  /// The floats that one thread sums, clips and updates at a time.
  ///
  /// Whole cache lines, so that no two threads write to one; a fixed number, so that the norm does not depend on how many
  /// threads there are.
  private static let blockSize = 256
  private var blockCount: Int { (network.parameterCount + Self.blockSize - 1) / Self.blockSize }

  override init(network: NetworkPlan) {
    gradient = Tile.allocate(network.parameterCount)
    transposed = Tile.allocate(network.transposedCount)
    tileGradients = Tile.allocate(1)
    losses = .allocate(capacity: 1)
    correct = .allocate(capacity: 1)
    targets = Tile.allocate(3 * (network.head?.classCount ?? 0))
    squares = .allocate(capacity: network.parameterCount / Self.blockSize + 1)
    super.init(network: network)
    setTargets()
  }

  deinit {
    for memory in [gradient, transposed, tileGradients, targets, earlier] { rk_free(memory) }
    losses.deallocate()
    correct.deallocate()
    squares.deallocate()
  }

  /// Computes the gradient of the mean loss over all samples of some batches and ends the step with it.
  ///
  /// The weights are left as they are where there is no update, or where the gradient is measured and not finite. Random
  /// masks come from `seed`, which is asked once for each batch, or are left out where it gives nil.
  func step(
    over batches: some Collection<SequenceBatch>, weights: Floats, loss: SoftmaxCrossEntropy = SoftmaxCrossEntropy(),
    ending: Ending, seed: () -> UInt64?, pool: ThreadPool
  ) {
    if loss != self.loss {
      self.loss = loss
      setTargets()
    }
    self.ending = ending
    self.weights = weights
    let weight = batches.reduce(0) { $0 + loss.weight(of: $1) }
    // Of samples that weigh nothing the mean is zero, and so is its gradient.
    scale = weight == 0 ? 0 : 1 / Float(weight)
    totals = Totals()
    gradientNorm = nil
    isFinite = true
    isFirst = true
    for (number, batch) in batches.enumerated() {
      isLast = number == batches.count - 1
      run(over: batch, parameters: weights, pool: pool, isTraining: true, seed: seed())
      for i in 0..<batch.count {
        totals.loss += Double(losses[i])
        totals.correct += Int(correct[i])
      }
      totals.count += batch.count
      isFirst = false
    }
    if weight != 0 { totals.loss /= weight }
    self.ending = Ending()
    self.weights = nil
  }

  private func setTargets() {
    let classCount = network.head?.classCount ?? 0
    for k in 0..<classCount {
      targets[k] = loss.target(of: k, isLabel: true, classCount: classCount)
      targets[classCount + k] = loss.target(of: k, isLabel: false, classCount: classCount)
      targets[2 * classCount + k] = loss.totalOfTargets(label: k, classCount: classCount)
    }
  }

  override func prepare() {
    guard let batch else { return }
    if batch.count > sampleCapacity {
      losses.deallocate()
      correct.deallocate()
      losses = .allocate(capacity: batch.count)
      correct = .allocate(capacity: batch.count)
      sampleCapacity = batch.count
    }
    if tiling.tileCount > tileCapacity {
      rk_free(tileGradients)
      tileGradients = Tile.allocate(tiling.tileCount * network.gradientCount)
      tileCapacity = tiling.tileCount
    }
    if !isLast && earlier == nil { earlier = Tile.allocate(network.parameterCount) }
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
    // A wait is cheap, but not for nothing.
    if isFirst && isLast && ending.update == nil && !ending.isMeasured && !network.dropsWeights { return }
    wait(workers)
    finish(worker: worker, workers: workers)
  }

  private func train(_ pass: TilePass, gradient: Floats) {
    guard let storage, let batch else { return }
    pass.loadInputs(storage, strides: batch.dataset.strides)
    pass.clearInitialStates()
    pass.clearFinalGradients()
    pass.team.wait()
    pass.forward()
    pass.backwardHead(transposed: transposed, gradient: gradient, targets: targets, scale: scale)
    pass.backward(transposed: transposed, gradient: gradient)
  }

  /// Takes out of the gradient what dropped weights have no part in, adds the gradients of several batches up, and with
  /// the last one limits them and changes the weights.
  ///
  /// Each worker does its share of the blocks.
  private func finish(worker: Int, workers: Int) {
    let blocks = share(of: blockCount, worker: worker, workers: workers)
    let first = blocks.lowerBound * Self.blockSize
    let count = min(blocks.upperBound * Self.blockSize, network.parameterCount) - first
    if let seed, network.dropsWeights { network.dropWeights(gradient, range: first..<first + count, seed: seed) }
    if !isFirst, let earlier { kernels.addScaled(1, earlier + first, gradient + first, count) }
    guard isLast else {
      if let earlier { (earlier + first).update(from: gradient + first, count: count) }
      return
    }
    if ending.isMeasured {
      for block in blocks {
        let at = block * Self.blockSize
        squares[block] = kernels.sumOfSquares(gradient + at, min(Self.blockSize, network.parameterCount - at))
      }
      wait(workers)
      // Every worker adds up the same numbers in the same order, and comes to the same decision.
      let norm = (0..<blockCount).reduce(0) { $0 + squares[$1] }.squareRoot()
      let isFinite = (norm + kernels.sumOfSquares(losses, batch?.count ?? 0) + totals.loss).isFinite
      if worker == 0 {
        gradientNorm = norm
        self.isFinite = isFinite
      }
      if !isFinite { return }
      ending.clipping?.apply(to: gradient + first, count: count, norm: norm)
    }
    if let update = ending.update, let weights {
      update.apply(to: weights, gradient: gradient, range: first..<first + count)
    }
  }
}
