import RecurrentKernels

/// One tile on its way through a network, as one worker of the team that computes it sees it.
///
/// Every worker runs the same code over the same tile and computes its own share, of the rows or of the lanes:
///
/// - Rows: whatever reads rows of others comes after a `team.wait()`.
/// - Lanes: a worker takes its lanes for a narrower tile that it computes alone. Only sums over samples need the lanes of
///   others: they are taken by ``whole``, after a wait of its team.
///
/// No element depends on who computed it, so neither do the results.
struct TilePass {
  let network: NetworkPlan
  let layout: TileLayout
  let tile: TileMemory
  /// The tile's memory, from the first of this worker's lanes on.
  private(set) var base: Floats
  let parameters: UnsafePointer<Float>
  /// Transposed weights and tables of tokens.
  let transposed: UnsafePointer<Float>
  /// The workers that divide the rows of these lanes.
  private(set) var team: Team
  /// The workers that divide the tile.
  private let tileTeam: Team
  /// This worker's lanes; counted from the first of them everywhere else.
  private(set) var laneRange: Range<Int>
  /// The random masks of dropout and zoneout; nil in a pass without.
  let masks: DropoutMasks?
  /// The steps of the sequences that this pass takes.
  ///
  /// Inside it, steps are counted from the first of them.
  private(set) var window: Range<Int>
  /// How many lanes still run at each of them.
  private var runningCounts: UnsafePointer<Int32>
  /// The first step at which no lane runs as far as this pass is concerned; a backward pass looks past its window.
  private var end: Int
  /// Whether the steps have been computed before, so that outputs, losses and final states are known.
  private(set) var isRepeated = false

  init(
    network: NetworkPlan, layout: TileLayout, tile: TileMemory, parameters: UnsafePointer<Float>,
    transposed: UnsafePointer<Float>, team: Team, masks: DropoutMasks?
  ) {
    window = 0..<layout.steps
    end = layout.steps
    runningCounts = UnsafePointer(tile.runningCounts)
    self.network = network
    self.layout = layout
    self.tile = tile
    laneRange = team.lanes(of: layout.lanes)
    base = tile.base + laneRange.lowerBound
    self.parameters = parameters
    self.transposed = transposed
    self.team = team.forRows
    tileTeam = team
    self.masks = masks
  }

  /// The distance between two rows.
  var lanes: Int { layout.lanes }

  /// This pass over all lanes of the tile; the workers divide rows.
  var whole: TilePass {
    if tileTeam.division == .rows { return self }
    var pass = self
    pass.laneRange = 0..<lanes
    pass.base = tile.base
    pass.team = tileTeam.dividingRows
    return pass
  }

  /// Computes what needs all units of a sample: this worker does so in lanes of its own, and the others have the rest.
  ///
  /// - Parameter body: receives the pass over these lanes, and the offset of the first; not called if none of them
  ///   runs.
  func inOwnLanes(at t: Int, _ body: (_ pass: TilePass, _ lane: Int) -> Void) {
    let mine = Team(worker: team.worker, size: team.size, barrier: team.barrier, division: .lanes).lanes(
      of: laneRange.count)
    var pass = self
    pass.laneRange = laneRange.lowerBound + mine.lowerBound..<laneRange.lowerBound + mine.upperBound
    pass.base = base + mine.lowerBound
    pass.team = Team(worker: 0, size: 1, barrier: team.barrier)
    if pass.running(t) > 0 { body(pass, mine.lowerBound) }
  }

  /// Computes what a cell does at step t: of this worker's units in all lanes, or, if the cell sums over units, of all
  /// units in lanes of its own.
  @inline(__always)
  func runCell(
    _ plan: DirectionPlan, at t: Int, share: RowShare,
    _ body: (_ pass: TilePass, _ lane: Int, _ units: Range<Int>) -> Void
  ) {
    if plan.normalizes && team.size > 1 {
      inOwnLanes(at: t) { body($0, $1, 0..<plan.hiddenSize) }
    } else {
      body(self, 0, share.units)
    }
  }

  /// How many of these lanes hold a sample.
  var sampleCount: Int { count(of: tile.sampleCount) }
  /// The sample in each lane, and its position in the batch.
  var samples: UnsafeMutablePointer<Int32> { tile.samples + laneRange.lowerBound }
  var positions: UnsafeMutablePointer<Int32> { tile.positions + laneRange.lowerBound }

  /// Waits until the workers that have the other lanes have reached this point.
  @inline(__always)
  func waitForLanes() { if tileTeam.division == .lanes { tileTeam.wait() } }

