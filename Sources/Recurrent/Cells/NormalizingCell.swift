/// A cell that sums over all units of a sample, so that no unit can be computed without the others.
///
/// The engine lets one thread compute all units of a step, in some lanes or in all. The pre-activations come without
/// biases, which the cell adds after its norms: the biases are the first of its per-unit parameters, before those it
/// names, in ``CellStep/unitParameters`` and in ``CellGradient/vectors``.
///
/// In streaming, where units are lanes, sums must be taken in the order of the batch form, and must exclude the zeros
/// that pad the row.
protocol NormalizingCell: RecurrentCell {
  /// Whether this cell, with its options, normalizes.
  var normalizes: Bool { get }
  /// The floats per sample that backward needs for one step besides the tape; rows of lanes.
  var scratchSize: Int { get }
}
