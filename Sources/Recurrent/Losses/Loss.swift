import RecurrentKernels
import RecurrentSupport

/// The loss to minimize: how far a network's outputs are from their targets.
///
/// Each kind of output has its losses:
///
/// ```
/// classes    .crossEntropy(…)                    softmax cross-entropy, in nats
/// labels     .sigmoidCrossEntropy(weights:)      binary cross-entropy of each label, in nats
/// values     .squared  .absolute  .huber(δ)      see RegressionLoss
/// ```
///
/// A loss is the mean over all present targets: of all sequences, or of all true steps. A class of -1 or a NaN is a
/// missing target and does not count in the sum, the gradient or the divisor.
public enum Loss: Sendable, Equatable {
  /// Softmax cross-entropy of classes.
  case crossEntropy(SoftmaxCrossEntropy = SoftmaxCrossEntropy())
  /// Binary cross-entropy of independent labels: `max(z, 0) - z t + ln(1 + e^-|z|)`.
  ///
  /// - Parameter weights: the weight of each label; nil for equal weights. The mean is over labels, not over weights.
  case sigmoidCrossEntropy(weights: [Float]? = nil)
  /// A regression loss of values.
  case regression(RegressionLoss)

  /// The mean squared error of values.
  public static let squared = Loss.regression(.squared)
  /// The mean absolute error of values.
  public static let absolute = Loss.regression(.absolute)
  /// The Huber loss: squared within δ of the target, absolute beyond.
  ///
  /// - Parameter δ: the error at which the loss changes from squared to absolute.
  public static func huber(_ δ: Float) -> Loss { .regression(.huber(δ)) }

  /// Traps unless the loss fits the kind of output and its settings fit the sizes.
  func check(_ output: ModelConfiguration.Output) {
    switch (self, output) {
    case (.crossEntropy(let loss), .classes(let count)): loss.check(classCount: count)
    case (.sigmoidCrossEntropy(nil), .labels): break
    case (.sigmoidCrossEntropy(let weights?), .labels(let count)):
      require(
        weights.count == count && weights.allSatisfy { $0 >= 0 && $0.isFinite },
        "expected \(count) finite label weights, none negative; found \(weights.count)")
    case (.regression(let loss), .values):
      if case .huber(let δ) = loss { require(δ > 0, "a Huber loss needs δ above 0; found \(δ)") }
    case (.crossEntropy, _), (.sigmoidCrossEntropy, _), (.regression, _):
      require(false, "found the loss \(self) for the output \(output), expected one for that kind of output")
    }
  }
}

extension Loss {
  /// What the kernels multiply by: of classes the target of each if it is the label, then if it is not, then the sum of all
  /// targets for each label; of labels their weights, none if all count alike.
  func weights(count: Int) -> [Float] {
    switch self {
    case .crossEntropy(let loss):
      (0..<count).map { loss.target(of: $0, isLabel: true, classCount: count) }
        + (0..<count).map { loss.target(of: $0, isLabel: false, classCount: count) }
        + (0..<count).map { loss.totalOfTargets(label: $0, classCount: count) }
    case .sigmoidCrossEntropy(let weights): weights ?? []
    case .regression: []
    }
  }
}

extension RegressionLoss {
  /// The loss as the kernels take it.
  var kernel: rk_regression {
    switch self {
    case .squared: rk_regression(kind: Int32(RK_SQUARED.rawValue), delta: 0)
    case .absolute: rk_regression(kind: Int32(RK_ABSOLUTE.rawValue), delta: 0)
    case .huber(let δ): rk_regression(kind: Int32(RK_HUBER.rawValue), delta: δ)
    }
  }
}

extension SequenceBatch {
  /// The divisor of a batch's mean loss: the weight of its labels, or the number of target values.
  ///
  /// - Complexity: O(targets).
  func targetWeight(_ loss: Loss) -> Double {
    if case .crossEntropy(let loss) = loss, loss.classWeights == nil, !targets.isEveryStep { return Double(count) }
    var sum = 0.0
    switch (targets.values, loss) {
    case (.classes(let classes, _), .crossEntropy(let loss)):
      eachTarget { if classes[$0.index] >= 0 { sum += Double(loss.weight(of: Int(classes[$0.index]))) } }
    case (.numbers(let numbers, let size), _):
      eachTarget { target in
        for number in numbers[target.index * size..<(target.index + 1) * size] where !number.isNaN { sum += 1 }
      }
    case (.classes, _): break
    }
    return sum
  }
}
