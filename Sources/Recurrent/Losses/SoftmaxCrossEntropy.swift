import RecurrentSupport

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
/// With labels smoothed by ε among C classes, and classes of weights w, the one-hot row becomes a row of targets t and
/// the mean a weighted one:
///
/// ```
/// tₖ = wₖ ((1 - ε) [k = label] + ε / C)
/// loss = Σ over samples Σₖ tₖ (ln Σⱼ e^zⱼ - zₖ) / Σ over samples w_label
/// ∂loss/∂z = (softmax(z) Σₖ tₖ - t) / Σ over samples w_label
/// ```
///
/// Smoothing keeps a network from growing its logits without end; weights make up for classes that are rare. Both are
/// PyTorch's, including its division by the weights of the labels. Σₖ tₖ is w_label (1 - ε) + ε/C Σₖ wₖ.
///
/// Of no samples, and of samples that weigh nothing together, loss and gradient are 0.
///
/// Shapes: logits z `[B, classes]`, labels `[B]`.
///
/// Source: Szegedy et al., *Rethinking the Inception Architecture*, 2016, section 7, for smoothing.
public struct SoftmaxCrossEntropy: Sendable, Equatable {
  /// ε, how much of the target is spread evenly over all classes.
  public let labelSmoothing: Float
  /// How much a sample of each class counts; nil where all count alike.
  public let classWeights: [Float]?
  /// Σ w; nil where all classes count alike.
  private let weightSum: Double?

  /// The loss; without settings the plain one.
  ///
  /// - Parameters:
  ///   - labelSmoothing: ε, how much of the target is spread evenly over all classes.
  ///   - classWeights: w, how much a sample of each class counts; nil where all count alike.
  /// - Precondition: `labelSmoothing` lies in `0...1`; weights are finite and not negative.
  /// - Complexity: O(classes), where there are weights.
  public init(labelSmoothing: Float = 0, classWeights: [Float]? = nil) {
    require(labelSmoothing >= 0 && labelSmoothing <= 1, "smoothing lies in 0...1; found \(labelSmoothing)")
    if let classWeights {
      require(classWeights.allSatisfy { $0 >= 0 && $0.isFinite }, "weights of classes are finite, not negative")
    }
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
    weightSum = classWeights?.reduce(0) { $0 + Double($1) }
  }

  /// The mean loss over the batch and its gradient with respect to the logits.
  ///
  /// - Parameters:
  ///   - logits: z, `[B, classes]`.
  ///   - labels: the true class of each row, `[B]`.
  /// - Returns: the loss in nats, and its gradient, `[B, classes]`; both are zero of no rows, or of labels that weigh
  ///   nothing.
  /// - Precondition: one label per row of logits, each below the number of classes; as many weights as classes.
  /// - Complexity: O(B · classes).
  public func callAsFunction(_ logits: Tensor, _ labels: [Int]) -> (loss: Float, gradient: Tensor) {
    require(
      logits.shape.count == 2 && logits.shape[0] == labels.count,
      "expected logits [batch, classes] and one label each; found \(logits.shape) and \(labels.count)")
    let classes = logits.shape[1]
    var gradient = logits
    let loss = replaceByGradient(&gradient, rows: Array(labels.indices), labels, classes: classes)
    return (loss, gradient)
  }

  /// Replaces the logits of some rows by the gradient of the mean loss over them, and returns the loss.
  ///
  /// - Parameters:
  ///   - logits: `[…, classes]`; rows that are not listed stay as they are.
  ///   - rows: which rows have a label, each once.
  ///   - labels: their labels.
  ///   - classes: the number of classes.
  func replaceByGradient(_ logits: inout Tensor, rows: [Int], _ labels: [Int], classes: Int) -> Float {
    check(classCount: classes)
    for label in labels { require(label >= 0 && label < classes, "label \(label) of \(classes) classes") }
    let weight = labels.reduce(0) { $0 + Double(self.weight(of: $1)) }
    if weight == 0 {
      for row in rows { for k in 0..<classes { logits.values[row * classes + k] = 0 } }
      return 0
    }
    let weights = Loss.crossEntropy(self).weights(count: classes)
    let scale = 1 / Float(weight)
    var losses = [Double](repeating: 0, count: rows.count)
    logits.values.withMutablePointer { values in
      losses.withUnsafeMutableBufferPointer { losses in
        // Waking a thread takes longer than this many powers.
        forEachShare(of: rows.count, on: rows.count * classes < 1 << 12 ? nil : .shared) { share in
          withUnsafeTemporaryAllocation(of: Double.self, capacity: classes) { powers in
            for index in share {
              let (row, label) = (values + rows[index] * classes, labels[index])
              let sum = UnsafePointer(row).powers(into: powers)
              let logSum = log(sum.powers)
              let total = weights[2 * classes + label]
              var loss = 0.0
              for k in 0..<classes {
                let target = weights[k == label ? k : classes + k]
                if target != 0 { loss += Double(target) * (logSum - Double(row[k] - sum.largest)) }
                row[k] = (Float(powers[k] / sum.powers) * total - target) * scale
              }
              losses[index] = loss
            }
          }
        }
      }
    }
    return Float(losses.reduce(0, +) / weight)
  }

