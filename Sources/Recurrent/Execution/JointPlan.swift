/// What becomes of a layer's outputs before anything else reads them: directions merged, input added, dropout.
///
/// ```
/// y(t) = dropout(merge(h→(t), h←(t)) + x(t))
/// ```
struct JointPlan: Sendable {
  /// The layer's directions.
  let layers: Range<Int>
  /// Where each direction's output stands among those of all, side by side.
  let parts: [NetworkPlan.Source]
  /// What the layer reads.
  let inputs: [NetworkPlan.Source]
  /// Rows of an output.
  let size: Int
  let merge: Merge
  let isResidual: Bool
  let regularization: Regularization

  /// Whether there is anything to do; if not, outputs are read where the cells wrote them.
  func isActive(isTraining: Bool) -> Bool {
    merge != .concatenate || isResidual || (isTraining && regularization.dropout > 0)
  }

  /// What others read of it.
  var outputs: [NetworkPlan.Source] {
    merge == .concatenate ? parts : [NetworkPlan.Source(layer: layers.lowerBound, size: size, column: 0)]
  }
}
