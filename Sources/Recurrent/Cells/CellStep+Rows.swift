import RecurrentKernels

/// Rows of lanes for custom cells, and functions that run over them.
///
/// A row holds the values of one unit, one for each sample; the first ``CellStep/lanes`` of its floats are in use. A
/// cell written over whole rows is fast: the functions take a vector of samples at a time, and the compiler vectorizes
/// simple loops over lanes. (If one sequence runs alone, the engine passes a single row whose lanes are the units; a
/// cell need not know.)
extension CellStep {
  /// The row of a gate.
  ///
  /// In forward: pre-activations, until the cell replaces them. In backward: the values that replaced them, until the
  /// cell writes their gradients.
  ///
  /// - Parameters:
  ///   - gate: its index in ``RecurrentCell/gates``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func gate(_ gate: Int, unit: Int) -> CellRow {
    CellRow(gates + (gate * hiddenSize + unit) * laneStride)
  }

  /// A row of the tape, which the cell keeps for its backward pass besides the gates.
  ///
  /// - Parameters:
  ///   - part: from 0 to ``RecurrentCell/tapeSize`` / H, exclusive.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func tape(_ part: Int, unit: Int) -> CellRow {
    CellRow(tape + (part * hiddenSize + unit) * laneStride)
  }

  /// A row of the state before the step; component 0 is the hidden state.
  ///
  /// - Parameters:
  ///   - component: its index among the components of ``RecurrentState``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func previous(_ component: Int, unit: Int) -> CellRow {
    CellRow(previous + (component * hiddenSize + unit) * laneStride)
  }

  /// A row of the state after the step; component 0 is the hidden state.
  ///
  /// - Parameters:
  ///   - component: its index among the components of ``RecurrentState``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func next(_ component: Int, unit: Int) -> CellRow {
    CellRow(next + (component * hiddenSize + unit) * laneStride)
  }

  /// The row that gates with a gated source read; written in phase 0.
  ///
  /// - Parameter unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func gated(unit: Int) -> CellRow { CellRow(gated + unit * laneStride) }

  /// Replaces each x of a row by σ(x) = 1 / (1 + e⁻ˣ), within 2.5 ulp.
  ///
  /// - Parameter row: one of the step's rows, changed in place.
  /// - Complexity: O(``lanes``), whole vectors at a time.
  @inline(__always)
  public func sigmoid(_ row: CellRow) { kernels.sigmoid(row.base, row.base, lanes) }

  /// Replaces each x of a row by tanh(x), within 2.6 ulp.
  ///
  /// - Parameter row: one of the step's rows, changed in place.
  /// - Complexity: O(``lanes``), whole vectors at a time.
  @inline(__always)
  public func tanh(_ row: CellRow) { kernels.hyperbolicTangent(row.base, row.base, lanes) }

  /// Replaces each x of a row by eˣ, within 1.2 ulp.
  ///
  /// - Parameter row: one of the step's rows, changed in place.
  /// - Complexity: O(``lanes``), whole vectors at a time.
  @inline(__always)
  public func exp(_ row: CellRow) { kernels.exponential(row.base, row.base, lanes) }
}

extension CellGradient {
  /// The row of the gradient of the new hidden state.
  ///
  /// - Parameters:
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - step: the step, which holds the stride between rows.
  @inline(__always)
  public func hidden(unit: Int, in step: CellStep) -> CellRow { CellRow(hidden + unit * step.laneStride) }

  /// The row of the gradient of a state component other than the hidden state, counted as in
  /// ``CellStep/next(_:unit:)``.
  ///
  /// - Parameters:
  ///   - component: at least 1; the hidden state is component 0.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - step: the step, which holds the stride between rows.
  @inline(__always)
  public func state(_ component: Int, unit: Int, in step: CellStep) -> CellRow {
    CellRow(state + ((component - 1) * step.hiddenSize + unit) * step.laneStride)
  }

  /// The row of the gradient of the previous hidden state, as far as it does not flow through the products.
  ///
  /// A cell with ``RecurrentCell/hasDirectStatePath`` adds to it, or overwrites it if ``isFresh``.
  ///
  /// - Parameters:
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - step: the step, which knows the distance between rows.
  @inline(__always)
  public func previousHidden(unit: Int, in step: CellStep) -> CellRow {
    CellRow(previousHidden + unit * step.laneStride)
  }

  /// The row of the gradient of what the gated gates read, complete in phase 0.
  ///
  /// - Parameters:
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - step: the step, which knows the distance between rows.
  @inline(__always)
  public func gated(unit: Int, in step: CellStep) -> CellRow { CellRow(gated + unit * step.laneStride) }

  /// The row of the gradient of one of the cell's own parameters, for each lane apart.
  ///
  /// A cell adds to the first ``CellStep/samples`` lanes and to no others: lanes that do not run hold nothing of
  /// meaning, and these sums outlast the step.
  ///
  /// - Parameters:
  ///   - parameter: its index in ``RecurrentCell/unitParameterNames``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - step: the step, which knows the distance between rows.
  @inline(__always)
  public func unitParameter(_ parameter: Int, unit: Int, in step: CellStep) -> CellRow {
    CellRow(unitParameters + (parameter * step.hiddenSize + unit) * step.laneStride)
  }
}

/// The values of one unit, one for each lane, to be read and written in place.
///
/// It is the memory of the step: valid while the cell's function runs, and not to be kept.
@frozen
public struct CellRow {
  @usableFromInline let base: UnsafeMutablePointer<Float>

  @inline(__always)
  init(_ base: UnsafeMutablePointer<Float>) { self.base = base }

  /// The value of a lane.
  ///
  /// - Parameter lane: from 0 to ``CellStep/lanes``, exclusive. It is not checked: this is the innermost loop.
  /// - Complexity: O(1).
  @inlinable
  @inline(__always)
  public subscript(lane: Int) -> Float {
    get { base[lane] }
    nonmutating set { base[lane] = newValue }
  }
}
