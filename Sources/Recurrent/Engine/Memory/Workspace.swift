import RecurrentKernels

/// The memory of one pass over a batch, reused by the next: tiles, transposed weights, gradients.
///
/// One pass uses it at a time; ``WorkspaceCache`` provides workspaces.
final class Workspace {
  private(set) var tiles: [TileMemory] = []
  private(set) var order = BatchOrder()
  private var layout: TileLayout?
  let barrier: UnsafeMutablePointer<rk_barrier>
  /// The index of the next tile, and that of the next tile memory, that a worker takes.
  let counters: UnsafeMutablePointer<Int32>
  /// Transposed weights and tables of tokens.
  let transposed: Floats
  /// The gradient of the parameters, and the gradients of the tiles, whose sum it is.
  private(set) lazy var gradient = AlignedFloats(count: parameterCount)
  private(set) var tileGradients = Floats.zeros(1)
  private var tileGradientCapacity = 0
  /// The sum of the gradients of earlier batches, in a step over several batches.
  private(set) lazy var earlierGradient = AlignedFloats(count: parameterCount)
  /// The parameters after weight drop.
  private(set) lazy var remainingParameters = AlignedFloats(count: parameterCount)
  /// Sums of squares of the gradient's blocks.
  private(set) lazy var squares = UnsafeMutablePointer<Double>.zeros(parameterCount / Blocks.size + 1)
  /// The loss of each sample.
  private(set) var losses = UnsafeMutablePointer<SampleLoss>.zeros(1)
  private var lossCapacity = 0
  /// What the last pass of a training step finds.
  let outcome: UnsafeMutablePointer<StepOutcome>
  /// The states that a batch begins and ends with.
  private var states = AlignedFloats(count: 0)
  private let parameterCount: Int
  private var hasSquares = false
  /// The loss whose weights are here.
  private var weightedLoss: Loss?
  /// The targets of a loss of classes, or the weights of labels.
  private var lossWeights = AlignedFloats(count: 0)

  init(network: NetworkPlan) {
    parameterCount = network.parameterCount
    barrier = .allocate(capacity: 1)
    barrier.initialize(to: rk_barrier())
    counters = .allocate(capacity: 2)
    counters.initialize(repeating: 0, count: 2)
    transposed = Floats.zeros(network.transposedCount)
    outcome = .allocate(capacity: 1)
    outcome.initialize(to: StepOutcome())
  }

  deinit {
    barrier.deallocate()
    counters.deallocate()
    outcome.deallocate()
    rk_free(transposed)
    rk_free(tileGradients)
    rk_free(losses)
    if hasSquares { rk_free(squares) }
  }

  /// The layout for a batch, rebuilt only if the shape of batches has changed.
  func layout(_ network: NetworkPlan, steps: Int, lanes: Int, purpose: TileLayout.Purpose) -> TileLayout {
    if let layout, layout.steps == steps, layout.lanes == lanes, layout.purpose == purpose { return layout }
    let layout = TileLayout(network, steps: steps, lanes: lanes, purpose: purpose)
    self.layout = layout
    return layout
  }

  /// Prepares the tiles for a batch of the given layout.
  ///
  /// Only at run time is it known which workers get a tile. All memory is allocated before: otherwise a later step
  /// would allocate because another worker came first.
  func prepareTiles(_ count: Int, layout: TileLayout, source: SequenceSource, labelCount: Int) {
    while tiles.count < count { tiles.append(TileMemory()) }
    let tokenCount = source.inputs.areTokens ? source.stepCount * layout.lanes : 0
    for tile in tiles.prefix(count) {
      tile.prepare(layout, steps: source.stepCount, tokens: tokenCount, labels: labelCount)
    }
    order.sort(steps: source.stepCount, lengths: source.lengths, samples: source.samples)
    counters.update(repeating: 0, count: 2)
  }

  /// Allocates the gradients of this number of tiles.
  func prepareGradients(tiles count: Int, network: NetworkPlan) {
    _ = gradient
    if count <= tileGradientCapacity { return }
    rk_free(tileGradients)
    tileGradients = Floats.zeros(count * network.gradientCount)
    tileGradientCapacity = count
  }

  /// What a loss multiplies, in memory; see `Loss.weights(count:)`.
  func weights(of loss: Loss, count: Int) -> UnsafePointer<Float> {
    if loss != weightedLoss {
      lossWeights = AlignedFloats(loss.weights(count: count))
      weightedLoss = loss
    }
    return UnsafePointer(lossWeights.base)
  }

  /// The states of the sequences of a batch, in the workspace's memory.
  struct States {
    /// The initial and the final states.
    ///
    /// Two places, since final states do not count if the step is not finite.
    let initial: Floats
    let final: Floats
    let count: Int
  }

  /// Copies the initial states here, and makes room for the final ones.
  func states(_ values: [Float]) -> States {
    let count = values.count
    if 2 * count > states.count { states = AlignedFloats(count: 2 * count) }
    values.withPointer { states.base.update(from: $0, count: count) }
    return States(initial: states.base, final: states.base + count, count: count)
  }

  /// Allocates what the end of a training step needs.
  ///
  /// Lazy properties are initialized here, so that threads do not race to do it.
  func prepareStep(samples: Int, accumulates: Bool) {
    if accumulates { _ = earlierGradient }
    _ = squares
    hasSquares = true
    if samples <= lossCapacity { return }
    losses.replace(count: samples)
    lossCapacity = samples
  }
}

/// The loss of one sample, summed over its steps.
struct SampleLoss: BitwiseCopyable {
  var loss = 0.0
  /// The number of targets predicted correctly, and the number of targets.
  var correct: Int32 = 0
  var count: Int32 = 0
}

/// What the last pass of a training step finds.
struct StepOutcome: BitwiseCopyable {
  /// ‖g‖₂ before clipping.
  var gradientNorm = 0.0
  /// Whether loss and gradient are finite; if not, nothing is changed.
  var isFinite = true
}

/// Blocks of the parameters: the unit in which threads compute norms, clip and update.
///
/// A block is as long as 16 cache lines, so that threads rarely write to the same line: at most one per boundary of
/// their shares, if an array does not begin at a line. The size is fixed, so that a norm does not depend on the number of
/// threads.
struct Blocks {
  static let size = 256
  let parameterCount: Int

  var count: Int { (parameterCount + Self.size - 1) / Self.size }

  /// The parameters of some blocks.
  func parameters(of blocks: Range<Int>) -> Range<Int> {
    blocks.lowerBound * Self.size..<min(blocks.upperBound * Self.size, parameterCount)
  }
}
