import RecurrentKernels

/// The memory a cell works on in one time step: rows of lanes, one row per unit.
///
/// Legend: H hidden units, L lanes. Row `u` of an array starts `u · laneStride` floats after its pointer. A cell
/// touches the rows of `units` only; other threads may be working on the others.
public struct CellStep {
  /// The hidden units to compute.
  public let units: Range<Int>
  /// The phase, 0 or 1; always 0 for cells without gated sources.
  public let phase: Int
  /// The number of lanes in use, a multiple of eight.
  public let lanes: Int
  /// The number of lanes that hold a running sequence; sums over samples cover only these.
  public let samples: Int
  /// The stride between two rows, in floats.
  public let laneStride: Int
  /// The number of hidden units, H: gate `g` of unit `u` is row `g · H + u` of `gates`.
  public let hiddenSize: Int
  /// In forward: pre-activations, which the cell replaces by the values that backward needs, `[gates · H, L]`.
  ///
  /// In backward: those values, which the cell replaces by the gradients of the pre-activations.
  let gates: Floats
  /// The tape: what forward keeps for backward besides the gates, `[tapeSize, L]`.
  let tape: Floats
  /// The rows that gates with a gated source read, written in phase 0, `[H, L]`.
  let gated: Floats
  /// The per-unit parameters, in the order of ``RecurrentCell/unitParameterNames``.
  public let unitParameters: UnitParameters
  /// The state before the step, component after component, the hidden state first, `[components · H, L]`.
  ///
  /// If the layer projects, the rows of the hidden state are undefined here, see ``RecurrentCell``.
  let previous: Floats
  /// The state after the step, in the same layout, `[components · H, L]`.
  let next: Floats

  /// The rows to compute, as the kernels take them.
  var block: rk_block { rk_block(rows: units.count, n: lanes, row: laneStride) }
  /// The part of the rows that holds running sequences; gradients of per-unit parameters are sums over these lanes.
  var runningBlock: rk_block { rk_block(rows: units.count, n: samples, row: laneStride) }
  /// The offset of the first unit's row.
  var offset: Int { units.lowerBound * laneStride }
  /// The stride between two gates, or two state components, of one unit, in floats.
  var gateStride: Int { hiddenSize * laneStride }
}

/// The values of a cell's per-unit parameters.
///
/// Units are rows if many sequences run side by side, and lanes if there is only one; the strides tell which.
public struct UnitParameters {
  let base: UnsafePointer<Float>
  /// Strides between two parameters, two units and two lanes, in floats.
  let parameterStride: Int
  let unitStride: Int
  let laneStride: Int

  /// The value of a parameter for an element of a row.
  ///
  /// - Parameters:
  ///   - parameter: the parameter's index in ``RecurrentCell/unitParameterNames``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - lane: an index within the row of that unit.
  @inline(__always)
  public subscript(parameter: Int, unit: Int, lane: Int) -> Float {
    base[parameter * parameterStride + unit * unitStride + lane * laneStride]
  }

  /// All parameters for the units of a step, as the kernels take them.
  func kernel(_ units: Range<Int>) -> rk_vectors {
    rk_vectors(
      values: base + units.lowerBound * unitStride, vector: parameterStride, unit: unitStride, lane: laneStride)
  }
}

/// The gradients a cell reads and writes in one backward step, laid out like ``CellStep``.
public struct CellGradient {
  /// The gradient of the new hidden state, complete, `[H, L]`.
  let hidden: Floats
  /// On entry: the gradients of the other components of the new state, `[(components - 1) · H, L]`.
  ///
  /// On return: those of the old state.
  let state: Floats
  /// The gradient of the old hidden state, without the part that flows through the products, `[H, L]`.
  ///
  /// A cell with ``RecurrentCell/hasDirectStatePath`` adds to it, or overwrites it if ``isFresh``.
  let previousHidden: Floats
  /// Overwrite `previousHidden` instead of accumulating; it may then alias `hidden`.
  public let isFresh: Bool
  /// The gradient of the rows that the gated gates read, complete in phase 0, `[H, L]`.
  let gated: Floats
  /// The gradients of the per-unit parameters, separate for each lane, `[parameters · H, L]`.
  ///
  /// A cell adds to the first ``CellStep/samples`` lanes only: these sums outlast the step, and lanes that do not run
  /// hold undefined values.
  let unitParameters: Floats
  /// Scratch that a ``NormalizingCell`` keeps between its passes over the units, `[scratchSize, L]`.
  let scratch: Floats

  /// The same of the lanes from one on.
  func from(lane: Int) -> CellGradient {
    CellGradient(
      hidden: hidden + lane, state: state + lane, previousHidden: previousHidden + lane, isFresh: isFresh,
      gated: gated + lane, unitParameters: unitParameters + lane, scratch: scratch + lane)
  }
}
