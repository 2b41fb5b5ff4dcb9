/// The memory layout of one tile.
///
/// Legend: T steps, L lanes. States have T + 1 slots: slot t is the state before step t, or after it if a direction reads
/// in reverse.
struct TileLayout: Sendable {
  /// What a pass needs in a tile.
  struct Purpose: Sendable, Equatable {
    /// A backward pass follows: gates and states of all steps are kept, and there is space for gradients.
    var isTraining = false
    /// The outputs of every step have a gradient, not only those of last steps.
    var hasOutputGradient = false
    /// The gradient of the inputs is computed.
    var hasInputGradient = false
    /// The gradient of the states before the first step is computed.
    var hasInitialGradient = false
    /// The head computes outputs at every step.
    var readsEveryStep = false
    /// The loss compares the head's outputs with numbers rather than with a class.
    var hasValueTargets = false
    /// The gradients of hidden states are kept at every step, for a reader of the tile.
    var keepsHiddenGradients = false
    /// Several workers divide the lanes: they wait for each other before each sum over samples.
    var dividesLanes = false
    /// The states of some steps are kept and the others computed again; nil if those of all steps are kept.
    var recomputation: Recomputation?

    /// What a training step wants: gradients of all that is learned.
    ///
    /// A given state takes the place of a learned one. To trace gradients, those of inputs and hidden states are kept at
    /// every step besides.
    static func trainingStep(
      _ network: NetworkPlan, hasGivenState: Bool, hasValueTargets: Bool, tracesGradients: Bool = false,
      recomputation: Recomputation? = nil
    ) -> Purpose {
      Purpose(
        isTraining: true, hasOutputGradient: network.readsEveryStep,
        hasInputGradient: network.input.isEmbedded || tracesGradients,
        hasInitialGradient: network.learnsInitialState && !hasGivenState, readsEveryStep: network.readsEveryStep,
        hasValueTargets: hasValueTargets, keepsHiddenGradients: tracesGradients, recomputation: recomputation)
    }
  }

  /// The regions of one direction.
  struct Direction: Sendable {
    /// The state, all components, T + 1 slots.
    let state: Region
    /// The initial state of each lane: slot 0, or, in reverse, separate memory, since each lane begins at its own last
    /// step.
    let initial: Region
    /// The states that are remembered while others are computed again, those before the first step of each window.
    let remembered: Region
    /// The gradient of the initial state, in reverse.
    let initialGradient: Region
    /// Pre-activations, replaced by activations, replaced by the gradients of the pre-activations.
    let gates: Region
    /// What the cell keeps for its backward pass besides the gates.
    let tape: Region
    /// What the cell writes in its first phase for the products of the second, and its gradient.
    let gated: Region
    let gatedGradient: Region
    /// The gradients of the cell's per-unit parameters, separate for each lane.
    let unitParameterGradient: Region
    /// What a normalizing cell keeps between its passes over the units.
    let scratch: Region
    /// The state of each lane after its own last step, and its gradient.
    let final: Region
    let finalGradient: Region
    /// The gradient of the hidden state: one slot per state, or a single slot if only last outputs have a gradient.
    let hiddenGradient: Region
    /// The complete gradient of the hidden state after each step, if it is kept.
    let keptGradient: Region
    /// The gradient of the other components of the state.
    let stateGradient: Region
    /// The gradient of the hidden state before the projection.
    let unprojectedGradient: Region
    /// The hidden state that the recurrent weights read under recurrent dropout, and its gradient.
    let masked: Region
    let maskedGradient: Region
    /// The gradient of the old state through zoneout.
    let zoned: Region
    /// The gradient of the hidden state in those lanes of the last vector that do not run, for one step.
    let endingGradient: Region

