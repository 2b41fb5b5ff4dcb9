/// How a batch is divided into tiles.
///
/// The division depends on the batch and the network only, never on the number of threads, so that gradients are summed
/// in the same order on any machine.
struct Tiling {
  /// Whether all threads work on one tile together, see ``NetworkPlan/sharesTiles(ofSamples:)``.
  let sharesTiles: Bool
  let tileCount: Int
  /// The largest number of samples in a tile.
  let samplesPerTile: Int
  private let sampleCount: Int

  static let mostLanesOfOwnTiles = 64
  static let mostLanesOfSharedTiles = 128

  init(network: NetworkPlan, sampleCount: Int) {
    sharesTiles = network.sharesTiles(ofSamples: sampleCount)
    self.sampleCount = sampleCount
    let most = sharesTiles ? Self.mostLanesOfSharedTiles : Self.mostLanesOfOwnTiles
    let needed = (sampleCount + most - 1) / most
    // At least two tiles for all but the smallest batches, so that a second thread has work.
    let one = NetworkPlan.mostSamplesOfOneTile
    tileCount = sharesTiles ? needed : max(needed, min(2, (sampleCount + one - 1) / one))
    samplesPerTile = tileCount == 0 ? 0 : (sampleCount + tileCount - 1) / tileCount
  }

  /// The number of lanes of a tile: its samples, padded to whole vectors.
  ///
  /// In wide layers, where products are nearly everything, to whole cache lines: vectors that cross them are read twice.
  /// A step touches no more lanes for it.
  var lanes: Int { sharesTiles ? wholeLines(samplesPerTile) : padded(samplesPerTile) }

  /// Which part of the work falls to a worker.
  struct Assignment: Equatable {
    /// The tile whose lanes it divides with others; nil if it computes tile after tile, alone or, if all share tiles,
    /// with all.
    let tile: Int?
    /// Its index among those that it computes with, and their number.
    let worker: Int
    let workers: Int
  }

  /// Whether some tiles have several workers who divide their lanes: not if there is only a cache line of them.
  func dividesLanes(among workers: Int) -> Bool {
    !sharesTiles && samplesPerTile > wholeLines(1) && workers > tileCount
  }

  /// With more workers than tiles, each tile has several, as even as can be, who divide its lanes.
  func assignment(worker: Int, workers: Int) -> Assignment {
    if sharesTiles { return Assignment(tile: nil, worker: worker, workers: workers) }
    if !dividesLanes(among: workers) { return Assignment(tile: nil, worker: 0, workers: 1) }
    // The last tile whose share of the workers begins at this one or before.
    let tile = (tileCount * (worker + 1) - 1) / workers
    let mine = share(of: workers, worker: tile, workers: tileCount)
    return Assignment(tile: tile, worker: worker - mine.lowerBound, workers: mine.count)
  }

  /// The number of samples of a tile: those at the positions `tile`, `tile + tileCount`, … of the batch sorted by
  /// length, so that all tiles have about the same work.
  func count(of tile: Int) -> Int { (sampleCount - tile + tileCount - 1) / tileCount }

  /// The position, in the batch sorted by length, of the sample in a lane.
  func position(of lane: Int, in tile: Int) -> Int { tile + lane * tileCount }
}
