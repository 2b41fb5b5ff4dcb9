import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// The options that all kinds of training have.
struct TrainOptions: ParsableArguments {
  @OptionGroup(title: "Data") var reading: ReadingOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Cells") var cells: CellOptions
  @OptionGroup(title: "Layers") var layers: LayerOptions
  @OptionGroup(title: "First weights") var weights: InitializerOptions
  @OptionGroup(title: "Noise") var noise: NoiseOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Optimizer") var optimizer: OptimizerOptions
  @OptionGroup(title: "Learning rate") var schedule: ScheduleOptions
  @OptionGroup(title: "Run") var output: RunOptions

  /// The options that --from replaces: those that make the network and its first weights.
  static var replacedByModel: Set<String> {
    func names<Group: ParsableArguments>(_ group: Group.Type) -> [String] {
      (try? group.parse([])).map { CommandOption.all(of: $0).map(\.name) } ?? []
    }
    let groups = names(CellOptions.self) + names(LayerOptions.self) + names(InitializerOptions.self)
    return Set(groups).union(["cell", "hidden-size", "layers"])
  }

  func validate() throws {
    if network.from != nil {
      // The file of a model may leave its function open.
      if let name = (cells.given + layers.given + weights.given).first(where: { $0 != "activation" }) {
        throw ValidationError(
          "--\(name): found beside --from, which brings its own network; expected one of the two")
      }
      return
    }
    let fresh = network.fresh
    try cells.check(fresh.cell, hiddenSize: fresh.hiddenSize)
    try noise.check(fresh.cell)
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

  /// These options with the notebook's in place of those that were left out.
  var resolved: TrainOptions {
    var options = self
    options.network = network.resolved
    if network.from == nil { options.weights = weights.resolved }
    return options
  }

  /// The most parameters a network may have: with gradients and optimiser some 16 GB.
  static let largestParameterCount = 1_000_000_000.0

  /// The most layers a network may have: each costs memory and time of its own, however narrow it is.
  static let mostLayers = 10_000

  /// Refuses a network whose training needs more memory than there is.
  ///
  /// - Parameter network: the network; nil where there is none yet, since making it takes memory too.
  func checkMemory(of network: SequenceModel?) throws(CommandFailure) {
    let copies = (training.averageDecay == nil ? 0 : 1) + (training.earlyStopping == nil ? 0 : 1)
    let bytes: Double
    if let network {
      bytes = network.trainingBytes(
        batch: min(training.batchSize, training.trainCount ?? .max, 60_000), steps: reading.order.stepCount,
        copies: copies)
    } else {
      guard self.network.from == nil else { return }
      bytes = Double(5 + copies) * freshParameterCount * Double(MemoryLayout<Float>.stride)
    }
    try AvailableMemory.check(
      bytes, for: "training", advice: "make --hidden-size, --layers, --batch-size or --threads smaller")
  }

  /// The option that looks at validation images, if there is one.
  var optionThatNeedsValidation: String? {
    training.earlyStopping != nil ? "--early-stopping" : schedule.schedule == .plateau ? "--schedule plateau" : nil
  }

  /// How many parameters a fresh network would have, about: as a double, which doesn't overflow.
  private var freshParameterCount: Double {
    let (kind, hiddenSize, layerCount) = network.fresh
    let (hidden, layers) = (Double(hiddenSize), Double(layerCount))
    let directions = layers > 0 && self.layers.bidirectional ? 2.0 : 1
    let input = Double(DigitData.imageSize) + (layers - 1) * directions * hidden
    return directions * Double(kind.gateCount) * hidden * (input + layers * (hidden + 1))
  }

  /// The network to train: read from a file where one is named, else fresh.
  func makeNetwork(threads: ThreadPool) throws(CommandFailure) -> SequenceModel {
    let (inputSize, classCount) = (reading.order.inputSize, DigitData.classCount)
    guard let from = network.from else {
      let (kind, hiddenSize, count) = network.fresh
      let layers = layers.list(of: cells.make(kind, hiddenSize: hiddenSize), count: count, inputSize: inputSize)
      return SequenceModel(
        .init(input: .features(inputSize), layers: layers, output: .classes(classCount)),
        initializer: weights.rule(steps: reading.order.stepCount), seed: training.seed, threads: threads
      ).regularized(noise.regularization, seed: training.seed)
    }
    let start = try ModelFile.read(from, activation: cells.activation, threads: threads)
    try ModelFile.check(start, path: from, inputSize: inputSize, classCount: classCount)
    try network.check(start, path: from)
    try noise.check(start, path: from)
    return start.regularized(noise.regularization, seed: training.seed)
  }

  /// The loop that these options describe, over so many images.
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
