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

  init(network: NetworkPlan, layout: TileLayout, tile: Tile, parameters: UnsafePointer<Float>, team: Team) {
    self.network = network
    self.layout = layout
    self.tile = tile
    base = tile.base
    self.parameters = parameters
    self.team = team
  }

  /// How many lanes still run at step t; none after the last step.
  @inline(__always)
  func running(_ t: Int) -> Int { t < layout.steps ? Int(tile.counts[t]) : 0 }

  /// What a layer reads at step t: the input, or the hidden state of the layer below after that step. `[I, L]`
  @inline(__always)
  func input(of layer: Int, at t: Int) -> Floats {
    if layer == 0 { return base + layout.input + t * network.inputSize * layout.lanes }
    let below = layout.layers[layer - 1]
    return base + below.state + (t + 1) * below.stateSlot
  }

  /// Brings the samples' inputs into the tile, one step after another, transposed to `[T][I][L]`.
  func loadInputs(_ storage: SampleStorage, stepCount: Int) {
    let features = network.inputSize
    let sampleSize = stepCount * features
    let lanes = layout.lanes
    for t in team.share(of: layout.steps) {
      let count = running(t)
      let to = base + layout.input + t * features * lanes
      switch storage {
      case .bytes(let bytes, let scale):
        kernels.gatherBytes(
          bytes + t * features, sampleSize, tile.samples, count, features, scale, to, lanes, padded(count))
      case .floats(let floats):
        kernels.gatherFloats(
          floats + t * features, sampleSize, tile.samples, count, features, 1, to, lanes, padded(count))
      }
    }
    team.wait()
  }

  /// Sets the state before the first step to zero.
  func clearInitialStates() {
    for (plan, place) in zip(network.layers, layout.layers) {
      for component in 0..<plan.stateCount {
        let units = team.share(of: plan.hiddenSize)
        let first = base + place.state + (component * plan.hiddenSize + units.lowerBound) * layout.lanes
        first.update(repeating: 0, count: units.count * layout.lanes)
      }
    }
  }

  /// Sets the gradients of all final states to zero.
  func clearFinalGradients() {
    for (plan, place) in zip(network.layers, layout.layers) {
      for component in 0..<plan.stateCount {
        let units = team.share(of: plan.hiddenSize)
        let first = base + place.finalGradient + (component * plan.hiddenSize + units.lowerBound) * layout.lanes
        first.update(repeating: 0, count: units.count * layout.lanes)
      }
    }
  }
}

/// Where samples lie in memory, for as long as a pass runs.
enum SampleStorage {
  case bytes(UnsafePointer<UInt8>, scale: Float)
  case floats(UnsafePointer<Float>)
}

/// c = start + a · b (+ a second product), see `rk_kernels.product`.
@inline(__always)
func product(
  _ c: Floats, _ cRow: Int, rows: Int, lanes: Int, from start: rk_start, bias: UnsafePointer<Float>? = nil,
  _ first: rk_term, _ second: rk_term? = nil
) {
  var terms = (first, second ?? first)
  withUnsafePointer(to: &terms) {
    $0.withMemoryRebound(to: rk_term.self, capacity: 2) {
      kernels.product(c, cRow, rows, lanes, start, bias, $0, second == nil ? 1 : 2)
    }
  }
}
