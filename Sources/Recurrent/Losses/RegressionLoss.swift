import RecurrentSupport

/// How far a network's numbers are from those they should be.
///
/// The mean over all numbers that count, and its gradient, with e = prediction - target:
///
/// ```
/// squared     e²                                         2 e / N
/// absolute    |e|                                        sign(e) / N
/// huber(δ)    e²/2 where |e| ≤ δ, else δ (|e| - δ/2)     e / N, limited to ±δ/N
/// ```
///
/// Where e is NaN, so are the loss and that element of the gradient.
///
/// Source: for the last Huber, *Robust Estimation of a Location Parameter*, 1964.
public enum RegressionLoss: Sendable, Equatable {
  /// The mean squared error, `e²`: its best answer is the mean of what is possible.
  case squared
  /// The mean absolute error, `|e|`: its best answer is the median; outliers weigh less.
  case absolute
  /// Squared near the target, `e² / 2`, and absolute farther than δ from it, `δ (|e| - δ/2)`.
  case huber(_ δ: Float)

  /// The mean loss and its gradient with respect to the predictions.
  ///
  /// - Parameters:
  ///   - predictions: of any shape, such as `[batch, feature]`; `[batch, time, feature]`, or as `layout` says, where
  ///     there are lengths.
  ///   - targets: of the same shape.
  ///   - lengths: the true length of each sequence; what lies behind counts for nothing and is not read. Nil where all
  ///     are full.
  ///   - layout: which comes first, sequences or steps, where there are lengths.
  /// - Returns: the loss, and its gradient in the shape of the predictions; both are zero where nothing counts.
  /// - Precondition: shapes are equal; a Huber loss has δ above 0; there is one length per sequence, if any, from 0 to
  ///   the number of steps.
  /// - Complexity: O(size of the predictions).
  public func callAsFunction(
    _ predictions: Tensor, _ targets: Tensor, lengths: [Int]? = nil, layout: SequenceLayout = .batchMajor
  ) -> (loss: Float, gradient: Tensor) {
    require(
      predictions.shape == targets.shape, "\(predictions.shape) predictions for \(targets.shape) targets")
    if case .huber(let δ) = self { require(δ > 0, "a Huber loss has δ above 0; found \(δ)") }
    var gradient = Tensor(zeros: predictions.shape)
    let places: [Int]
    if let lengths {
      let features = predictions.shape.last ?? 1
      places = layout.rows(of: predictions.shape, lengths: lengths).flatMap { $0 * features..<($0 + 1) * features }
    } else {
      places = Array(predictions.values.indices)
    }
    var loss = 0.0
    for i in places {
      let (value, slope) = term(predictions.values[i] - targets.values[i])
      loss += Double(value)
      gradient.values[i] = slope / Float(places.count)
    }
    return (places.isEmpty ? 0 : Float(loss / Double(places.count)), gradient)
  }

  private func term(_ e: Float) -> (value: Float, slope: Float) {
    switch self {
    case .squared: (e * e, 2 * e)
    case .absolute: (abs(e), sign(of: e))
    case .huber(let δ): abs(e) <= δ ? (e * e / 2, e) : (δ * (abs(e) - δ / 2), δ * sign(of: e))
    }
  }

  /// -1, 0 or 1; NaN of NaN, whose bit for the sign means nothing.
  private func sign(of e: Float) -> Float { e > 0 ? 1 : e < 0 ? -1 : e }
}
