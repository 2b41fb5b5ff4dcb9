import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

extension SequenceTask: RecordableValue {
  /// The names of all tasks.
  static let names = allCases.map(\.rawValue)

  /// The task of a name.
  static func parse(_ text: String) throws -> SequenceTask {
    if let task = SequenceTask(rawValue: text) { return task }
    throw OptionValue.Mismatch(
      description: "expected \(ArgumentCheck.list(names))\(ArgumentCheck.suggestion(for: text, among: names))")
  }

  /// What is wrong with a length; nil if nothing is.
  func fault(ofLength length: Int) -> String? {
    length >= shortestLength
      ? nil : "found \(length), expected at least \(quantity(shortestLength, "step")), which the task \(rawValue) needs"
  }
}

/// A task, and how it is trained and tested.
struct TaskOptions: RecordableArguments {
  /// The values that are the same for all tasks.
  private static let common = TaskRecipe(for: .parity)
  /// What is tested besides the longest length of training.
  static let defaultTestLengths = [500, 2048]
  static let defaultTestSequences = 512

  @Argument(
    help: ArgumentHelp("The task: \(ArgumentCheck.list(SequenceTask.names)).", valueName: "task"),
    completion: .list(SequenceTask.names), transform: SequenceTask.parse)
  var name: SequenceTask

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps of the longest sequences to train on. (default: \(common.longestLength))", valueName: "n"),
    transform: OptionValue.length)
  var longestLength = common.longestLength

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Steps of the sequences to test on; by default those of --longest-length, \(defaultTestLengths[0]) and "
        + "\(defaultTestLengths[1]).", valueName: "n"), transform: OptionValue.length)
  var testLength: [Int] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sequences of each length to test on. (default: \(defaultTestSequences))", valueName: "n"),
    transform: OptionValue.length)
  var testSequences = defaultTestSequences

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sequences in a batch. (default: \(common.batchSize))", valueName: "n"),
    transform: OptionValue.count)
  var batchSize = common.batchSize

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The accuracy beyond which lengths grow; by default 0.99, or 0.9 for adding.", valueName: "share"),
    transform: OptionValue.probability)
  var mastery: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Training steps from one look at the accuracy to the next while lengths grow. (default: \(common.checkEvery))",
      valueName: "n"), transform: OptionValue.count)
  var checkEvery = common.checkEvery

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Training steps over which the learning rate falls once the longest length is mastered. (default: "
        + "\(common.consolidationSteps))", valueName: "n"), transform: OptionValue.count)
  var consolidationSteps = common.consolidationSteps

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps of the \(common.provingCount) sequences that have to be predicted correctly after that, or the rate falls "
        + "again; of copy and adding, shorter ones too. (default: \(common.provingLength))",
      valueName: "n"), transform: OptionValue.length)
  var provingLength = common.provingLength

  static var recorded: [RecordedOption<Self>] {
    [
      .positional("task", \.name),
      .init("longest-length", \.longestLength),
      .init("test-length", \.testLength),
      .init("test-sequences", \.testSequences),
      .init("batch-size", \.batchSize),
      .init("mastery", \.mastery),
      .init("check-every", \.checkEvery),
      .init("consolidation-steps", \.consolidationSteps),
      .init("proving-length", \.provingLength),
    ]
  }

  func validate() throws {
    let lengths = [("longest-length", longestLength), ("proving-length", provingLength)]
    for (option, length) in lengths + testLength.map({ ("test-length", $0) }) {
      if let fault = name.fault(ofLength: length) { throw ValidationError("--\(option): \(fault)") }
    }
  }
}

extension TaskOptions {
  /// What is trained unless options say otherwise.
  var defaults: TrainingDefaults {
    let recipe = TaskRecipe(for: name)
    return TrainingDefaults(
      hiddenSize: recipe.hiddenSize, layers: 1, initializer: .keras, epochs: 1, learningRate: recipe.learningRate,
      clipNorm: recipe.gradientLimit, regularization: recipe.regularization)
  }

  /// These options with their defaults filled in.
  var resolved: TaskOptions {
    var options = self
    if testLength.isEmpty {
      options.testLength = [longestLength] + Self.defaultTestLengths.filter { $0 > longestLength }
    }
    options.mastery = mastery ?? Float(TaskRecipe(for: name).mastery)
    return options
  }

  /// How the task is trained.
  ///
  /// - Parameter train: the other options, with their defaults filled in.
  func recipe(_ train: TrainOptions) -> TaskRecipe {
    var recipe = TaskRecipe(for: name)
    recipe.batchSize = batchSize
    recipe.longestLength = longestLength
    // The digits of the option: the nearest double to the float 0.99 is not 0.99.
    recipe.mastery = mastery.flatMap { Double($0.description) } ?? recipe.mastery
    recipe.checkEvery = checkEvery
    recipe.consolidationSteps = consolidationSteps
    recipe.provingLength = provingLength
    recipe.learningRate = train.optimizer.learningRate ?? recipe.learningRate
    recipe.gradientLimit = train.training.clipNorm ?? recipe.gradientLimit
    // A limit of time alone does not end sooner.
    recipe.maximumSteps = train.training.maxSteps ?? (train.training.maxMinutes == nil ? recipe.maximumSteps : .max)
    return recipe
  }
}