    init(_ plan: DirectionPlan, steps: Int, purpose: Purpose, allocator: inout RegionAllocator) {
      let isTraining = purpose.isTraining
      let slots = isTraining ? steps : 1
      let dropsState = isTraining && plan.regularization.recurrentDropout > 0
      let hasGradients = !plan.isTop || purpose.hasOutputGradient
      state = allocator.take("state", slots: steps + 1, rows: plan.stateRows)
      initial = plan.isReverse ? allocator.take("initial state", rows: plan.stateRows) : state.slot(0)
      remembered = allocator.take(
        "remembered states", slots: purpose.recomputation?.windowCount ?? 1,
        rows: purpose.recomputation == nil ? 0 : plan.stateRows)
      initialGradient = allocator.take(
        "initial state's gradient", rows: plan.isReverse && purpose.hasInitialGradient ? plan.stateRows : 0)
      gates = allocator.take("gates", slots: slots, rows: plan.gateRows)
      tape = allocator.take("tape", slots: slots, rows: plan.tapeSize)
      gated = allocator.take("gated rows", slots: slots, rows: plan.phaseCount == 2 ? plan.hiddenSize : 0)
      gatedGradient = allocator.take(
        "gated rows' gradient", rows: isTraining && plan.phaseCount == 2 ? plan.hiddenSize : 0)
      unitParameterGradient = allocator.take(
        "per-unit parameters' gradient", rows: isTraining ? plan.unitParameterCount * plan.hiddenSize : 0)
      scratch = allocator.take("cell's scratch", rows: isTraining ? plan.scratchSize : 0)
      final = allocator.take("final state", rows: plan.stateRows)
      finalGradient = allocator.take("final state's gradient", rows: isTraining ? plan.stateRows : 0)
      hiddenGradient = allocator.take(
        "hidden state's gradient", slots: hasGradients ? steps + 1 : 1, rows: isTraining ? plan.outputSize : 0)
      keptGradient = allocator.take(
        "kept gradient of the hidden state", slots: steps, rows: purpose.keepsHiddenGradients ? plan.outputSize : 0)
      stateGradient = allocator.take(
        "other components' gradient", rows: isTraining ? (plan.stateCount - 1) * plan.hiddenSize : 0)
      unprojectedGradient = allocator.take(
        "unprojected state's gradient", rows: isTraining && plan.isProjected ? plan.hiddenSize : 0)
      masked = allocator.take("masked state", slots: slots, rows: dropsState ? plan.outputSize : 0)
      maskedGradient = allocator.take("masked state's gradient", rows: dropsState ? plan.outputSize : 0)
      zoned = allocator.take(
        "zoneout's gradient", rows: isTraining && plan.regularization.hasZoneout ? plan.stateRows : 0)
      endingGradient = allocator.take(
        "ending lanes' gradient",
        rows: isTraining && plan.hasDirectStatePath && !plan.isReverse ? plan.outputSize : 0)
    }
  }

  /// The outputs of a layer whose outputs are not simply those of its directions.
  struct Merged: Sendable {
    let output: Region
    let outputGradient: Region
    /// The output after each lane's last step, for the head, and its gradient.
    let last: Region
    let lastGradient: Region
  }

  /// The head's outputs, which the loss replaces by their gradient.
  struct Head: Sendable {
    let outputs: Region
    /// The loss of each lane.
    let losses: Region
    /// The targets of a regression or sigmoid loss.
    let targets: Region
    /// The layer outputs of some steps, transposed.
    let features: Region
    /// How many steps' weight gradients are accumulated at a time.
    let stepsPerSum: Int
  }

  private static let largestNearGradient = 1 << 16
  /// About how many floats of a tile fit the second-level cache.
  private static let largestNearTile = 1 << 18
  private static let fewestStepsAtOnce = 16
  private static let headStepsPerSum = 8

  let steps: Int
  let lanes: Int
  let purpose: Purpose
  let input: Region
  let inputGradient: Region
  let directions: [Direction]
  /// One per layer of the stack; nil if outputs are used as they are.
  let merged: [Merged?]
  let head: Head?
  /// Transposed layer inputs of some steps, `2 · stepsPerSum` slots.
  let transposedInputs: Region
  /// How many steps' weight gradients are accumulated at a time.
  let stepsPerSum: Int
  /// The total number of floats.
  let count: Int
  /// All regions with their names, for tests.
  let regions: [(name: StaticString, region: Region)]

