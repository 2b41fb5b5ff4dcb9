import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// The options that training has whatever the task.
struct TrainOptions: RecordableArguments {
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Cells") var cells: CellOptions
  @OptionGroup(title: "Layers") var layers: LayerOptions
  @OptionGroup(title: "Initialization") var initialization: InitializerOptions
  @OptionGroup(title: "Regularization") var regularization: RegularizationOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Optimizer") var optimizer: OptimizerOptions
  @OptionGroup(title: "Learning rate") var schedule: ScheduleOptions
  @OptionGroup(title: "Run") var run: RunOptions

  static var recorded: [RecordedOption<Self>] {
    [
      group(\.network), group(\.cells), group(\.layers), group(\.initialization), group(\.regularization),
      group(\.training), group(\.optimizer), group(\.schedule), group(\.run),
    ].flatMap(\.self)
  }

  /// The options that --from replaces: those of the network and its initialization.
  static var replacedByModel: Set<String> {
    let replaced = [group(\.network), group(\.cells), group(\.layers), group(\.initialization)].joined()
    return Set(replaced.map(\.name)).subtracting(["from"])
  }

  /// Throws if options of the network exclude each other, or the network would be too large.
  ///
  /// - Parameters:
  ///   - defaults: those of the task.
  ///   - inputSize: what the lowest layer reads in a step.
  func check(_ defaults: TrainingDefaults, inputSize: Int) throws {
    if network.from != nil {
      let given = try cells.given + layers.given + initialization.given
      // The file of a model may not name its activation.
      if let name = given.first(where: { $0 != "activation" }) {
        throw ValidationError("--\(name): found with --from, which determines the network; expected one of the two")
      }
      return
    }
    try layers.resolved(defaults).check()
    let fresh = network.fresh(defaults)
    try cells.check(fresh.cell, hiddenSize: fresh.hiddenSize)
    try regularization.check(fresh.cell)
    if fresh.layers > Self.mostLayers {
      throw ValidationError("--layers: found \(fresh.layers), expected at most \(Self.mostLayers.grouped)")
    }
    let count = freshParameterCount(defaults, inputSize: inputSize)
    if count > Self.largestParameterCount {
      throw ValidationError(
        "--hidden-size and --layers: found \(fresh.hiddenSize) and \(fresh.layers), a network of \(count.sixDigits) "
          + "parameters, expected at most \(Self.largestParameterCount.sixDigits)")
    }
  }

  /// These options with their defaults filled in.
  func resolved(_ defaults: TrainingDefaults) -> TrainOptions {
    var options = self
    options.network = network.resolved(defaults)
    if network.from == nil {
      options.cells = cells.resolved(defaults, of: network.fresh(defaults).cell)
      options.layers = layers.resolved(defaults)
      options.initialization = initialization.resolved(defaults)
    }
    options.optimizer = optimizer.resolved(defaults)
    options.schedule = schedule.resolved(defaults)
    options.regularization = regularization(defaults)
    // A limit of steps or of time alone does not end sooner, however short the data are.
    if !(defaults.areForUserData && (training.maxSteps != nil || training.maxMinutes != nil)) {
      options.training.epochs = training.epochs ?? defaults.epochs
    }
    options.training.averageDecay = training.averageDecay ?? defaults.averageDecay
    if training.clipValue == nil { options.training.clipNorm = training.clipNorm ?? defaults.clipNorm }
    return options
  }

  /// The regularization, with the defaults that the network can have.
  private func regularization(_ defaults: TrainingDefaults) -> RegularizationOptions {
    regularization.resolved(
      defaults.regularization, of: network.from == nil ? network.fresh(defaults).cell : nil)
  }

  /// The most parameters a network may have: with gradients and optimizer state about 16 GB.
  static let largestParameterCount = 1_000_000_000.0

  /// The most layers a network may have: each has costs of its own, however narrow it is.
  static let mostLayers = 10_000

  /// The given option that needs validation data; nil if there is none.
  var optionThatNeedsValidation: String? {
    training.earlyStopping != nil ? "--early-stopping" : schedule.schedule == .plateau ? "--schedule plateau" : nil
  }

  /// About how many parameters a fresh network would have; a Double, since the product may overflow an Int.
  private func freshParameterCount(_ defaults: TrainingDefaults, inputSize: Int) -> Double {
    let (kind, hiddenSize, layerCount) = network.fresh(defaults)
    let (hidden, layers) = (Double(hiddenSize), Double(layerCount))
    let directions = layers > 0 && self.layers.bidirectional ?? defaults.bidirectional ? 2.0 : 1
    let input = Double(inputSize) + (layers - 1) * directions * hidden
    return directions * Double(kind.gateCount) * hidden * (input + layers * (hidden + 1))
  }
}