  /// w, how much a sample of a class counts.
  func weight(of class_: Int) -> Float { classWeights?[class_] ?? 1 }

  /// t, the target of a class for a sample whose label it is, or is not.
  func target(of class_: Int, isLabel: Bool, classCount: Int) -> Float {
    weight(of: class_) * ((isLabel ? 1 - labelSmoothing : 0) + labelSmoothing / Float(classCount))
  }

  /// Σ t, the targets of all classes for a sample with a label: in closed form, since a sum of thousands of floats would
  /// be off by more than they are.
  func totalOfTargets(label: Int, classCount: Int) -> Float {
    let smoothing = Double(labelSmoothing)
    let spread = smoothing * (weightSum ?? Double(classCount)) / Double(classCount)
    return Float(Double(weight(of: label)) * (1 - smoothing) + spread)
  }

  /// Ends the process where the weights are those of other classes.
  func check(classCount: Int) {
    guard let classWeights else { return }
    require(
      classWeights.count == classCount, "\(classCount) classes take as many weights; found \(classWeights.count)")
  }

  /// The fraction of rows whose largest logit is that of the label; 0 of no rows.
  ///
  /// A row that holds NaN has no largest.
  ///
  /// - Parameters:
  ///   - logits: z, `[B, classes]`.
  ///   - labels: the true class of each row, `[B]`.
  /// - Precondition: there is one row of logits per label, and no label is negative or beyond the classes.
  /// - Complexity: O(B · classes).
  public func accuracy(_ logits: Tensor, _ labels: [Int]) -> Float {
    let classes = logits.shape[1]
    let right = labels.indices.count { row in
      logits.values[row * classes..<(row + 1) * classes].indexOfLargest == row * classes + labels[row]
    }
    return labels.isEmpty ? 0 : Float(right) / Float(labels.count)
  }
}

extension Collection<Float> {
  /// The place of the largest number, the first of equals; nil where there is none, or where one of them is NaN: it
  /// compares as neither less nor more than any other, and which one `max()` finds then depends on their order.
  var indexOfLargest: Index? {
    var best: Index?
    for index in indices {
      if self[index].isNaN { return nil }
      if let found = best, self[index] <= self[found] { continue }
      best = index
    }
    return best
  }
}

extension Tensor {
  /// Probabilities from logits, along the last dimension.
  ///
  /// ```
  /// softmax(z)ₖ = e^zₖ / Σⱼ e^zⱼ
  /// ```
  ///
  /// The largest logit is taken off before, and sums are in double precision, so that no power overflows.
  ///
  /// Source: Bridle, *Probabilistic Interpretation of Feedforward Classification Network Outputs*, 1990.
  ///
  /// - Parameter logits: `[…, classes]`.
  /// - Returns: probabilities in the same shape; each row adds up to 1, or is NaN throughout where one of its logits is NaN
  ///   or +∞, or all are -∞.
  /// - Complexity: O(size).
  public static func softmax(_ logits: Tensor) -> Tensor {
    var result = logits
    guard let width = logits.shape.last, width > 0 else { return result }
    result.values.withMutablePointer { values in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { powers in
        for first in stride(from: 0, to: logits.count, by: width) {
          let row = values + first
          let sum = UnsafePointer(row).powers(into: powers).powers
          for k in 0..<width { row[k] = Float(powers[k] / sum) }
        }
      }
    }
    return result
  }
}

extension UnsafePointer<Float> {
  /// Computes e^(zₖ - max z) for as many logits as there is room for, and their sum.
  fileprivate func powers(into powers: UnsafeMutableBufferPointer<Double>) -> (powers: Double, largest: Float) {
    let logits = UnsafeBufferPointer(start: self, count: powers.count)
    let largest = logits.max() ?? 0
    var sum = 0.0
    for k in powers.indices {
      powers[k] = exp(Double(logits[k] - largest))
      sum += powers[k]
    }
    return (sum, largest)
  }
}
