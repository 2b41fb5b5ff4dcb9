import RecurrentKernels

/// One tile on its way through a network, as one member of the team that works on it sees it.
///
/// Every member runs the same code over the same tile and computes its own share of the rows; whatever reads rows of
/// others comes after a `team.wait()`. No element depends on who computed it, so neither do the results.
struct TilePass {
  let network: NetworkPlan
  let layout: TileLayout
  let tile: Tile
  let base: Floats
  let parameters: UnsafePointer<Float>
  let team: Team
  /// What random masks are drawn from; nil where there are none.
  let noise: TileNoise?
  /// The steps of the sequences that this pass takes.
  ///
  /// Inside it, steps are counted from the first of them.
  private(set) var window: Range<Int>
  /// How many lanes still run at each of them.
  private var counts: UnsafePointer<Int32>

  init(
    network: NetworkPlan, layout: TileLayout, tile: Tile, parameters: UnsafePointer<Float>, team: Team,
    noise: TileNoise? = nil
  ) {
    window = 0..<layout.steps
    counts = UnsafePointer(tile.counts)
    self.noise = noise
    self.network = network
    self.layout = layout
    self.tile = tile
    base = tile.base
    self.parameters = parameters
    self.team = team
  }

  /// How many lanes still run at step t; none after the last step.
  @inline(__always)
  func running(_ t: Int) -> Int { t < window.count ? Int(counts[t]) : 0 }

  /// Calls `body` with passes over all steps of the sequences, as many at a time as the tile has room for.
  ///
  /// Each begins with the states that the one before ended with; `body` loads the inputs.
  /// Sequences that have ended hand their states through, so in the end all final states are those of a single pass.
  func eachWindow(of steps: Int, _ body: (TilePass) -> Void) {
    for first in stride(from: 0, to: max(steps, 1), by: max(layout.steps, 1)) {
      var pass = self
      pass.window = first..<min(first + layout.steps, steps)
      pass.counts = UnsafePointer(tile.counts + first)
      if first > 0 {
        if pass.running(0) == 0 { return }
        pass.carryStates()
      }
      body(pass)
    }
  }

  /// What a source gives at step t: the input, or the hidden state of a layer below after that step. `[size, L]`
  @inline(__always)
  func rows(of source: NetworkPlan.Source, at t: Int) -> Floats {
    guard let layer = source.layer else { return base + layout.input + t * source.size * layout.lanes }
    let level = network.layers[layer].level
    if let joint = layout.joints[level] {
      return base + joint.output + (t * network.joints[level].size + source.column) * layout.lanes
    }
    return state(network.layers[layer], layout.layers[layer], after: t)
  }

  /// A layer's state before step t, the hidden state first.
  @inline(__always)
  func state(_ plan: LayerPlan, _ place: TileLayout.Layer, before t: Int) -> Floats {
    base + place.state + plan.slot(before: t) * place.stateSlot
  }

  /// A layer's state after step t, the hidden state first.
  @inline(__always)
  func state(_ plan: LayerPlan, _ place: TileLayout.Layer, after t: Int) -> Floats {
    base + place.state + plan.slot(after: t) * place.stateSlot
  }

  /// Where the gradient of what a source gives at step t goes, or nil where nobody asks for it.
  @inline(__always)
  func gradientRows(of source: NetworkPlan.Source, at t: Int) -> Floats? {
    guard let layer = source.layer else {
      return layout.hasInputGradient ? base + layout.inputGradient + t * source.size * layout.lanes : nil
    }
    let level = network.layers[layer].level
    if let joint = layout.joints[level] {
      return base + joint.outputGradient + (t * network.joints[level].size + source.column) * layout.lanes
    }
    return hiddenGradient(of: layer, at: t)
  }

  /// The gradient of a layer's hidden state after step t.
  @inline(__always)
  func hiddenGradient(of layer: Int, at t: Int) -> Floats {
    let place = layout.layers[layer]
    return base + place.hiddenGradient + network.layers[layer].slot(after: t) * place.hiddenGradientSlot
  }

  /// The rows of a layer's arrays that this member computes.
  @inline(__always)
  func share(of plan: LayerPlan) -> LayerShare {
    LayerShare(units: team.share(of: plan.hiddenSize), outputs: team.share(of: plan.outputSize))
  }

  /// Some rows of an array of the tile, as far as lanes are in use.
  @inline(__always)
  func block(rows: Int, running count: Int) -> rk_block {
    rk_block(rows: rows, n: padded(count), row: layout.lanes)
  }

  /// Brings the samples' inputs into the tile, one step after another, transposed to `[T][I][L]`.
  func loadInputs(_ storage: SampleStorage, strides: SequenceStrides) {
    let features = network.inputSize
    let lanes = layout.lanes
    for t in team.share(of: layout.steps) {
      let count = running(t)
      let to = base + layout.input + t * features * lanes
      switch storage {
      case .bytes(let bytes, let scale):
        kernels.gatherBytes(
          bytes + (window.lowerBound + t) * strides.step, strides.sample, tile.samples, count, features, scale, to,
          lanes, padded(count))
      case .floats(let floats):
        kernels.gatherFloats(
          floats + (window.lowerBound + t) * strides.step, strides.sample, tile.samples, count, features, 1, to, lanes,
          padded(count))
      }
    }
    team.wait()
  }

  /// Sets the state before the first step to zero.
  func clearInitialStates() {
    for place in layout.layers { clearState(at: place.initial, place) }
  }

  /// Sets the gradients of all final states to zero.
  func clearFinalGradients() {
    for place in layout.layers { clearState(at: place.finalGradient, place) }
  }

  /// Sets a member's share of all rows of a state to zero.
  private func clearState(at first: Int, _ place: TileLayout.Layer) {
    let rows = team.share(of: place.stateSlot / layout.lanes)
    (base + first + rows.lowerBound * layout.lanes).update(repeating: 0, count: rows.count * layout.lanes)
  }
}

/// The rows of a layer's arrays that one member of a team computes.
struct LayerShare {
  /// Hidden units.
  let units: Range<Int>
  /// Features of the hidden state: the same unless that is projected.
  let outputs: Range<Int>

  /// The rows of a component of the state.
  subscript(component: Int) -> Range<Int> { component == 0 ? outputs : units }
}

/// Where samples lie in memory, for as long as a pass runs.
enum SampleStorage {
  case bytes(UnsafePointer<UInt8>, scale: Float)
  case floats(UnsafePointer<Float>)
}

/// c = start + Σ a · b over one to three terms, see `rk_kernels.product`.
@inline(__always)
func product(
  _ c: Floats, _ cRow: Int, rows: Int, lanes: Int, from start: rk_start, bias: UnsafePointer<Float>? = nil,
  _ first: rk_term, _ second: rk_term? = nil, _ third: rk_term? = nil
) {
  guard let second else {
    var term = first
    kernels.product(c, cRow, rows, lanes, start, bias, &term, 1)
    return
  }
  var terms = (first, second, third ?? first)
  withUnsafePointer(to: &terms) {
    $0.withMemoryRebound(to: rk_term.self, capacity: 3) {
      kernels.product(c, cRow, rows, lanes, start, bias, $0, third == nil ? 2 : 3)
    }
  }
}
