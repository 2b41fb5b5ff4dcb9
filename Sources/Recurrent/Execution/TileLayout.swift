/// Where everything of one tile lies in its memory, in floats.
///
/// Legend: T steps, L lanes. Arrays over time are `[T][rows][L]`; a slot is one step of them. States have T + 1 slots:
/// slot t is the state before step t.
struct TileLayout: Sendable, Equatable {
  struct Layer: Sendable, Equatable {
    /// The state, all components, T + 1 slots.
    let state: Int
    let stateSlot: Int
    /// Pre-activations, then activations, then their gradients; one slot where no backward pass follows.
    let gates: Int
    let gateSlot: Int
    let saved: Int
    let savedSlot: Int
    /// What the cell writes in its first phase for the products of the second, and its gradient.
    let gated: Int
    let gatedSlot: Int
    let gatedGradient: Int
    /// The gradients of the cell's own parameters, lane by lane.
    let vectorGradient: Int
    /// The state of each lane after its own last step, and its gradient.
    let final: Int
    let finalGradient: Int
    /// The gradient of the hidden state, slots as `state`; a single slot where no output but the last has a gradient.
    let hiddenGradient: Int
    let hiddenGradientSlot: Int
    /// The gradient of the other components of the state.
    let stateGradient: Int
  }

  let steps: Int
  let lanes: Int
  let isTraining: Bool
  let hasOutputGradient: Bool
  let hasInputGradient: Bool
  let input: Int
  let inputGradient: Int
  let layers: [Layer]
  /// Two buffers of transposed layer inputs, used in turn.
  let scratch: Int
  let scratchSize: Int
  let logits: Int
  let losses: Int
  /// The last outputs transposed, `[L, H]`.
  let features: Int
  let count: Int

  init(
    _ network: NetworkPlan, steps: Int, lanes: Int, isTraining: Bool, hasOutputGradient: Bool = false,
    hasInputGradient: Bool = false
  ) {
    var next = 0
    func take(_ count: Int) -> Int {
      defer { next += wholeLines(count) }
      return next
    }
    self.steps = steps
    self.lanes = lanes
    self.isTraining = isTraining
    self.hasOutputGradient = hasOutputGradient
    self.hasInputGradient = hasInputGradient
    input = take(steps * network.inputSize * lanes)
    inputGradient = take(hasInputGradient ? steps * network.inputSize * lanes : 0)
    let slots = isTraining ? steps : 1
    var layers: [Layer] = []
    for (index, layer) in network.layers.enumerated() {
      let row = layer.hiddenSize * lanes
      let stateSlot = layer.stateCount * row
      let isTop = index == network.layers.count - 1
      let hasGradients = !isTop || hasOutputGradient
      layers.append(
        Layer(
          state: take((steps + 1) * stateSlot), stateSlot: stateSlot,
          gates: take(slots * layer.gateRows * lanes), gateSlot: isTraining ? layer.gateRows * lanes : 0,
          saved: take(slots * layer.savedSize * lanes), savedSlot: isTraining ? layer.savedSize * lanes : 0,
          gated: take(layer.phaseCount == 2 ? slots * row : 0), gatedSlot: isTraining ? row : 0,
          gatedGradient: take(isTraining && layer.phaseCount == 2 ? row : 0),
          vectorGradient: take(isTraining ? layer.vectorCount * row : 0),
          final: take(stateSlot), finalGradient: take(isTraining ? stateSlot : 0),
          hiddenGradient: take(isTraining ? (hasGradients ? steps + 1 : 1) * row : 0),
          hiddenGradientSlot: hasGradients ? row : 0,
          stateGradient: take(isTraining ? stateSlot - row : 0)))
    }
    self.layers = layers
    scratchSize = isTraining ? (network.layers.map(\.scratchColumns).max() ?? 0) * lanes : 0
    scratch = take(2 * scratchSize)
    logits = take((network.head?.classCount ?? 0) * lanes)
    losses = take(lanes)
    features = take(isTraining ? (network.head?.columns ?? 0) * lanes : 0)
    count = next
  }
}
