import RecurrentKernels
import RecurrentSupport

/// A batch cut into tiles, and the memory that it is computed in: what every pass over a batch is made of.
struct TiledBatch {
  let network: NetworkPlan
  let layout: TileLayout
  let tiling: Tiling
  let source: SequenceSource
  let workspace: Workspace
  /// The parameters, without those that weight drop leaves out.
  let parameters: UnsafePointer<Float>
  /// The seed of all random masks; nil for a pass without.
  let seed: UInt64?
  /// Whether each tile has memory of its own that outlasts the pass.
  let keepsTiles: Bool

  /// Cuts a batch into tiles and makes memory ready for them.
  ///
  /// - Parameters:
  ///   - labelSteps: for how many steps there is a label; 0 for none.
  ///   - threads: how many workers there will be at most.
  ///   - continues: whether an earlier pass over the same batch has left its tiles in the workspace.
  init(
    _ source: SequenceSource, network: NetworkPlan, parameters: UnsafePointer<Float>, workspace: Workspace,
    purpose: TileLayout.Purpose, labelSteps: Int = 0, seed: UInt64? = nil, keepsTiles: Bool = false, threads: Int,
    continues: Bool = false
  ) {
    self.network = network
    self.source = source
    self.workspace = workspace
    self.seed = seed
    self.keepsTiles = keepsTiles
    tiling = Tiling(network: network, sampleCount: source.samples.count)
    var purpose = purpose
    purpose.dividesLanes = purpose.isTraining && tiling.dividesLanes(among: threads)
    let steps = TileLayout.stepsAtOnce(network, steps: source.stepCount, lanes: tiling.lanes, purpose: purpose)
    layout = workspace.layout(network, steps: steps, lanes: tiling.lanes, purpose: purpose)
    let dropsWeights = seed != nil && network.dropsWeights
    self.parameters = dropsWeights ? UnsafePointer(workspace.remainingParameters.base) : parameters
    if continues { return }
    let needed = keepsTiles ? tiling.tileCount : tiling.sharesTiles ? 1 : min(threads, tiling.tileCount)
    workspace.prepareTiles(needed, layout: layout, source: source, labelCount: labelSteps * tiling.lanes)
    if let seed, dropsWeights {
      let remaining = workspace.remainingParameters.base
      remaining.update(from: parameters, count: network.parameterCount)
      network.dropWeights(remaining, range: 0..<network.parameterCount, seed: seed)
    }
  }

  /// The tiles that this worker computes, alone or with all others.
  func tiles(worker: Int, workers: Int) -> TileSequence {
    let assignment = tiling.assignment(worker: worker, workers: workers)
    return TileSequence(batch: self, team: team(assignment), only: assignment.tile)
  }

  /// The tiles of an earlier pass once more; each worker gets the same ones every time.
  func keptTiles(worker: Int, workers: Int) -> some Sequence<(index: Int, pass: TilePass)> {
    let assignment = tiling.assignment(worker: worker, workers: workers)
    let team = team(assignment)
    let (first, step) =
      tiling.sharesTiles ? (0, 1) : assignment.tile.map { ($0, tiling.tileCount) } ?? (worker, workers)
    return stride(from: first, to: tiling.tileCount, by: step).lazy.map { index in
      (index, pass(workspace.tiles[index], index: index, team: team))
    }
  }

  private func team(_ assignment: Tiling.Assignment) -> Team {
    Team(
      worker: assignment.worker, size: assignment.workers,
      barrier: assignment.tile.map { workspace.tiles[$0].barrier } ?? workspace.barrier,
      division: assignment.tile == nil ? .rows : .lanes)
  }

  fileprivate func pass(_ tile: TileMemory, index: Int, team: Team) -> TilePass {
    TilePass(
      network: network, layout: layout, tile: tile, parameters: parameters,
      transposed: UnsafePointer(workspace.transposed), team: team,
      masks: seed.map { DropoutMasks(seed: $0, tile: index) })
  }

  /// Puts samples into lanes.
  fileprivate func fill(_ tile: TileMemory, index: Int) {
    let count = tiling.count(of: index)
    tile.sampleCount = count
    for lane in 0..<count {
      let position = workspace.order.positions[tiling.position(of: lane, in: index)]
      tile.positions[lane] = position
      tile.samples[lane] = source.samples[Int(position)]
    }
    guard let lengths = source.lengths else {
      for t in 0..<source.stepCount { tile.runningCounts[t] = Int32(count) }
      return
    }
    var running = count
    for t in 0..<source.stepCount {
      while running > 0 && lengths[Int(tile.samples[running - 1])] <= Int32(t) { running -= 1 }
      tile.runningCounts[t] = Int32(running)
    }
  }

  /// Waits for all workers of the run, whether or not they share tiles.
  @inline(__always)
  func waitForAll(_ workers: Int) {
    if workers > 1 { rk_barrier_wait(workspace.barrier, Int32(workers)) }
  }
}

/// The tiles of a batch, as one worker comes to them; ready for their pass through the network.
struct TileSequence: Sequence, IteratorProtocol {
  private let batch: TiledBatch
  private let team: Team
  /// The only tile that this worker computes, with others; nil if it takes one after the other.
  private let only: Int?
  /// The memory that this worker's tiles lie in, one after the other.
  private var memory = 0
  /// The tile that was handed out last.
  private var current: Int?

  init(batch: TiledBatch, team: Team, only: Int?) {
    self.batch = batch
    self.team = team
    self.only = only
  }

  /// The next tile, once the team has finished with the one before.
  mutating func next() -> (index: Int, pass: TilePass)? {
    let (tiling, counters) = (batch.tiling, batch.workspace.counters)
    let isFirst = current == nil
    if only != nil && !isFirst { return nil }
    if !isFirst { team.wait() }
    let index = only ?? (tiling.sharesTiles ? current.map { $0 + 1 } ?? 0 : Int(rk_take(counters)))
    if index >= tiling.tileCount { return nil }
    if let only {
      memory = only
    } else if isFirst && !batch.keepsTiles && !tiling.sharesTiles {
      memory = Int(rk_take(counters + 1))
    }
    current = index
    let tile = batch.workspace.tiles[batch.keepsTiles ? index : memory]
    if team.isFirst { batch.fill(tile, index: index) }
    team.wait()
    return (index, batch.pass(tile, index: index, team: team))
  }
}
