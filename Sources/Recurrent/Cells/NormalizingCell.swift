/// A cell whose arithmetic takes sums over all units of a sample, so that no unit can be computed without the others.
///
/// What the engine does for it: a thread computes all units of a step, never a share of them. The pre-activations come
/// without biases, which the cell adds after its norms: they are the first of its vectors, before those it names, in
/// ``CellStep/vectors`` and in ``CellGradient/vectors``.
///
/// In streaming, where units are lanes, sums must be taken in the order of the batch form, and not over the zeros that
/// fill up the row.
protocol NormalizingCell: RecurrentCell {
  /// Whether this very cell does so.
  var normalizes: Bool { get }
  /// How many floats per sample backward needs besides what forward kept, for one step at a time; rows of lanes.
  var scratchSize: Int { get }
}
