import Recurrent
import RecurrentSupport

/// How well a network does a task on sequences of several lengths.
///
/// ```swift
/// let accuracy = try LengthAccuracy(of: model, on: .parity, lengths: [40, 500, 2048], count: 100, seed: 1)
/// for score in accuracy.scores { print(score.length, score.accuracy, score.sequenceAccuracy) }
/// ```
public struct LengthAccuracy: Sendable, Hashable, Codable {
  /// A score for each length, in the order in which they were asked for.
  public let scores: [Score]

  /// Outputs of a network, or inputs if they are more, that are held at a time: 4 MB.
  private static let valueLimit = 1 << 20

  /// Measures a network on fresh sequences.
  ///
  /// A whole running product is lost with one wrong step, so that ``Score/sequenceAccuracy`` says more than
  /// ``Score/accuracy``.
  ///
  /// - Parameters:
  ///   - model: a network of ``SequenceTask/configuration(layers:)``.
  ///   - task: what it does.
  ///   - lengths: the lengths to measure.
  ///   - count: how many sequences of each length.
  ///   - seed: what the sequences follow from, such as ``TaskTraining/testSeed``; short ones may still be among those
  ///     that were trained on, as there are few of them.
  ///   - first: the number of the first sequence, from 0.
  /// - Throws: `InputError` if the network is not one for the task, or a length is below the task's shortest.
  /// - Precondition: neither `count` nor `first` is negative.
  /// - Complexity: that of one forward pass over the sequences. They are drawn and read in groups whose values take 4 MB,
  ///   or one at a time.
  public init(
    of model: SequenceModel, on task: SequenceTask, lengths: [Int], count: Int, seed: UInt64, from first: Int = 0
  ) throws(InputError) {
    require(count >= 0, "a number of sequences is not negative; found \(count)")
    try task.check(model.configuration)
    var scores: [Score] = []
    for length in lengths {
      var score = Score(length: length)
      // A step has at most two features; of a network that reads out once, inputs are what takes memory.
      let size = max(1, Self.valueLimit / max(1, length * max(model.outputSize, 2)))
      for begin in stride(from: 0, to: count, by: size) {
        let drawn = try task.draw(
          lengths: Array(repeating: length, count: min(size, count - begin)), seed: seed, from: first + begin)
        let batch = try drawn.dataset().wholeBatch
        let outputs = try model.logits(for: batch)
        score.add(outputs, for: drawn)
        score.add(SequenceModel.Evaluation(outputs, batch: batch, loss: task.loss))
      }
      scores.append(score)
    }
    self.scores = scores
  }
}

extension LengthAccuracy {
  /// How well a network does on sequences of one length.
  public struct Score: Sendable, Hashable, Codable {
    /// The steps of each sequence.
    public let length: Int
    /// How many sequences there were.
    public private(set) var sequenceCount = 0
    /// How many of them were predicted correctly at each of their targets.
    public private(set) var correctSequences = 0
    /// How many targets there were in all.
    public private(set) var targetCount = 0
    /// How many of them were predicted correctly.
    public private(set) var correctTargets = 0
    /// Σ (prediction - target)² over the targets that are values; 0 of classes.
    public private(set) var squaredError = 0.0
    /// Σ loss over the targets: the cross-entropy of classes in nats, the squared error of values.
    public private(set) var totalLoss = 0.0

    init(length: Int) { self.length = length }

    /// The fraction of targets, such as steps, that were predicted correctly; 0 if there are none.
    public var accuracy: Double { targetCount == 0 ? 0 : Double(correctTargets) / Double(targetCount) }
    /// The fraction of sequences that were predicted correctly at each of their targets; 0 if there are none.
    public var sequenceAccuracy: Double {
      sequenceCount == 0 ? 0 : Double(correctSequences) / Double(sequenceCount)
    }
    /// The mean squared error of values; 0 of classes.
    public var meanSquaredError: Double { targetCount == 0 ? 0 : squaredError / Double(targetCount) }

    /// The mean loss over the targets, and how many of them were predicted correctly.
    public var evaluation: SequenceModel.Evaluation {
      .init(
        loss: targetCount == 0 ? 0 : totalLoss / Double(targetCount), correct: correctTargets, count: targetCount)
    }

    /// Whether the task is solved at this length: each target is predicted correctly, or the mean squared error of
    /// values is below 0.01.
    ///
    /// - Parameter task: what the score is of.
    public func isSolved(_ task: SequenceTask) -> Bool {
      task == .adding ? targetCount > 0 && meanSquaredError < 0.01 : correctTargets == targetCount
    }

    /// Takes in the outputs for some sequences, `[sequences, 1]` or `[sequences, time, classes]`.
    mutating func add(_ outputs: Tensor, for drawn: DrawnSequences) {
      switch drawn.targets {
      case .values(let targets):
        for (value, target) in zip(outputs.values, targets) {
          let error = value - target
          squaredError += Double(error) * Double(error)
          add(targets: 1, correct: abs(error) < SequenceTask.tolerance ? 1 : 0)
        }
      case .classes(let classes):
        let steps = drawn.stepCount
        for sequence in drawn.lengths.indices {
          let rows = sequence * steps..<(sequence + 1) * steps
          let targets = rows.lazy.filter { classes[$0] >= 0 }
          add(
            targets: targets.count, correct: targets.count { outputs.isLargest(Int(classes[$0]), inRow: $0) })
        }
      }
    }

    /// Takes in the loss of some sequences.
    mutating func add(_ evaluation: SequenceModel.Evaluation) {
      totalLoss += evaluation.loss * Double(evaluation.count)
    }

    /// Takes in a sequence.
    private mutating func add(targets: Int, correct: Int) {
      sequenceCount += 1
      targetCount += targets
      correctTargets += correct
      if correct == targets { correctSequences += 1 }
    }
  }
}

extension Tensor {
  /// Whether an element of a row is larger than all others of it; none is if one of them is NaN.
  fileprivate func isLargest(_ index: Int, inRow row: Int) -> Bool {
    let size = shape[shape.count - 1]
    let own = values[row * size + index]
    for k in 0..<size where k != index && !(values[row * size + k] < own) { return false }
    return !own.isNaN
  }
}
