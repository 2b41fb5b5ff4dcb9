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
  public func gate(_ gate: Int, unit: Int) -> UnsafeMutablePointer<Float> {
    gates + (gate * hiddenSize + unit) * laneStride
  }

  /// A row of the tape, which the cell keeps for its backward pass besides the gates.
  ///
  /// - Parameters:
  ///   - part: from 0 to ``RecurrentCell/tapeSize`` / H, exclusive.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func saved(_ part: Int, unit: Int) -> UnsafeMutablePointer<Float> {
    saved + (part * hiddenSize + unit) * laneStride
  }

  /// A row of the state before the step; component 0 is the hidden state.
  ///
  /// - Parameters:
  ///   - component: its index among the components of ``RecurrentState``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func previous(_ component: Int, unit: Int) -> UnsafeMutablePointer<Float> {
    previous + (component * hiddenSize + unit) * laneStride
  }

  /// A row of the state after the step; component 0 is the hidden state.
  ///
  /// - Parameters:
  ///   - component: its index among the components of ``RecurrentState``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func next(_ component: Int, unit: Int) -> UnsafeMutablePointer<Float> {
    next + (component * hiddenSize + unit) * laneStride
  }

  /// Replaces each x of a row by σ(x) = 1 / (1 + e⁻ˣ), within 2.5 ulp.
  ///
  /// - Parameter row: one of the step's rows, changed in place.
  /// - Complexity: O(``lanes``), whole vectors at a time.
  @inline(__always)
  public func sigmoid(_ row: UnsafeMutablePointer<Float>) { kernels.sigmoid(row, row, lanes) }

  /// Replaces each x of a row by tanh(x), within 2.6 ulp.
  ///
  /// - Parameter row: one of the step's rows, changed in place.
  /// - Complexity: O(``lanes``), whole vectors at a time.
  @inline(__always)
  public func tanh(_ row: UnsafeMutablePointer<Float>) { kernels.hyperbolicTangent(row, row, lanes) }

  /// Replaces each x of a row by eˣ, within 1.2 ulp.
  ///
  /// - Parameter row: one of the step's rows, changed in place.
  /// - Complexity: O(``lanes``), whole vectors at a time.
  @inline(__always)
  public func exp(_ row: UnsafeMutablePointer<Float>) { kernels.exponential(row, row, lanes) }
}

extension CellGradient {
  /// The row of the gradient of the new hidden state.
  ///
  /// - Parameters:
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - step: the step, which holds the stride between rows.
  @inline(__always)
  public func hidden(unit: Int, in step: CellStep) -> UnsafeMutablePointer<Float> { hidden + unit * step.laneStride }

  /// The row of the gradient of a state component other than the hidden state, counted as in
  /// ``CellStep/next(_:unit:)``.
  ///
  /// - Parameters:
  ///   - component: at least 1; the hidden state is component 0.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - step: the step, which holds the stride between rows.
  @inline(__always)
  public func state(_ component: Int, unit: Int, in step: CellStep) -> UnsafeMutablePointer<Float> {
    state + ((component - 1) * step.hiddenSize + unit) * step.laneStride
  }
}
