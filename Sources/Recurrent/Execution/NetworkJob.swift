import RecurrentKernels
import RecurrentSupport

/// A batch on its way through a network, on all threads of a pool.
///
/// A job owns the memory that a pass needs (tiles, their gradients, transposed weights) and keeps it for the next
/// batch. It serves one pass at a time; ``JobCache`` hands jobs out.
class NetworkJob: ParallelJob {
  let network: NetworkPlan
  private(set) var tiles: [Tile] = []
  private(set) var tiling: Tiling
  private(set) var layout: TileLayout?
  private var order = BatchOrder()
  let barrier: UnsafeMutablePointer<rk_barrier>
  /// The number of the next tile, and that of the next tile's memory.
  private let counters: UnsafeMutablePointer<Int32>

  // Of the present pass.
  private(set) var storage: SampleStorage?
  private(set) var batch: SequenceBatch?
  private(set) var parameters: UnsafePointer<Float>?
  /// What random masks are drawn from; kept for a backward pass that comes later.
  private(set) var seed: UInt64?
  /// The parameters without those that weight drop leaves out; memory is taken when it first does.
  private lazy var remaining = AlignedFloats(count: network.parameterCount)

  init(network: NetworkPlan) {
    self.network = network
    tiling = Tiling(network: network, sampleCount: 0)
    barrier = .allocate(capacity: 1)
    barrier.initialize(to: rk_barrier())
    counters = .allocate(capacity: 2)
    counters.initialize(repeating: 0, count: 2)
  }

  deinit {
    barrier.deallocate()
    counters.deallocate()
  }

  /// Runs this job over a batch.
  func run(
    over batch: SequenceBatch, parameters: UnsafePointer<Float>, pool: ThreadPool, isTraining: Bool,
    hasOutputGradient: Bool = false, hasInputGradient: Bool = false, keepsTiles: Bool = false, seed: UInt64? = nil
  ) {
    require(
      batch.inputSize == network.inputSize,
      "the network reads \(network.inputSize) features a step; the batch has \(batch.inputSize)")
    tiling = Tiling(network: network, sampleCount: batch.count)
    let lanes = padded(tiling.samplesPerTile)
    let steps = TileLayout.stepsAtOnce(network, steps: batch.stepCount, lanes: lanes, isTraining: isTraining)
    if layout?.lanes != lanes || layout?.steps != steps || layout?.isTraining != isTraining {
      layout = TileLayout(
        network, steps: steps, lanes: lanes, isTraining: isTraining, hasOutputGradient: hasOutputGradient,
        hasInputGradient: hasInputGradient)
    }
    // Which workers get a tile to work on shows only when they run, but no more of them do than there are tiles. Memory
    // is made ready here: otherwise a later step would allocate because another worker came first.
    let needed = keepsTiles ? tiling.tileCount : tiling.sharesTiles ? 1 : min(pool.threads, tiling.tileCount)
    while tiles.count < needed { tiles.append(Tile()) }
    if let layout { for tile in tiles.prefix(needed) { tile.prepare(layout, steps: batch.stepCount) } }
    order.sort(count: batch.count, steps: batch.stepCount, lengths: batch.dataset.allLengths, samples: batch.samples)
    self.batch = batch
    self.seed = seed
    if let seed, network.dropsWeights {
      remaining.base.update(from: parameters, count: network.parameterCount)
      network.dropWeights(remaining.base, range: 0..<network.parameterCount, seed: seed)
    }
    self.parameters = usedParameters(of: parameters)
    counters.update(repeating: 0, count: 2)
    prepare()
    batch.withStorage { storage in
      self.storage = storage
      pool.run(self)
    }
    storage = nil
    self.batch = nil
    self.parameters = nil
  }

  /// The parameters that the last pass used: all, or those it did not leave out.
  func usedParameters(of parameters: UnsafePointer<Float>) -> UnsafePointer<Float> {
    seed != nil && network.dropsWeights ? UnsafePointer(remaining.base) : parameters
  }

  /// Makes memory ready, before the threads start.
  func prepare() {}

  /// Visits the tiles that this worker works on, alone or with all others.
  func forEachTile(worker: Int, workers: Int, keepsTiles: Bool = false, _ body: (Int, TilePass) -> Void) {
    guard let layout, let parameters else { return }
    let team =
      tiling.sharesTiles
      ? Team(member: worker, size: workers, barrier: barrier) : Team(member: 0, size: 1, barrier: barrier)
    var next = tiling.sharesTiles ? 0 : Int(rk_take(counters))
    if next >= tiling.tileCount { return }
    let memory = keepsTiles || tiling.sharesTiles ? 0 : Int(rk_take(counters + 1))
    while next < tiling.tileCount {
      let tile = tiles[keepsTiles ? next : memory]
      if team.member == 0 { fill(tile, number: next) }
      team.wait()
      body(
        next,
        TilePass(
          network: network, layout: layout, tile: tile, parameters: parameters, team: team, noise: noise(tile: next)))
      team.wait()
      next = tiling.sharesTiles ? next + 1 : Int(rk_take(counters))
    }
  }

  /// Where a tile's random masks come from.
  func noise(tile: Int) -> TileNoise? { seed.map { TileNoise(seed: $0, tile: tile) } }

  /// Puts samples into lanes.
  private func fill(_ tile: Tile, number: Int) {
    guard let batch else { return }
    let count = tiling.count(of: number)
    tile.sampleCount = count
    for lane in 0..<count {
      let place = order.places[number + lane * tiling.tileCount]
      let sample = batch.samples[Int(place)]
      tile.places[lane] = place
      tile.samples[lane] = sample
      tile.labels[lane] = batch.dataset.allLabels[Int(sample)]
    }
    guard let lengths = batch.dataset.allLengths else {
      for t in 0..<batch.stepCount { tile.counts[t] = Int32(count) }
      return
    }
    var running = count
    for t in 0..<batch.stepCount {
      while running > 0 && lengths[Int(tile.samples[running - 1])] <= Int32(t) { running -= 1 }
      tile.counts[t] = Int32(running)
    }
  }

  /// Waits for all workers of the run, whether or not they share tiles.
  @inline(__always)
  func wait(_ workers: Int) { rk_barrier_wait(barrier, Int32(workers)) }
}

extension Array {
  /// Calls `body` with the place of the first element, or, where there is none, with some place that nobody reads.
  func withPointer(_ body: (UnsafePointer<Element>) -> Void) {
    withUnsafeBufferPointer { elements in
      if let first = elements.baseAddress { return body(first) }
      withUnsafeTemporaryAllocation(of: Element.self, capacity: 1) { place in
        if let place = place.baseAddress { body(place) }
      }
    }
  }

  /// The same for writing.
  mutating func withMutablePointer(_ body: (UnsafeMutablePointer<Element>) -> Void) {
    withUnsafeMutableBufferPointer { elements in
      if let first = elements.baseAddress { return body(first) }
      withUnsafeTemporaryAllocation(of: Element.self, capacity: 1) { place in
        if let place = place.baseAddress { body(place) }
      }
    }
  }
}

extension SequenceBatch {
  /// Calls `body` with the dataset's values in place.
  func withStorage(_ body: (SampleStorage) -> Void) {
    switch dataset.storage {
    case .bytes(let bytes, let scale): bytes.withPointer { body(.bytes($0, scale: scale)) }
    case .floats(let floats): floats.withPointer { body(.floats($0)) }
    }
  }
}
