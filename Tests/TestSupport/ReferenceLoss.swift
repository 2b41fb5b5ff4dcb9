import Foundation

/// A mean loss in `Double`, by its formula: the sum over all targets that are there, divided by what they weigh.
///
/// Targets are numbered by their rows: one row for each sequence, or, `[batch, time]`, one for each step.
public struct ReferenceLoss: Sendable {
  /// The loss of a row of outputs, and how much its targets weigh in the mean: zeros of targets that are missing.
  let term: @Sendable (_ outputs: [Double], _ row: Int) -> (loss: Double, weight: Double)

  /// The mean over some rows of outputs; 0 if their targets weigh nothing.
  public func mean(_ rows: [ReferenceModel.Row]) -> Double {
    var (sum, weight) = (0.0, 0.0)
    for row in rows {
      let term = term(row.outputs, row.index)
      sum += term.loss
      weight += term.weight
    }
    return weight == 0 ? 0 : sum / weight
  }

  /// Softmax cross-entropy: Σₖ tₖ (ln Σⱼ e^zⱼ - zₖ) with tₖ = wₖ ((1 - ε) [k = label] + ε / C); a row weighs w_label.
  ///
  /// - Parameters:
  ///   - labels: the class of each row; nil if it is missing.
  ///   - smoothing: ε.
  ///   - weights: w, one for each class; 1 if nil.
  public static func crossEntropy(
    _ labels: [Int?], smoothing: Double = 0, weights: [Double]? = nil
  ) -> ReferenceLoss {
    ReferenceLoss { z, row in
      guard let label = labels[row] else { return (0, 0) }
      let logSum = log(z.reduce(0) { $0 + exp($1) })
      let loss = z.indices.reduce(0.0) { sum, k in
        let target = (k == label ? 1 - smoothing : 0) + smoothing / Double(z.count)
        return sum + (weights?[k] ?? 1) * target * (logSum - z[k])
      }
      return (loss, weights?[label] ?? 1)
    }
  }

  /// Sigmoid cross-entropy: -wₖ (tₖ ln σ(zₖ) + (1 - tₖ) ln (1 - σ(zₖ))) for each label; a label weighs 1.
  ///
  /// - Parameters:
  ///   - labels: 1 or 0 for each label of each row; nil if it is missing.
  ///   - weights: w, one for each label; 1 if nil.
  public static func sigmoidCrossEntropy(_ labels: [Double?], weights: [Double]? = nil) -> ReferenceLoss {
    eachNumber(labels) { z, target, k in
      -(weights?[k] ?? 1) * (target * log(sigmoid(z)) + (1 - target) * log(1 - sigmoid(z)))
    }
  }

  /// The mean squared error, e².
  ///
  /// - Parameter targets: the numbers of each row; nil for one that is missing.
  public static func squared(_ targets: [Double?]) -> ReferenceLoss {
    eachNumber(targets) { y, target, _ in (y - target) * (y - target) }
  }

  /// The mean absolute error, |e|.
  ///
  /// - Parameter targets: the numbers of each row; nil for one that is missing.
  public static func absolute(_ targets: [Double?]) -> ReferenceLoss {
    eachNumber(targets) { y, target, _ in abs(y - target) }
  }

  /// e² / 2 where |e| ≤ δ, and δ (|e| - δ / 2) elsewhere.
  ///
  /// - Parameters:
  ///   - targets: the numbers of each row; nil for one that is missing.
  ///   - δ: where one turns to the other.
  public static func huber(_ targets: [Double?], _ δ: Double) -> ReferenceLoss {
    eachNumber(targets) { y, target, _ in
      let e = abs(y - target)
      return e <= δ ? e * e / 2 : δ * (e - δ / 2)
    }
  }

  /// A loss of numbers, each of which weighs 1.
  private static func eachNumber(
    _ targets: [Double?], _ loss: @escaping @Sendable (_ y: Double, _ target: Double, _ k: Int) -> Double
  ) -> ReferenceLoss {
    ReferenceLoss { outputs, row in
      var (sum, weight) = (0.0, 0.0)
      for (k, y) in outputs.enumerated() {
        guard let target = targets[row * outputs.count + k] else { continue }
        sum += loss(y, target, k)
        weight += 1
      }
      return (sum, weight)
    }
  }
}
