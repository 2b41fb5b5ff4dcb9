/// How a layer's outputs are computed from those of its directions: merge, residual, dropout.
///
/// ```
/// y(t) = dropout(merge(h→(t), h←(t)) + x(t))
/// ```
struct LayerPlan: Sendable {
  let directions: Range<Int>
  /// Each direction's rows in the concatenated output.
  let parts: [NetworkPlan.Source]
  /// The rows that the layer reads.
  let inputs: [NetworkPlan.Source]
  /// The number of rows of an output.
  let size: Int
  let merge: Merge
  let isResidual: Bool
  let regularization: Regularization

  /// Whether outputs need computing; if not, they are read where the cells wrote them.
  func isActive(isTraining: Bool) -> Bool {
    merge != .concatenate || isResidual || (isTraining && regularization.dropout > 0)
  }

  /// The rows that others read.
  var outputs: [NetworkPlan.Source] {
    merge == .concatenate ? parts : [NetworkPlan.Source(direction: directions.lowerBound, size: size, column: 0)]
  }
}
