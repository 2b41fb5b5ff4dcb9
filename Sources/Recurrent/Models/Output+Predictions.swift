import RecurrentKernels

extension ModelConfiguration.Output {
  /// Probabilities from logits, or values as they are.
  ///
  /// ```
  /// classes    softmax(z)          labels    σ(z)          values    z
  /// ```
  func predictions(_ outputs: Tensor) -> Tensor {
    switch self {
    case .classes: return .softmax(outputs)
    case .values: return outputs
    case .labels:
      var result = outputs
      let count = outputs.count
      result.values.withMutablePointer { kernels.sigmoid($0, $0, count) }
      return result
    }
  }
}
