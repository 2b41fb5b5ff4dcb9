import Recurrent
import RecurrentSupport

/// The training of a network on a task that makes its own data, one step at a time.
///
/// ```swift
/// var training = TaskTraining(.parity, recipe: TaskRecipe(for: .parity), seed: 0)
/// var model = training.model(layers: .lstm(training.recipe.hiddenSize))
/// while !training.isOver { try training.step(&model) }
/// ```
///
/// A value that can be written down between any two steps: it and the weights are all that a run without dropout and the
/// like needs to go on to the same bits. No two steps see the same sequences, but for what chance repeats among short
/// ones.
public struct TaskTraining: Sendable, Codable {
  /// What is learned.
  public let task: SequenceTask
  /// How it is learned.
  public let recipe: TaskRecipe
  /// What sequences, lengths and weights follow from.
  public let seed: UInt64
  /// Which lengths are trained on.
  public private(set) var curriculum: LengthCurriculum
  /// How far training has come.
  public private(set) var phase = Phase.growing
  /// Training steps taken.
  public private(set) var stepCount = 0
  private var optimizer: Adam
  private var lengths: SplitMix64

  /// How far a training has come; see ``TaskRecipe``.
  public enum Phase: Sendable, Hashable, Codable {
    /// Lengths grow.
    case growing
    /// The rate falls, since the given step.
    case consolidating(since: Int)
    /// Over: the rule holds for sequences several times as long as those of training.
    case solved
    /// Over: it does not after the most steps allowed, or ``TaskTraining/giveUp()`` was called.
    case givenUp
  }

  /// What a step has found.
  public struct Step: Sendable, Equatable {
    /// Loss, accuracy and gradient of the batch, before the update.
    public let result: SequenceModel.StepResult
    /// The longest length of the batch that may come.
    public let length: Int
    /// The rate of the update.
    public let learningRate: Float
    /// How well the network does on fresh sequences, if this was a step to look: of the present length while lengths
    /// grow; at the end of a round of consolidation of the shortest proving length that is not solved, else of the longest.
    public let check: LengthAccuracy.Score?
  }

  /// A training before its first step.
  ///
  /// - Parameters:
  ///   - task: what is learned.
  ///   - recipe: how.
  ///   - seed: what sequences, lengths and weights follow from.
  /// - Throws: `InputError` if the recipe is not one for the task, see ``TaskRecipe/check(for:)``.
  public init(_ task: SequenceTask, recipe: TaskRecipe, seed: UInt64 = 0) throws(InputError) {
    try recipe.check(for: task)
    self.task = task
    self.recipe = recipe
    self.seed = seed
    curriculum = LengthCurriculum(
      shortest: task.shortestLength, longest: recipe.longestLength, mastery: recipe.mastery)
    optimizer = Adam(learningRate: recipe.learningRate)
    lengths = SplitMix64(seed: seed, stream: 0)
  }

  /// Whether training has ended: solved, or given up.
  public var isOver: Bool { phase == .solved || phase == .givenUp }

  /// The seed of sequences for tests, other ones than those of training.
  public var testSeed: UInt64 { Self.derived(seed, 1) }

  /// A network to be trained, with its initial weights.
  ///
  /// - Parameters:
  ///   - layers: its recurrent layers.
  ///   - threads: the threads to work on.
  /// - Complexity: O(parameters).
  public func model(layers: [LayerConfiguration], threads: ThreadPool = .shared) -> SequenceModel {
    SequenceModel(
      task.configuration(layers: layers), initializer: recipe.initializer, seed: seed, threads: threads)
  }

