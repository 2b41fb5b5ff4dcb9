import RecurrentSupport

/// A confusion matrix: how often each true class (row) was predicted as each class (column).
///
/// ```swift
/// let confusion = try network.confusion(on: mnist.test)
/// print(confusion[truth: 4, prediction: 9])  // how many fours were classified as nines
/// ```
public struct ConfusionMatrix: Sendable, Equatable {
  /// The counts, `[truth][prediction]`, square.
  public let counts: [[Int]]

  /// A matrix of counts.
  ///
  /// - Parameter counts: `[truth][prediction]`.
  /// - Precondition: `counts` is square, and no count is negative.
  public init(counts: [[Int]]) {
    require(counts.allSatisfy { $0.count == counts.count }, "a confusion matrix must be square")
    require(counts.joined().allSatisfy { $0 >= 0 }, "counts must not be negative")
    self.counts = counts
  }

  /// The counts of labels and their predictions.
  ///
  /// - Parameters:
  ///   - labels: the true classes, `[sequences]`.
  ///   - predictions: the predicted classes, `[sequences]`.
  ///   - classCount: the number of classes.
  /// - Throws: ``InputError`` unless there are as many predictions as labels, all in `0..<classCount`.
  /// - Complexity: O(sequences + classes²).
  public init(labels: [Int], predictions: [Int], classCount: Int) throws(InputError) {
    guard labels.count == predictions.count else {
      throw InputError(
        .size, found: quantity(predictions.count, "prediction"), expected: "\(labels.count), one for each label")
    }
    if let other = (labels + predictions).first(where: { $0 < 0 || $0 >= classCount }) {
      throw InputError(.label, found: "class \(other)", expected: "classes in 0..<\(classCount)")
    }
    var counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
    for (label, prediction) in zip(labels, predictions) { counts[label][prediction] += 1 }
    self.counts = counts
  }

  /// The number of classes.
  public var classCount: Int { counts.count }
  /// The number of sequences.
  ///
  /// - Complexity: O(classes²).
  public var count: Int { counts.joined().reduce(0, +) }
  /// The number of sequences classified correctly: the sum of the diagonal.
  ///
  /// - Complexity: O(classes).
  public var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// How often one class was predicted as another, or as itself.
  ///
  /// - Parameters:
  ///   - truth: the true class.
  ///   - prediction: the class that was predicted.
  /// - Precondition: both lie in `0..<classCount`.
  public subscript(truth truth: Int, prediction prediction: Int) -> Int { counts[truth][prediction] }

  /// The fraction of a class's sequences that were classified correctly; nil if there are none.
  ///
  /// ```
  /// recall(k) = counts[k][k] / Σⱼ counts[k][j]
  /// ```
  ///
  /// - Parameter label: the class.
  /// - Precondition: `label` lies in `0..<classCount`.
  /// - Complexity: O(classes).
  public func recall(of label: Int) -> Double? { Self.fraction(counts[label][label], counts[label].reduce(0, +)) }

  /// The fraction of a class's predictions that were correct; nil if it was never predicted.
  ///
  /// ```
  /// precision(k) = counts[k][k] / Σⱼ counts[j][k]
  /// ```
  ///
  /// - Parameter label: the class.
  /// - Precondition: `label` lies in `0..<classCount`.
  /// - Complexity: O(classes).
  public func precision(of label: Int) -> Double? {
    Self.fraction(counts[label][label], counts.reduce(0) { $0 + $1[label] })
  }

  /// The pairs of confused classes, most frequent first; pairs with equal counts are in the order of classes.
  ///
  /// - Complexity: O(classes² log classes).
  public var confusions: [(truth: Int, prediction: Int, count: Int)] {
    counts.indices.flatMap { truth in
      counts.indices.compactMap { prediction in
        truth == prediction || counts[truth][prediction] == 0 ? nil : (truth, prediction, counts[truth][prediction])
      }
    }.sorted { ($1.count, $0.truth, $0.prediction) < ($0.count, $1.truth, $1.prediction) }
  }

  private static func fraction(_ part: Int, _ whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }
}
