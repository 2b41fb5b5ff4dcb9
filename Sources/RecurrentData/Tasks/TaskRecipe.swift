import Recurrent
import RecurrentSupport

/// How a task is trained: the size of the network, the lengths, and the course of the learning rate.
///
/// ```
/// growing          lengths grow by a LengthCurriculum, at the full rate η
/// consolidating    all sequences at the longest length, η → η / 100 along half a cosine, over some steps;
///                  then, if all sequences of the proving lengths are predicted correctly, training is over, else again
/// ```
///
/// The second part makes a rule hold far beyond the lengths it was learned on: at the full rate a network errs once in some
/// ten thousand steps, and in a running product one error makes all later steps wrong.
///
/// Source: for the rate that falls and begins anew Loshchilov and Hutter, *SGDR*, ICLR 2017.
public struct TaskRecipe: Sendable, Hashable, Codable {
  /// H, the hidden units of the one layer.
  public var hiddenSize: Int
  /// The regularization of the layer.
  ///
  /// A state of which some units may be missing in training has to stay far from every other one.
  public var regularization: Regularization
  /// Sequences of a training step.
  public var batchSize = 64
  /// η, the rate of Adam while lengths grow.
  public var learningRate: Float
  /// The limit to the norm of the gradient.
  public var gradientLimit: Float = 1
  /// The steps of the longest sequences to train on.
  public var longestLength = 40
  /// The accuracy beyond which a length is mastered.
  public var mastery: Double
  /// Training steps from one check of the accuracy to the next while lengths grow.
  public var checkEvery = 50
  /// Training steps of a round of consolidation.
  public var consolidationSteps = 3000
  /// The steps of the longest sequences that prove the rule, see ``provingLengths(for:)``.
  public var provingLength = 2048
  /// How many sequences prove it, of all lengths together.
  public var provingCount = 2048
  /// After how many training steps to give up.
  public var maximumSteps = 20_000

  /// The recipe for a task.
  ///
  /// | | hidden units | recurrent dropout | mastery |
  /// |---|---|---|---|
  /// | ``SequenceTask/s5``, with 120 states to tell apart | 128 | 0.05 | 0.99 |
  /// | ``SequenceTask/copy``, with 30 bits to keep | 128 | 0 | 0.99 |
  /// | ``SequenceTask/adding``, whose values are correct within 0.04 | 64 | 0 | 0.9 |
  /// | all others | 64 | 0 | 0.99 |
  ///
  /// One for all cells. The values were found by experiment: at a rate of 0.01, with which all of this is faster, some
  /// Elman networks never leave length 8; without recurrent dropout LSTMs learn s5, and then err once in 30,000 steps.
  ///
  /// - Parameter task: what is to be learned.
  /// - Complexity: O(1).
  public init(for task: SequenceTask) {
    hiddenSize = task == .s5 || task == .copy ? 128 : 64
    regularization = Regularization(recurrentDropout: task == .s5 ? 0.05 : 0)
    learningRate = 0.003
    mastery = task == .adding ? 0.9 : 0.99
  }

  /// The lengths of the sequences that prove a rule, from the shortest: the proving length alone if its steps have targets; else
  /// lengths that double up to it, from the longest of training.
  ///
  /// Otherwise a network that is right at one length by chance would count as proven, of all that the rounds of
  /// consolidation bring forth: an Elman network added two numbers after 2,048 steps, but not after 400.
  ///
  /// - Parameter task: what is to be proven.
  /// - Complexity: O(log provingLength).
  public func provingLengths(for task: SequenceTask) -> [Int] {
    guard task.asksAtEndOnly else { return [provingLength] }
    let lengths = sequence(first: max(1, longestLength)) { $0 > .max / 2 ? nil : 2 * $0 }
    return lengths.prefix { $0 < provingLength } + [provingLength]
  }

  /// Draws the initial weights: recurrent ones are orthogonal, so that states neither grow nor fade at first.
  public var initializer: Initializer { .keras }
  /// The limit to the gradient.
  public var clipping: GradientClipping { .norm(gradientLimit) }
}

extension TaskRecipe {
  /// Says what is wrong with the recipe for a task, if anything is.
  ///
  /// - Parameter task: what is to be learned.
  /// - Throws: `InputError` for a number that is not positive, a mastery outside of `0..<1`, or sequences shorter than the
  ///   task's shortest.
  /// - Complexity: O(1).
  public func check(for task: SequenceTask) throws(InputError) {
    let counts = [
      ("hidden units", hiddenSize), ("sequences of a batch", batchSize), ("steps between checks", checkEvery),
      ("steps of consolidation", consolidationSteps), ("sequences that prove", provingCount),
      ("training steps", maximumSteps),
    ]
    for (name, count) in counts where count < 1 {
      throw InputError(.size, found: "\(count) \(name)", expected: "1 or more")
    }
    for (name, value) in [("a learning rate", learningRate), ("a limit to the gradient", gradientLimit)]
    where !(value > 0 && value.isFinite) {
      throw InputError(.size, found: "\(name) of \(value)", expected: "a number above 0")
    }
    if !(0..<1).contains(mastery) {
      throw InputError(.size, found: "a mastery of \(mastery)", expected: "a fraction below 1, which can be exceeded")
    }
    for length in [longestLength, provingLength] where length < task.shortestLength {
      throw task.refusal(of: length)
    }
  }
}
