import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension SequenceModel {
  /// The predictions of a network for labeled sequences, from which all measures of its quality are computed.
  public struct Predictions: Sendable, Equatable {
    /// z, the logits of each sequence after its last step, `[sequences, classes]`.
    public let logits: Tensor
    /// The true class of each sequence.
    public let labels: [Int]
    /// The prediction for each sequence: its most probable class; the first of equally probable ones.
    ///
    /// Logits that contain NaN have none: the prediction is then a class that is wrong.
    public let classes: [Int]

    /// A misclassified sequence.
    public struct Mistake: Sendable, Equatable {
      /// The index of the sequence in its dataset.
      public let index: Int
      /// The true class.
      public let label: Int
      /// The predicted class.
      public let prediction: Int
      /// The probability of the prediction.
      public let probability: Double
      /// The cross-entropy, in nats.
      public let loss: Double
    }

    /// Predictions for labeled sequences.
    ///
    /// - Parameters:
    ///   - logits: `[sequences, classes]`.
    ///   - labels: the true class of each sequence.
    /// - Throws: ``InputError`` unless there are as many labels as rows of logits, each in `0..<classes`.
    /// - Complexity: O(sequences · classes).
    public init(logits: Tensor, labels: [Int]) throws(InputError) {
      guard logits.shape.count == 2, logits.shape[0] == labels.count else {
        throw InputError(
          .size, found: "logits of shape \(logits.shape)", expected: "[\(labels.count), classes], a row for each label")
      }
      let classCount = logits.shape[1]
      if let sequence = labels.firstIndex(where: { !(0..<classCount).contains($0) }) {
        throw InputError(
          .label, found: "label \(labels[sequence]) of sequence \(sequence)",
          expected: "labels in 0..<\(classCount), the network's classes")
      }
      self.logits = logits
      self.labels = labels
      classes = labels.indices.map { index in
        let z = logits.values[index * classCount..<(index + 1) * classCount]
        return z.indexOfLargest.map { $0 - z.startIndex } ?? (labels[index] == 0 ? classCount - 1 : 0)
      }
    }

    private var classCount: Int { logits.shape[1] }

    /// Loss and accuracy.
    ///
    /// ```
    /// loss = 1/N Σ -ln softmax(z)[label]        accuracy = 1/N #{largest z is that of the label}
    /// ```
    ///
    /// Computed in Double; both are 0 if there are no sequences.
    ///
    /// - Complexity: O(sequences · classes).
    public var evaluation: Evaluation {
      var (loss, correct) = (0.0, 0)
      for index in labels.indices {
        loss += score(index).loss
        if classes[index] == labels[index] { correct += 1 }
      }
      return Evaluation(loss: labels.isEmpty ? 0 : loss / Double(labels.count), correct: correct, count: labels.count)
    }

    /// The confusion matrix.
    ///
    /// - Complexity: O(sequences · classes).
    public var confusion: ConfusionMatrix {
      require {
        try ConfusionMatrix(labels: labels, predictions: classes, classCount: classCount)
      }
    }

    /// The misclassified sequences with the largest losses, largest first.
    ///
    /// - Parameter count: the largest number of mistakes.
    /// - Complexity: O(sequences · classes + n log n) for n mistakes.
    public func mistakes(count: Int) -> [Mistake] {
      let mistakes = labels.indices.compactMap { index -> Mistake? in
        if classes[index] == labels[index] { return nil }
        let score = score(index)
        return Mistake(
          index: index, label: labels[index], prediction: classes[index], probability: score.probability,
          loss: score.loss)
      }
      // A NaN loss ranks above all others.
      func rank(_ mistake: Mistake) -> Double { mistake.loss.isNaN ? .infinity : mistake.loss }
      return Array(mistakes.sorted { (rank($1), $0.index) < (rank($0), $1.index) }.prefix(count))
    }

    // The probability of the prediction and the cross-entropy, in Double; NaN if logits contain NaN:
    //   L = log Σ e^(z - max z) - (z_label - max z)
    private func score(_ index: Int) -> (probability: Double, loss: Double) {
      let z = logits.values[index * classCount..<(index + 1) * classCount]
      guard let best = z.indexOfLargest else { return (.nan, .nan) }
      let largest = z[best]
      let total = z.reduce(0.0) { $0 + exp(Double($1 - largest)) }
      return (1 / total, log(total) - Double(z[z.startIndex + labels[index]] - largest))
    }
  }

  /// The predictions for all sequences of a dataset.
  ///
  /// The network does not change.
  ///
  /// - Parameter dataset: labeled sequences.
  /// - Throws: ``InputError`` unless sequences have the network's inputs and classes.
  /// - Complexity: that of one forward pass over the sequences.
  public func predictions(on dataset: SequenceDataset) throws(InputError) -> Predictions {
    try predictions(on: dataset.wholeBatch)
  }

  /// The predictions for a batch of any size.
  ///
  /// The network does not change.
  ///
  /// - Parameter batch: labeled sequences, any number of them.
  /// - Throws: ``InputError`` unless sequences have the network's inputs and classes.
  /// - Complexity: that of one forward pass over the sequences.
  public func predictions(on batch: SequenceBatch) throws(InputError) -> Predictions {
    let logits = try logits(for: batch)
    try checkTargets(of: batch)
    guard case .classes(let classes, _) = batch.targets.values else {
      throw InputError(.network, found: "a network of \(configuration.output)", expected: "one of classes")
    }
    var (rows, labels): ([Float], [Int]) = ([], [])
    batch.eachTarget { target in
      if classes[target.index] < 0 { return }
      rows += logits.values[target.row * outputSize..<(target.row + 1) * outputSize]
      labels.append(Int(classes[target.index]))
    }
    return try Predictions(logits: Tensor(known: [labels.count, outputSize], values: rows), labels: labels)
  }

  /// The confusion matrix of a dataset.
  ///
  /// - Parameter dataset: labeled sequences.
  /// - Throws: ``InputError`` unless sequences have the network's inputs and classes.
  /// - Complexity: that of one forward pass over the sequences.
  public func confusion(on dataset: SequenceDataset) throws(InputError) -> ConfusionMatrix {
    try predictions(on: dataset).confusion
  }

  /// The misclassified sequences of a dataset with the largest losses, largest first.
  ///
  /// - Parameters:
  ///   - dataset: labeled sequences.
  ///   - count: the largest number of mistakes.
  /// - Throws: ``InputError`` unless sequences have the network's inputs and classes.
  /// - Complexity: that of one forward pass over the sequences.
  public func mistakes(on dataset: SequenceDataset, count: Int = 12) throws(InputError) -> [Predictions.Mistake] {
    try predictions(on: dataset).mistakes(count: count)
  }
}
