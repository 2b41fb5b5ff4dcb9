/// Where everything of one tile lies in its memory, in floats.
///
/// Legend: T steps, L lanes. Arrays over time are `[T][rows][L]`; a slot is one step of them. States have T + 1 slots:
/// slot t is the state before step t, or after it where a layer reads in reverse.
struct TileLayout: Sendable, Equatable {
  struct Layer: Sendable, Equatable {
    /// The state, all components, T + 1 slots.
    let state: Int
    let stateSlot: Int
    /// The state that each lane begins with: slot 0, or, in reverse, memory of its own, since lanes begin at their own
    /// last steps.
    let initial: Int
    /// The gradient of that, in reverse.
    let initialGradient: Int
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
    /// What a normalising cell keeps from one pass over its units to the next.
    let scratch: Int
    /// The state of each lane after its own last step, and its gradient.
    let final: Int
    let finalGradient: Int
    /// The gradient of the hidden state, slots as `state`; a single slot where no output but the last has a gradient.
    let hiddenGradient: Int
    let hiddenGradientSlot: Int
    /// The gradient of the other components of the state.
    let stateGradient: Int
    /// The gradient of what is projected; nothing where the cell's hidden state is used as it is.
    let unprojectedGradient: Int
    /// The hidden state as the recurrent weights see it under recurrent dropout, and its gradient.
    let masked: Int
    let maskedGradient: Int
    /// The gradient of the old state through zoneout.
    let zoned: Int
    /// The gradient of the hidden state in the last vector's lanes that do not run, eight at most, for one step.
    let endingGradient: Int
  }

  /// What a joint makes of the outputs of its layer.
  struct Joint: Sendable, Equatable {
    /// Over time, and the gradient of that.
    let output: Int
    let outputGradient: Int
    /// After each lane's last step, for the head, and the gradient of that.
    let last: Int
    let lastGradient: Int
  }

  private static let largestNearGradient = 1 << 16
  /// Floats of a tile that stay in the second-level cache, about.
  private static let largestNearTile = 1 << 18
  private static let fewestStepsAtOnce = 16

  let steps: Int
  let lanes: Int
  let isTraining: Bool
  let hasOutputGradient: Bool
  let hasInputGradient: Bool
  let input: Int
  let inputGradient: Int
  let layers: [Layer]
  /// One per layer of the stack; nil where outputs are used as they are.
  let joints: [Joint?]
  /// Transposed layer inputs of some steps.
  let scratch: Int
  let scratchSize: Int
  /// How many steps' weight gradients are added up at a time.
  let stepsPerSum: Int
  let logits: Int
  let losses: Int
  /// The last outputs transposed, `[L, H]`.
  let features: Int
  let count: Int

  /// How many steps of a sequence a tile takes at a time.
  ///
  /// A backward pass needs them all, and so does a layer that reads in reverse. Otherwise a tile of long sequences takes as
  /// many as the caches hold, again and again in the same memory: fetching new memory for every step would take several
  /// times as long as what is computed in it.
  static func stepsAtOnce(_ network: NetworkPlan, steps: Int, lanes: Int, isTraining: Bool) -> Int {
    if isTraining || network.readsInReverse { return steps }
    let rows =
      network.inputSize + network.layers.reduce(0) { $0 + $1.stateRows }
      + network.joints.reduce(0) { $0 + ($1.isActive(isTraining: false) ? $1.size : 0) }
    let most = max(largestNearTile / max(rows * lanes, 1), fewestStepsAtOnce)
    let windows = max((steps + most - 1) / most, 1)
    return (steps + windows - 1) / windows
  }

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
    for layer in network.layers {
      let row = layer.hiddenSize * lanes
      let outputRow = layer.outputSize * lanes
      let stateSlot = layer.stateRows * lanes
      let hasGradients = !layer.isTop || hasOutputGradient
      let state = take((steps + 1) * stateSlot)
      layers.append(
        Layer(
          state: state, stateSlot: stateSlot, initial: layer.isReverse ? take(stateSlot) : state,
          initialGradient: take(layer.isReverse && hasInputGradient ? stateSlot : 0),
          gates: take(slots * layer.gateRows * lanes), gateSlot: isTraining ? layer.gateRows * lanes : 0,
          saved: take(slots * layer.tapeSize * lanes), savedSlot: isTraining ? layer.tapeSize * lanes : 0,
          gated: take(layer.phaseCount == 2 ? slots * row : 0), gatedSlot: isTraining ? row : 0,
          gatedGradient: take(isTraining && layer.phaseCount == 2 ? row : 0),
          vectorGradient: take(isTraining ? layer.vectorCount * row : 0),
          scratch: take(isTraining ? layer.scratchSize * lanes : 0),
          final: take(stateSlot), finalGradient: take(isTraining ? stateSlot : 0),
          hiddenGradient: take(isTraining ? (hasGradients ? steps + 1 : 1) * outputRow : 0),
          hiddenGradientSlot: hasGradients ? outputRow : 0,
          stateGradient: take(isTraining ? (layer.stateCount - 1) * row : 0),
          unprojectedGradient: take(isTraining && layer.isProjected ? row : 0),
          masked: take(isTraining && layer.regularization.recurrentDropout > 0 ? steps * outputRow : 0),
          maskedGradient: take(isTraining && layer.regularization.recurrentDropout > 0 ? outputRow : 0),
          zoned: take(isTraining && layer.regularization.hasZoneout ? stateSlot : 0),
          endingGradient: take(
            isTraining && layer.hasDirectStatePath && !layer.isReverse ? layer.outputSize * padded(1) : 0)
        ))
    }
    self.layers = layers
    joints = network.joints.enumerated().map { level, joint in
      guard joint.isActive(isTraining: isTraining) else { return nil }
      let row = joint.size * lanes
      let hasGradients = isTraining && (level < network.joints.count - 1 || hasOutputGradient)
      let last = level == network.joints.count - 1 && network.head != nil ? row : 0
      return Joint(
        output: take(steps * row), outputGradient: take(hasGradients ? steps * row : 0), last: take(last),
        lastGradient: take(isTraining ? last : 0))
    }
    scratchSize = isTraining ? (network.layers.map(\.scratchColumns).max() ?? 0) * lanes : 0
    // Gradients that fit the second-level cache stay there anyway.
    let largest = network.layers.map { $0.gateRows * $0.columns }.max() ?? 0
    stepsPerSum = largest > Self.largestNearGradient ? 4 : 1
    scratch = take(2 * stepsPerSum * scratchSize)
    logits = take((network.head?.classCount ?? 0) * lanes)
    losses = take(lanes)
    features = take(isTraining ? (network.head?.columns ?? 0) * lanes : 0)
    count = next
  }
}
