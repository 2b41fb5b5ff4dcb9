import RecurrentKernels

/// The memory a cell works on in one time step: rows of lanes, one row per unit.
///
/// Legend: H hidden units, L lanes. Row `u` of an array begins `u · laneStride` floats behind its pointer. A cell touches
/// the rows of `units` only; other threads may be at work on the others.
public struct CellStep {
  /// The hidden units to compute.
  public let units: Range<Int>
  /// The phase, 0 or 1; always 0 for cells without gated sources.
  public let phase: Int
  /// How many lanes are in use: a multiple of eight.
  public let lanes: Int
  /// How many of the lanes hold a running sequence; sums over samples stop there.
  public let samples: Int
  /// How many floats lie between two rows.
  public let laneStride: Int
  /// The number of hidden units, H: gate `g` of unit `u` is row `g · H + u` of `gates`.
  public let hiddenSize: Int
  /// In forward: pre-activations, to be replaced by whatever backward needs, `[gates · H, L]`.
  ///
  /// In backward: those, to be replaced by gradients of the pre-activations.
  public let gates: UnsafeMutablePointer<Float>
  /// What forward keeps for backward besides, `[tapeSize, L]`.
  public let saved: UnsafeMutablePointer<Float>
  /// What gates with a gated source read; written in phase 0, `[H, L]`.
  public let gated: UnsafeMutablePointer<Float>
  /// The cell's own parameters, in the order of its ``RecurrentCell/unitParameterNames``.
  public let vectors: UnitParameters
  /// The state before the step, component after component, the hidden state first, `[components · H, L]`.
  ///
  /// Where a layer projects, these rows of the hidden state are what was to be projected.
  public let previous: UnsafeMutablePointer<Float>
  /// The state after the step, laid out alike, `[components · H, L]`.
  public let next: UnsafeMutablePointer<Float>

  /// The rows to compute, as the kernels take them.
  var block: rk_block { rk_block(rows: units.count, n: lanes, row: laneStride) }
  /// The part of them that holds running sequences, over which gradients of the cell's own parameters are added up.
  var runningBlock: rk_block { rk_block(rows: units.count, n: samples, row: laneStride) }
  /// Where the first of the units' rows begins.
  var offset: Int { units.lowerBound * laneStride }
  /// How many floats lie between two gates, or two components of a state, of one unit.
  var gateStride: Int { hiddenSize * laneStride }
}

/// The values of a cell's own parameters, one per hidden unit and parameter.
///
/// Units are rows where many sequences run side by side, and lanes where there is only one; the strides know which.
public struct UnitParameters {
  let base: UnsafePointer<Float>
  /// How many floats lie between two parameters, between those of two units and between those of two lanes.
  let vectorStride: Int
  let unitStride: Int
  let laneStride: Int

  /// The value of a parameter for an element of a row.
  ///
  /// - Parameters:
  ///   - vector: the parameter, by its place in ``RecurrentCell/unitParameterNames``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - lane: a place within the row of that unit.
  @inline(__always)
  public subscript(vector: Int, unit: Int, lane: Int) -> Float {
    base[vector * vectorStride + unit * unitStride + lane * laneStride]
  }

  /// The vectors from the first on, for the units of a step, as the kernels take them.
  func kernel(_ units: Range<Int>) -> rk_vectors {
    rk_vectors(values: base + units.lowerBound * unitStride, vector: vectorStride, unit: unitStride, lane: laneStride)
  }
}

/// The gradients a cell works on in one backward step, laid out as ``CellStep``.
public struct CellGradient {
  /// The gradient of the new hidden state, complete, `[H, L]`.
  public let hidden: UnsafeMutablePointer<Float>
  /// In: the gradients of the other components of the new state, `[(components - 1) · H, L]`.
  ///
  /// Out: of the old state.
  public let state: UnsafeMutablePointer<Float>
  /// The gradient of the old hidden state, as far as it does not flow through the products, `[H, L]`.
  ///
  /// A cell with ``RecurrentCell/hasDirectStatePath`` adds to it, or writes it where ``isFresh``.
  public let previousHidden: UnsafeMutablePointer<Float>
  /// Whether `previousHidden` holds nothing yet; it may then be the memory of `hidden` itself.
  public let isFresh: Bool
  /// The gradient of what the gated gates read, complete in phase 0, `[H, L]`.
  public let gated: UnsafeMutablePointer<Float>
  /// The gradients of the cell's own parameters, for each lane apart, `[vectors · H, L]`.
  ///
  /// A cell adds to them for the first ``CellStep/samples`` lanes and no others: what lanes hold that do not run means
  /// nothing, and these sums outlast the step.
  public let vectors: UnsafeMutablePointer<Float>
  /// What a ``NormalizingCell`` keeps from one pass over its units to the next, `[scratchSize, L]`.
  let scratch: UnsafeMutablePointer<Float>
}