  /// Takes one training step, and looks at fresh sequences if it is time.
  ///
  /// - Parameter model: a network for the task, whose weights change.
  /// - Returns: what the step has found.
  /// - Throws: `InputError` if the network is not one for the task; `NonFiniteError` if loss or gradient are infinite or
  ///   NaN. The weights then stay what they were.
  /// - Precondition: training is not over.
  /// - Complexity: one step of `SequenceModel.train(on:with:)`, and a forward pass over the sequences of a check.
  @discardableResult
  public mutating func step(_ model: inout SequenceModel) throws -> Step {
    require(!isOver, "training goes on until it is over; found it over after \(stepCount) steps")
    let length = curriculum.isMastered ? curriculum.longest : curriculum.length
    let batch = try task.dataset(
      lengths: curriculum.lengths(count: recipe.batchSize, using: &lengths), seed: seed,
      from: stepCount * recipe.batchSize)
    optimizer.learningRate = learningRate
    let result: SequenceModel.StepResult
    do {
      result = try model.train(on: batch.wholeBatch, with: &optimizer, clipping: recipe.clipping)
    } catch var error as NonFiniteError {
      error.step = stepCount
      throw error
    }
    stepCount += 1
    let check = try check(model)
    if !isOver && stepCount >= recipe.maximumSteps { phase = .givenUp }
    return Step(result: result, length: length, learningRate: optimizer.learningRate, check: check)
  }

  /// Ends a training that is not over, such as when its time is.
  public mutating func giveUp() { if !isOver { phase = .givenUp } }

  /// Looks at fresh sequences at the end of a round, and goes on to what follows.
  private mutating func check(_ model: SequenceModel) throws(InputError) -> LengthAccuracy.Score? {
    switch phase {
    case .growing where stepCount.isMultiple(of: recipe.checkEvery):
      let score = try scores(model, lengths: [curriculum.length], count: recipe.batchSize)[0]
      curriculum.observe(accuracy: score.accuracy)
      if curriculum.isMastered { phase = .consolidating(since: stepCount) }
      return score
    case .consolidating(let first) where stepCount - first == recipe.consolidationSteps:
      let lengths = recipe.provingLengths(for: task)
      let scores = try scores(model, lengths: lengths, count: max(1, recipe.provingCount / lengths.count))
      let failed = scores.first { !$0.isSolved(task) }
      phase = failed == nil ? .solved : .consolidating(since: stepCount)
      return failed ?? scores.last
    case .growing, .consolidating, .solved, .givenUp: return nil
    }
  }

  private func scores(
    _ model: SequenceModel, lengths: [Int], count: Int
  ) throws(InputError) -> [LengthAccuracy.Score] {
    try LengthAccuracy(
      of: model, on: task, lengths: lengths, count: count, seed: Self.derived(seed, 2), from: stepCount * count
    ).scores
  }

  /// The rate of the next step.
  private var learningRate: Float {
    guard case .consolidating(let first) = phase else { return recipe.learningRate }
    return LearningRateSchedule.cosine(total: recipe.consolidationSteps, minimum: recipe.learningRate / 100)
      .rate(at: stepCount - first, from: recipe.learningRate)
  }

  /// A seed for another purpose.
  private static func derived(_ seed: UInt64, _ purpose: UInt64) -> UInt64 {
    var generator = SplitMix64(seed: ~seed, stream: purpose)
    return generator.next()
  }
}

extension TaskTraining {
  /// Reads a training and how far it has come.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if the recipe is not one for the task, or the numbers of steps do not fit each other.
  /// - Complexity: O(parameters).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func refusal(_ key: CodingKeys, _ reason: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: reason)
    }
    task = try container.decode(SequenceTask.self, forKey: .task)
    recipe = try container.decode(TaskRecipe.self, forKey: .recipe)
    do throws(InputError) { try recipe.check(for: task) } catch { throw refusal(.recipe, error.description) }
    seed = try container.decode(UInt64.self, forKey: .seed)
    curriculum = try container.decode(LengthCurriculum.self, forKey: .curriculum)
    phase = try container.decode(Phase.self, forKey: .phase)
    stepCount = try container.decode(Int.self, forKey: .stepCount)
    optimizer = try container.decode(Adam.self, forKey: .optimizer)
    lengths = try container.decode(SplitMix64.self, forKey: .lengths)
    guard (0...recipe.maximumSteps).contains(stepCount) else {
      throw refusal(.stepCount, "found step \(stepCount), expected it in 0...\(recipe.maximumSteps)")
    }
    if case .consolidating(let first) = phase, !(0...stepCount).contains(first) {
      throw refusal(.phase, "found a round since step \(first), expected it in 0...\(stepCount)")
    }
    if curriculum.shortest < task.shortestLength {
      throw refusal(.curriculum, task.refusal(of: curriculum.shortest).description)
    }
  }
}