  var isTraining: Bool { purpose.isTraining }

  /// How many steps lie between the first steps of two windows.
  var stride: Int { purpose.recomputation?.interval ?? steps }

  /// The steps of the sequences, as far as training has to know them: all of them, or those of a window of inference.
  var allSteps: Int { purpose.recomputation?.steps ?? steps }

  /// How many steps of a sequence a tile computes at a time.
  ///
  /// A backward pass needs all steps, unless some are computed again, and so does a layer that reads in reverse. Otherwise a tile of long sequences
  /// reuses memory for as many steps as the caches hold: fetching new memory for every step would take several times as
  /// long as the computation.
  static func stepsAtOnce(_ network: NetworkPlan, steps: Int, lanes: Int, purpose: Purpose = Purpose()) -> Int {
    if let recomputation = purpose.recomputation { return recomputation.windowSteps }
    if purpose.isTraining || network.readsInReverse { return steps }
    let rows =
      network.input.rows + network.directions.reduce(0) { $0 + $1.stateRows }
      + network.layers.reduce(0) { $0 + ($1.isActive(isTraining: false) ? $1.size : 0) }
      + (purpose.readsEveryStep ? network.head?.outputSize ?? 0 : 0)
    let most = max(largestNearTile / max(rows * lanes, 1), fewestStepsAtOnce)
    let windows = max((steps + most - 1) / most, 1)
    return (steps + windows - 1) / windows
  }

  init(_ network: NetworkPlan, steps: Int, lanes: Int, purpose: Purpose = Purpose()) {
    var allocator = RegionAllocator(lanes: lanes)
    let isTraining = purpose.isTraining
    self.steps = steps
    self.lanes = lanes
    self.purpose = purpose
    input = allocator.take("input", slots: steps, rows: network.input.rows)
    inputGradient = allocator.take(
      "input's gradient", slots: purpose.recomputation?.steps ?? steps,
      rows: purpose.hasInputGradient ? network.input.rows : 0)
    directions = network.directions.map {
      Direction($0, steps: steps, purpose: purpose, allocator: &allocator)
    }
    let top = network.layers.count - 1
    merged = network.layers.enumerated().map { level, layer in
      guard layer.isActive(isTraining: isTraining) else { return nil }
      let hasGradients = isTraining && (level < top || purpose.hasOutputGradient)
      let last = level == top && network.head?.readout == .last ? layer.size : 0
      return Merged(
        output: allocator.take("layer's output", slots: steps, rows: layer.size),
        outputGradient: allocator.take("layer output's gradient", slots: steps, rows: hasGradients ? layer.size : 0),
        last: allocator.take("layer's last output", rows: last),
        lastGradient: allocator.take("layer's last output's gradient", rows: isTraining ? last : 0))
    }
    // Gradients that fit the second-level cache stay there in any case; each sum costs those a wait who divide lanes.
    let largest = network.directions.map { $0.gateRows * $0.columns }.max() ?? 0
    stepsPerSum = largest > Self.largestNearGradient || purpose.dividesLanes ? 4 : 1
    transposedInputs = allocator.take(
      "transposed inputs", slots: 2 * stepsPerSum,
      rows: isTraining ? network.directions.map(\.scratchColumns).max() ?? 0 : 0)
    head = network.head.map { head in
      let stepsPerSum = purpose.readsEveryStep ? Self.headStepsPerSum : 1
      let slots = purpose.readsEveryStep ? max(steps, 1) : 1
      return Head(
        outputs: allocator.take("head's outputs", slots: slots, rows: head.outputSize),
        losses: allocator.take("losses", slots: slots, rows: isTraining ? 1 : 0),
        targets: allocator.take("targets", slots: slots, rows: purpose.hasValueTargets ? head.outputSize : 0),
        features: allocator.take("transposed outputs", slots: stepsPerSum, rows: isTraining ? head.columns : 0),
        stepsPerSum: stepsPerSum)
    }
    count = allocator.count
    regions = allocator.regions
  }
}
