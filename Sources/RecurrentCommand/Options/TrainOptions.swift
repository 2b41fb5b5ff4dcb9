import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// The options that all kinds of training have.
struct TrainOptions: RecordableArguments {
  @OptionGroup(title: "Data") var pixelOrder: PixelOrderOptions
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
      group(\.pixelOrder), group(\.network), group(\.cells), group(\.layers), group(\.initialization),
      group(\.regularization), group(\.training), group(\.optimizer), group(\.schedule), group(\.run),
    ].flatMap(\.self)
  }

  /// The options that --from replaces: those of the network and its initialization.
  static var replacedByModel: Set<String> {
    let replaced = [group(\.network), group(\.cells), group(\.layers), group(\.initialization)].joined()
    return Set(replaced.map(\.name)).subtracting(["from"])
  }

  func validate() throws {
    if network.from != nil {
      let given = try cells.given + layers.given + initialization.given
      // The file of a model may not name its activation.
      if let name = given.first(where: { $0 != "activation" }) {
        throw ValidationError("--\(name): found with --from, which determines the network; expected one of the two")
      }
      return
    }
    let fresh = network.fresh
    try cells.check(fresh.cell, hiddenSize: fresh.hiddenSize)
    try regularization.check(fresh.cell)
    if fresh.layers > Self.mostLayers {
      throw ValidationError("--layers: found \(fresh.layers), expected at most \(Self.mostLayers.grouped)")
    }
    let count = freshParameterCount
    if count > Self.largestParameterCount {
      throw ValidationError(
        "--hidden-size and --layers: found \(fresh.hiddenSize) and \(fresh.layers), a network of \(count.sixDigits) "
          + "parameters, expected at most \(Self.largestParameterCount.sixDigits)")
    }
  }

  /// These options with their defaults filled in.
  var resolved: TrainOptions {
    var options = self
    options.network = network.resolved
    if network.from == nil { options.initialization = initialization.resolved }
    return options
  }

  /// The most parameters a network may have: with gradients and optimizer state about 16 GB.
  static let largestParameterCount = 1_000_000_000.0

  /// The most layers a network may have: each has costs of its own, however narrow it is.
  static let mostLayers = 10_000

  /// Throws if training needs more memory than is available.
  ///
  /// - Parameter network: the network; nil before it exists, since making it needs memory too.
  func checkMemory(of network: SequenceModel?) throws(CommandFailure) {
    let copies = (training.averageDecay == nil ? 0 : 1) + (training.earlyStopping == nil ? 0 : 1)
    let bytes: Double
    if let network {
      bytes = network.trainingBytes(
        batch: min(training.batchSize, training.trainCount ?? .max, 60_000), steps: pixelOrder.order.stepCount,
        copies: copies)
    } else {
      guard self.network.from == nil else { return }
      bytes = Double(5 + copies) * freshParameterCount * Double(MemoryLayout<Float>.stride)
    }
    try AvailableMemory.check(
      bytes, for: "training", advice: "make --hidden-size, --layers, --batch-size or --threads smaller")
  }

  /// The given option that needs validation images; nil if there is none.
  var optionThatNeedsValidation: String? {
    training.earlyStopping != nil ? "--early-stopping" : schedule.schedule == .plateau ? "--schedule plateau" : nil
  }

  /// About how many parameters a fresh network would have; a Double, since the product may overflow an Int.
  private var freshParameterCount: Double {
    let (kind, hiddenSize, layerCount) = network.fresh
    let (hidden, layers) = (Double(hiddenSize), Double(layerCount))
    let directions = layers > 0 && self.layers.bidirectional ? 2.0 : 1
    let input = Double(DigitData.imageSize) + (layers - 1) * directions * hidden
    return directions * Double(kind.gateCount) * hidden * (input + layers * (hidden + 1))
  }

  /// The network to train: that of --from, or a fresh one.
  func makeNetwork(threads: ThreadPool) throws(CommandFailure) -> SequenceModel {
    let (inputSize, classCount) = (pixelOrder.order.inputSize, DigitData.classCount)
    guard let from = network.from else {
      let (kind, hiddenSize, count) = network.fresh
      let layers = layers.list(of: cells.make(kind, hiddenSize: hiddenSize), count: count, inputSize: inputSize)
      return SequenceModel(
        .init(input: .features(inputSize), layers: layers, output: .classes(classCount)),
        initializer: initialization.rule(steps: pixelOrder.order.stepCount), seed: training.seed, threads: threads
      ).regularized(regularization.replacing, seed: training.seed)
    }
    let start = try ModelFile.read(from, activation: cells.activation, threads: threads)
    try ModelFile.check(start, path: from, inputSize: inputSize, classCount: classCount)
    try network.check(start, path: from)
    try regularization.check(start, path: from)
    return start.regularized(regularization.replacing, seed: training.seed)
  }

  /// The training loop over `imageCount` images.
  func loop(imageCount: Int) -> TrainingLoop {
    var loop = training.loop
    let batches = loop.dropsLast ? imageCount / loop.batchSize : imageCount.groups(of: loop.batchSize)
    schedule.apply(
      to: &loop.options, epochs: loop.epochs,
      stepsPerEpoch: batches.groups(of: loop.options.accumulation),
      maximumSteps: loop.maximumSteps)
    return loop
  }
}
