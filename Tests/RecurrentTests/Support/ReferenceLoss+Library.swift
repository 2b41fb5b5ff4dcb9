import Recurrent
import TestSupport

extension SoftmaxCrossEntropy {
  /// The same loss in `Double`, with the label of each row; nil for one that is missing.
  func reference(_ labels: [Int?]) -> ReferenceLoss {
    .crossEntropy(labels, smoothing: Double(labelSmoothing), weights: classWeights?.map(Double.init))
  }
}

extension Loss {
  /// The same loss in `Double`, with the targets of each row; nil for those that are missing.
  func reference(labels: [Int?], numbers: [Double?]) -> ReferenceLoss {
    switch self {
    case .crossEntropy(let loss): loss.reference(labels)
    case .sigmoidCrossEntropy(let weights):
      .sigmoidCrossEntropy(numbers, weights: weights?.map(Double.init))
    case .regression(.squared): .squared(numbers)
    case .regression(.absolute): .absolute(numbers)
    case .regression(.huber(let δ)): .huber(numbers, Double(δ))
    }
  }
}
