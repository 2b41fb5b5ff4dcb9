/// How a layer's outputs are made from those of its directions: merged, the input added, dropout.
///
/// ```
/// y(t) = dropout(merge(h→(t), h←(t)) + x(t))
/// ```
struct LayerPlan: Sendable {
  let directions: Range<Int>
  /// Where each direction's output stands among those of all, side by side.
  let parts: [NetworkPlan.Source]
  /// The rows the layer reads.
  let inputs: [NetworkPlan.Source]
  /// Rows of an output.
  let size: Int
  let merge: Merge
  let isResidual: Bool
  let regularization: Regularization

  /// Whether there is anything to compute; if not, outputs are read where the cells wrote them.
  func isActive(isTraining: Bool) -> Bool {
    merge != .concatenate || isResidual || (isTraining && regularization.dropout > 0)
  }

  /// The rows that others read.
  var outputs: [NetworkPlan.Source] {
    merge == .concatenate ? parts : [NetworkPlan.Source(direction: directions.lowerBound, size: size, column: 0)]
  }
}