  /// How many lanes still run at step t; none after the last step.
  @inline(__always)
  func running(_ t: Int) -> Int { t < end ? count(of: Int(runningCounts[t])) : 0 }

  /// How many of the tile's first lanes are among these.
  @inline(__always)
  private func count(of first: Int) -> Int { min(max(first - laneRange.lowerBound, 0), laneRange.count) }

  /// Whether step t is the first of the sequences.
  @inline(__always)
  func isFirstStep(_ t: Int) -> Bool { window.lowerBound + t == 0 }

  /// This pass over some steps of the sequences, after which no lane runs any more.
  func at(_ window: Range<Int>) -> TilePass {
    var pass = self
    pass.window = window
    pass.end = window.count
    pass.runningCounts = UnsafePointer(tile.runningCounts + window.lowerBound)
    return pass
  }

  /// This pass over steps that an earlier window had; their gates and states are still there unless it repeats them.
  func backward(at window: Range<Int>, isRepeated: Bool) -> TilePass {
    var pass = at(window)
    pass.end = layout.allSteps - window.lowerBound
    pass.isRepeated = isRepeated
    return pass
  }

  /// Loads the inputs and computes the outputs of all layers at all steps of the window.
  func forward(_ source: SequenceSource) {
    loadInputs(source)
    for (level, layer) in network.layers.enumerated() {
      for direction in layer.directions { forward(direction) }
      merge(level)
    }
  }

  /// Computes all gradients from those of the outputs and of the final states, or this window's part of them.
  ///
  /// - Parameter gradient: where this tile's gradients of the parameters go, overwritten by the last window.
  func backward(gradient: Floats) {
    for (level, layer) in network.layers.enumerated().reversed() {
      unmerge(level)
      for direction in layer.directions.reversed() { backward(direction, gradient: gradient) }
    }
    if window.lowerBound > 0 { return }
    let whole = whole
    whole.sumEmbeddingGradient(gradient)
    whole.sumInitialStateGradients(gradient)
  }

  // MARK: Rows

  /// The rows of a source at step t: the input, or the output of a layer below after that step. `[size, L]`
  @inline(__always)
  func rows(of source: NetworkPlan.Source, at t: Int) -> Floats {
    guard let direction = source.direction else { return layout.input(base, slot: t) }
    let plan = network.directions[direction]
    if let merged = layout.merged[plan.level] { return merged.output(base, slot: t, row: source.column) }
    return layout.directions[direction].state(base, slot: plan.slot(after: t))
  }

  /// Where the gradient of a source at step t goes, or nil if nobody asks for it.
  @inline(__always)
  func gradientRows(of source: NetworkPlan.Source, at t: Int) -> Floats? {
    guard let direction = source.direction else {
      return layout.purpose.hasInputGradient ? layout.inputGradient(base, slot: window.lowerBound + t) : nil
    }
    if let merged = layout.merged[network.directions[direction].level] {
      return merged.outputGradient(base, slot: t, row: source.column)
    }
    return hiddenGradient(of: direction, at: t)
  }

  /// The gradient of a direction's hidden state after step t.
  @inline(__always)
  func hiddenGradient(of direction: Int, at t: Int) -> Floats {
    let region = layout.directions[direction].hiddenGradient
    return region(base, slot: region.hasSlots ? network.directions[direction].slot(after: t) : 0)
  }

  /// The gradient of a component of a direction's state, `dh` being that of the hidden state.
  ///
  /// The gradients of the components after the hidden state lie together, without its own.
  @inline(__always)
  func stateGradient(_ plan: DirectionPlan, component: Int, dh: Floats) -> Floats {
    component == 0
      ? dh : layout.directions[plan.index].stateGradient(base, row: (component - 1) * plan.hiddenSize)
  }

  /// The rows of a direction's regions that this worker computes.
  @inline(__always)
  func share(of plan: DirectionPlan) -> RowShare {
    RowShare(units: team.share(of: plan.hiddenSize), outputs: team.share(of: plan.outputSize))
  }

  /// Some rows of a region, as far as lanes are in use.
  @inline(__always)
  func block(rows: Int, running count: Int) -> rk_block { rk_block(rows: rows, n: padded(count), row: lanes) }

  /// Sets these lanes of some rows to zero.
  func clear(_ first: Floats, rows: Range<Int>) { clear(first, rows: rows, lanes: 0..<laneRange.count) }

  /// Sets some lanes of some rows to zero.
  @inline(__always)
  func clear(_ first: Floats, rows: Range<Int>, lanes range: Range<Int>) {
    if range.isEmpty { return }
    for row in rows { (first + row * lanes + range.lowerBound).update(repeating: 0, count: range.count) }
  }
}