// What a run needs of its options.
extension TrainOptions {
  /// The size of a batch, for estimates.
  struct BatchSize {
    var sequences: Int
    var steps: Int
    /// The options that make it smaller.
    var options: String
  }

  /// The network to train: that of --from, or a fresh one; throws if there is not enough memory for its training.
  ///
  /// - Parameters:
  ///   - input: what a fresh network reads.
  ///   - output: what it predicts.
  ///   - readout: when it predicts.
  ///   - defaults: those of the task.
  ///   - batch: the size of a batch.
  ///   - alwaysKeepsBest: whether the weights of the best validation are kept, whatever the options say.
  ///   - read: reads the network of --from; throws if it does not fit the data.
  func makeNetwork(
    input: ModelConfiguration.Input, output: ModelConfiguration.Output, readout: ModelConfiguration.Readout = .last,
    _ defaults: TrainingDefaults, batch: BatchSize, alwaysKeepsBest: Bool = false,
    read: (_ path: String) throws(CommandFailure) -> SequenceModel
  ) throws(CommandFailure) -> SequenceModel {
    let copies = training.copies(alwaysKeepsBest: alwaysKeepsBest)
    let network: SequenceModel
    if let from = self.network.from {
      let start = try read(from)
      try self.network.check(start, path: from)
      try regularization.check(start, path: from)
      if start.precision != .float {
        throw CommandFailure(
          "\(from.shown(limit: 1000)): found \(start.precision) weights, which are for inference only, expected floats; "
            + "'recurrent convert --weights float' makes them", .badData)
      }
      network = start
    } else {
      let (kind, hiddenSize, count) = self.network.fresh(defaults)
      var configuration = ModelConfiguration(input: input, layers: [], readout: readout, output: output)
      let inputSize = configuration.layerInputSize
      // Making the network needs memory too.
      try Self.checkMemory(
        Double(5 + copies) * freshParameterCount(defaults, inputSize: inputSize) * Double(MemoryLayout<Float>.stride),
        batch)
      configuration.layers = layers.resolved(defaults).list(
        of: cells.resolved(defaults, of: kind).make(kind, hiddenSize: hiddenSize), count: count, inputSize: inputSize)
      network = SequenceModel(
        configuration, initializer: initialization.resolved(defaults).rule(steps: batch.steps), seed: training.seed,
        threads: run.threads.pool)
    }
    let regularized = network.regularized(regularization(defaults).replacing, seed: training.seed)
    if training.remember != nil, regularized.layers.contains(where: \.readsInReverse) {
      throw CommandFailure(
        "--remember: found with a network that reads in reverse, expected one that reads forward only", .usage)
    }
    try Self.checkMemory(
      regularized.trainingBytes(
        batch: batch.sequences, steps: batch.steps, remembering: training.remember, copies: copies), batch)
    return regularized
  }

  /// How long a network learns by resolved options, what it consists of, and by which rule, in words.
  func summary(of network: SequenceModel) -> String {
    let layers = network.cells.map { "\($0.kind) of \(quantity($0.hiddenSize, "unit"))" }.joined(separator: ", ")
    let (rule, rate) = (optimizer.optimizer ?? .adam, optimizer.learningRate ?? 0)
    let decay = optimizer.weightDecay.map { ", weight decay \($0.sixDigits)" } ?? ""
    let schedule = (self.schedule.schedule ?? .constant).rawValue
    let epochs = training.epochs.map { quantity($0, "epoch") + "; " } ?? ""
    return "\(epochs)\(layers); \(rule.rawValue) at \(rate.sixDigits)\(decay), schedule \(schedule)"
  }

  private static func checkMemory(_ bytes: Double, _ batch: BatchSize) throws(CommandFailure) {
    try AvailableMemory.check(
      bytes, for: "training", advice: "make --hidden-size, --layers, \(batch.options) or --threads smaller")
  }

  /// The schedule of resolved options in a loop's options, for epochs of some batches.
  func schedule(_ options: inout TrainingLoop.Options, batchesPerEpoch: Int) {
    schedule.apply(
      to: &options, epochs: training.epochs ?? .max, stepsPerEpoch: batchesPerEpoch.groups(of: options.accumulation),
      maximumSteps: training.maxSteps)
  }
}
