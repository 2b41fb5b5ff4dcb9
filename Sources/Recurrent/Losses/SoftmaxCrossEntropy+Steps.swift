import RecurrentSupport

extension SoftmaxCrossEntropy {
  /// The mean loss over all steps of all sequences that have a label, and its gradient with respect to the logits.
  ///
  /// ```
  /// loss = 1/N Σ over sequences Σ over steps -ln softmax(logits(t))[label(t)]        N = number of labels
  /// ```
  ///
  /// Smoothed labels and weighted classes are as in the loss of whole sequences; N is then the weight of all labels.
  ///
  /// - Parameters:
  ///   - logits: `[batch, time, classes]`, or as `layout` says.
  ///   - labels: the labels of each sequence's steps, as many as the sequence is long. Logits behind are not read, and
  ///     their gradient is zero.
  ///   - layout: which comes first in the logits, sequences or steps.
  /// - Returns: the loss in nats, and its gradient in the shape of the logits; both are zero where there is no label.
  /// - Precondition: there is one list of labels per sequence, none longer than there are steps; labels lie below the
  ///   number of classes; there are as many weights as classes.
  /// - Complexity: O(batch · time · classes).
  public func callAsFunction(
    _ logits: Tensor, _ labels: [[Int]], layout: SequenceLayout = .batchMajor
  ) -> (loss: Float, gradient: Tensor) {
    let rows = layout.rows(of: logits.shape, lengths: labels.map(\.count))
    // Where there is no label, the gradient is zero.
    var gradient = rows.count * logits.shape[2] == logits.count ? logits : Tensor(zeros: logits.shape)
    if rows.isEmpty { return (0, gradient) }
    let classes = logits.shape[2]
    if rows.count * classes < logits.count {
      for row in rows { for k in row * classes..<(row + 1) * classes { gradient.values[k] = logits.values[k] } }
    }
    let loss = replaceByGradient(&gradient, rows: rows, labels.flatMap(\.self), classes: classes)
    return (loss, gradient)
  }
}

extension SequenceLayout {
  /// Where the steps within the lengths lie in a tensor of a given shape, in rows of features, one sequence after the
  /// other.
  ///
  /// - Precondition: there is one length per sequence, none beyond the number of steps.
  func rows(of shape: [Int], lengths: [Int]) -> [Int] {
    let (count, steps) = sizes(of: shape)
    require(lengths.count == count, "\(count) sequences, but \(lengths.count) lengths")
    let strides = strides(count: count, steps: steps, features: 1)
    return lengths.enumerated().flatMap { sample, length in
      require(length >= 0 && length <= steps, "length \(length) of \(steps) steps")
      return (0..<length).map { sample * strides.sample + $0 * strides.step }
    }
  }
}
