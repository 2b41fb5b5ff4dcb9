#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The loss of a classification: how surprised the network is by the true class, in nats.
///
/// ```
/// loss = 1/B Σ (ln Σₖ e^zₖ - z_label)          ∂loss/∂z = (softmax(z) - one-hot(label)) / B
/// ```
///
/// Shapes: logits z `[B, classes]`, labels `[B]`.
public struct SoftmaxCrossEntropy: Sendable {
  /// The loss; it has no settings.
  public init() {}

  /// The mean loss over the batch and its gradient with respect to the logits.
  ///
  /// - Precondition: one label per row of logits, each below the number of classes.
  public func callAsFunction(_ logits: Tensor, _ labels: [Int]) -> (loss: Float, gradient: Tensor) {
    precondition(
      logits.shape.count == 2 && logits.shape[0] == labels.count,
      "expected logits [batch, classes] and one label each; found \(logits.shape) and \(labels.count)")
    let classes = logits.shape[1]
    var gradient = Tensor.softmax(logits)
    var loss = 0.0
    for (row, label) in labels.enumerated() {
      precondition(label >= 0 && label < classes, "label \(label) of \(classes) classes")
      let z = logits.values[row * classes..<(row + 1) * classes]
      let largest = z.max() ?? 0
      loss += log(z.reduce(0.0) { $0 + exp(Double($1 - largest)) }) - Double(z[z.startIndex + label] - largest)
      gradient.values[row * classes + label] -= 1
    }
    let scale = 1 / Float(labels.count)
    for i in gradient.values.indices { gradient.values[i] *= scale }
    return (Float(loss / Double(labels.count)), gradient)
  }

  /// The fraction of rows whose largest logit is that of the label.
  public func accuracy(_ logits: Tensor, _ labels: [Int]) -> Float {
    let classes = logits.shape[1]
    let right = labels.indices.count { row in
      let z = logits.values[row * classes..<(row + 1) * classes]
      return z.firstIndex(of: z.max() ?? 0) == z.startIndex + labels[row]
    }
    return labels.isEmpty ? 0 : Float(right) / Float(labels.count)
  }
}

extension Tensor {
  /// e^z / Σ e^z along the last dimension.
  public static func softmax(_ logits: Tensor) -> Tensor {
    var result = logits
    guard let width = logits.shape.last, width > 0 else { return result }
    for start in stride(from: 0, to: logits.count, by: width) {
      let row = start..<start + width
      let largest = logits.values[row].max() ?? 0
      let powers = logits.values[row].map { exp(Double($0 - largest)) }
      let total = powers.reduce(0, +)
      for (i, power) in zip(row, powers) { result.values[i] = Float(power / total) }
    }
    return result
  }
}
