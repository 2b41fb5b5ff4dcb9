/// Everything that a training needs to go on from a place between two steps to the bits of an unbroken one.
///
/// The data and the options of the loop are not part of it: they have to be the same again. Written down as JSON, for
/// example, it keeps every bit, infinities and NaNs included.
public struct TrainingCheckpoint<Rule: Optimizer>: Sendable {
  /// The weights of the network; not those of the average, if there is one.
  public let parameters: Parameters
  /// The optimizer with its state.
  public let optimizer: Rule
  /// The epoch in which training goes on, counted from 0.
  public let epoch: Int
  /// The step of the epoch with which it goes on, counted from 0.
  public let step: Int
  /// Generates the seeds of random masks.
  let maskSeeds: SplitMix64
  /// The carried state of the sequences; nil between epochs, and for batches of whole sequences.
  let states: [Float]?
  let progress: TrainingProgress.State

  /// The number of steps taken in all.
  public var stepCount: Int { progress.steps }

  init(
    _ network: SequenceModel, optimizer: Rule, epoch: Int, step: Int, state: StackState?,
    progress: TrainingProgress.State
  ) {
    parameters = network.parameters
    maskSeeds = network.maskSeeds
    self.optimizer = optimizer
    self.epoch = epoch
    self.step = step
    states = state?.values
    self.progress = progress
  }

  /// Says whether this is a checkpoint of a training of such a network.
  ///
  /// - Parameter network: the network as it was before its first step.
  /// - Throws: ``InputError`` if its weights have other names or shapes.
  /// - Complexity: O(number of tensors).
  public func check(for network: SequenceModel) throws(InputError) {
    if parameters.entries != network.parameters.entries {
      throw InputError(
        .network, found: "a checkpoint of another network, of \(parameters.count) parameters",
        expected: "one of this network, of \(network.parameters.count)")
    }
  }
}

extension TrainingCheckpoint: Codable where Rule: Codable {
  private enum CodingKeys: CodingKey {
    case parameters, optimizer, epoch, step, maskSeeds, states, progress
  }

  /// Writes the checkpoint, with the exact bits of all numbers.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  /// - Complexity: O(parameters).
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(parameters, forKey: .parameters)
    try container.encode(optimizer, forKey: .optimizer)
    try container.encode(epoch, forKey: .epoch)
    try container.encode(step, forKey: .step)
    try container.encode(maskSeeds, forKey: .maskSeeds)
    try container.encodeIfPresent(states.map(ExactFloats.init), forKey: .states)
    try container.encode(progress, forKey: .progress)
  }

  /// Reads what ``encode(to:)`` wrote.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` for other values, or if a place is negative.
  /// - Complexity: O(parameters).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    parameters = try container.decode(Parameters.self, forKey: .parameters)
    optimizer = try container.decode(Rule.self, forKey: .optimizer)
    epoch = try container.decode(Int.self, forKey: .epoch)
    step = try container.decode(Int.self, forKey: .step)
    maskSeeds = try container.decode(SplitMix64.self, forKey: .maskSeeds)
    states = try container.decodeIfPresent(ExactFloats.self, forKey: .states)?.values
    progress = try container.decode(TrainingProgress.State.self, forKey: .progress)
    if epoch < 0 || step < 0 {
      throw DecodingError.dataCorruptedError(
        forKey: .step, in: container, debugDescription: "found step \(step) of epoch \(epoch), expected 0 or more")
    }
  }
}
