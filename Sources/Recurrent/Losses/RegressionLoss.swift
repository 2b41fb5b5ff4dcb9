import RecurrentSupport

/// A loss of regression: how far predicted values are from their targets.
///
/// The mean over all N values, and its gradient, with e = prediction - target:
///
/// ```
/// squared     e²                                         2 e / N
/// absolute    |e|                                        sign(e) / N
/// huber(δ)    e²/2 if |e| ≤ δ, else δ (|e| - δ/2)        e / N, clipped to ±δ/N
/// ```
///
/// If e is NaN, so are the loss and that element of the gradient.
///
/// Source: for the last Huber, *Robust Estimation of a Location Parameter*, 1964.
public enum RegressionLoss: Sendable, Equatable {
  /// The mean squared error, `e²`, minimized by the conditional mean.
  case squared
  /// The mean absolute error, `|e|`, minimized by the conditional median; less sensitive to outliers.
  case absolute
  /// Squared within δ of the target, `e² / 2`, and absolute beyond, `δ (|e| - δ/2)`.
  case huber(_ δ: Float)

  /// The mean loss and its gradient with respect to the predictions.
  ///
  /// - Parameters:
  ///   - predictions: of any shape, such as `[batch, feature]`; `[batch, time, feature]`, or as `layout` says, if there
  ///     are lengths.
  ///   - targets: of the same shape.
  ///   - lengths: the true length of each sequence; values past it are not read. Nil if all are full.
  ///   - layout: the order of dimensions if there are lengths: sequences first or steps first.
  /// - Returns: the loss, and its gradient in the shape of the predictions; both are zero if there are no values.
  /// - Precondition: shapes are equal; δ of a Huber loss is above 0; there is one length per sequence, if any, from 0
  ///   to the number of steps.
  /// - Complexity: O(size of the predictions).
  public func callAsFunction(
    _ predictions: Tensor, _ targets: Tensor, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor
  ) -> (loss: Float, gradient: Tensor) {
    require(
      predictions.shape == targets.shape, "\(predictions.shape) predictions for \(targets.shape) targets")
    if case .huber(let δ) = self { require(δ > 0, "a Huber loss needs δ above 0; found \(δ)") }
    var gradient = Tensor(zeros: predictions.shape)
    let indices: [Int]
    if let lengths {
      let features = predictions.shape.last ?? 1
      indices = layout.rows(of: predictions.shape, lengths: lengths).flatMap { $0 * features..<($0 + 1) * features }
    } else {
      indices = Array(predictions.values.indices)
    }
    var loss = 0.0
    for i in indices {
      let (value, slope) = term(predictions.values[i] - targets.values[i])
      loss += Double(value)
      gradient.values[i] = slope / Float(indices.count)
    }
    return (indices.isEmpty ? 0 : Float(loss / Double(indices.count)), gradient)
  }

  private func term(_ e: Float) -> (value: Float, slope: Float) {
    switch self {
    case .squared: (e * e, 2 * e)
    case .absolute: (abs(e), sign(of: e))
    case .huber(let δ): abs(e) <= δ ? (e * e / 2, e) : (δ * (abs(e) - δ / 2), δ * sign(of: e))
    }
  }

  /// -1, 0 or 1; NaN for NaN, whose sign bit carries no information.
  private func sign(of e: Float) -> Float { e > 0 ? 1 : e < 0 ? -1 : e }
}
