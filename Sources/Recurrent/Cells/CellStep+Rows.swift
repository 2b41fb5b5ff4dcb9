import RecurrentKernels

/// Rows of lanes for those who write cells of their own, and the functions that run over them.
///
/// A row holds the values of one unit, one for each sample; the first ``CellStep/lanes`` of its floats are in use. A cell
/// written over whole rows is fast: the functions take a vector of samples at a time, and the compiler makes vectors of
/// simple loops over lanes. (Where one sequence runs alone, the engine hands out a single row whose lanes are the
/// units; a cell need not know.)
extension CellStep {
  /// The row of a gate: pre-activations in forward until the cell replaces them; what it replaced them by in backward
  /// until it puts their gradients in place.
  ///
  /// - Parameters:
  ///   - gate: its place in the order of ``RecurrentCell/gates``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func gate(_ gate: Int, unit: Int) -> UnsafeMutablePointer<Float> {
    gates + (gate * hiddenSize + unit) * laneStride
  }

  /// A row of what the cell keeps for its backward pass, besides the gates: the `part`-th of ``RecurrentCell/tapeSize``
  /// / H.
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
  ///   - component: its place among the components of ``RecurrentState``.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  @inline(__always)
  public func previous(_ component: Int, unit: Int) -> UnsafeMutablePointer<Float> {
    previous + (component * hiddenSize + unit) * laneStride
  }

  /// A row of the state after the step; component 0 is the hidden state.
  ///
  /// - Parameters:
  ///   - component: its place among the components of ``RecurrentState``.
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
  ///   - step: the step, which knows how far rows lie apart.
  @inline(__always)
  public func hidden(unit: Int, in step: CellStep) -> UnsafeMutablePointer<Float> { hidden + unit * step.laneStride }

  /// The row of the gradient of a component of the state other than the hidden one, counted from 1 as in
  /// ``CellStep/next(_:unit:)``.
  ///
  /// - Parameters:
  ///   - component: from 1: the hidden state is no part of it.
  ///   - unit: a hidden unit, one of ``CellStep/units``.
  ///   - step: the step, which knows how far rows lie apart.
  @inline(__always)
  public func state(_ component: Int, unit: Int, in step: CellStep) -> UnsafeMutablePointer<Float> {
    state + ((component - 1) * step.hiddenSize + unit) * step.laneStride
  }
}
