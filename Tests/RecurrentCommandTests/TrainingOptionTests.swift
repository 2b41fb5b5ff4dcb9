import Foundation
import Recurrent
import RecurrentData
import TestSupport
import Testing

/// Every option of `train` does what it says: the model equals, bit for bit, what the library makes of the same wish,
/// and differs from what comes out without the option.
@Suite struct TrainingOptionTests {
  /// What is asked of the library; the defaults are those of the command in ``base``.
  struct Wish: Sendable {
    var layers = [LayerConfiguration].lstm(20, count: 3)
    var initializer = Initializer.tensorFlow1
    var start: (@Sendable () -> SequenceModel)?
    var seed: UInt64 = 0
    var order = PixelOrder.rows
    var augmentation: ImageAugmentation?
    var trainCount = ImageFiles.trainingCount - ImageFiles.validationCount
    var rate: Float = 0.01
    var descends = false
    var loop = TrainingLoop(epochs: 1)

    init(_ change: (inout Wish) -> Void = { _ in }) { change(&self) }

    /// Reads pixel by pixel, which takes its time: a small network for two steps.
    mutating func readInPixels(_ order: PixelOrder) {
      self.order = order
      layers = .lstm(20)
      loop.maximumSteps = 2
    }

    /// The model that the library trains.
    func model() -> SequenceModel {
      var network =
        start?()
        ?? SequenceModel(
          .init(input: .features(order.inputSize), layers: layers, output: .classes(10)), initializer: initializer,
          seed: seed)
      if descends {
        train(&network, SGD(learningRate: rate))
      } else {
        train(&network, Adam(learningRate: rate))
      }
      return network
    }

    private func train(_ network: inout SequenceModel, _ optimizer: some Optimizer) {
      var optimizer = optimizer
      _ = loop.run(
        &network, optimizer: &optimizer, training: ImageFiles.training[0..<trainCount],
        validation: order(ImageFiles.validation),
        preparing: { order(augmentation?($0, epoch: $1) ?? $0) }
      ) { _ in true }
    }
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let options: [String]
    let wish: Wish
    var testDescription: String { options.joined(separator: " ") }

    init(_ options: String, _ change: (inout Wish) -> Void) {
      self.options = options.split(separator: " ").map(String.init)
      wish = Wish(change)
    }
  }

  static let base = ["train", "mnist", "--data-dir", ImageFiles.folder, "--epochs", "1", "--run-dir", "run"]

  @Test(arguments: [
    Case("--augment --epochs 2") { ($0.augmentation, $0.loop.epochs) = (ImageAugmentation(seed: 0), 2) },
    Case("--augment --seed 4") {
      ($0.augmentation, $0.seed, $0.loop.shuffleSeed) = (ImageAugmentation(seed: 4), 4, 4)
    },
    Case("--permute 92 --augment --layers 1 --max-steps 2") {
      $0.readInPixels(.permuted(seed: 92))
      $0.augmentation = ImageAugmentation(seed: 0)
    },
    Case("--pixels --layers 1 --max-steps 2") { $0.readInPixels(.pixels) },
    Case("--permute 92 --layers 1 --max-steps 2") { $0.readInPixels(.permuted(seed: 92)) },
    Case("--pixels --permute 3 --layers 1 --max-steps 2") { $0.readInPixels(.permuted(seed: 3)) },
    Case("--cell elman") { $0.layers = .elman(20, count: 3) },
    Case("--cell gru") { $0.layers = .gru(20, count: 3) },
    Case("--cell gru --initializer pytorch") { ($0.layers, $0.initializer) = (.gru(20, count: 3), .pyTorch) },
    Case("--hidden-size 9") { $0.layers = .lstm(9, count: 3) },
    Case("--layers 2") { $0.layers = .lstm(20, count: 2) },
    Case("--initializer pytorch") { $0.initializer = .pyTorch },
    Case("--initializer keras") { $0.initializer = .keras },
    Case("--from start") { $0.start = { Models.notebook() } },
    Case("--from start.safetensors") { $0.start = { Models.notebook() } },
    Case("--epochs 3") { $0.loop.epochs = 3 },
    Case("--batch-size 70") { $0.loop.batchSize = 70 },
    Case("--learning-rate 0.002") { $0.rate = 0.002 },
    Case("--optimizer sgd") { $0.descends = true },
    Case("--seed 18446744073709551615") { ($0.seed, $0.loop.shuffleSeed) = (.max, .max) },
    Case("--train-count 210") { $0.trainCount = 210 },
    Case("--train-count 330 --max-steps 2") { $0.loop.maximumSteps = 2 },
    Case("--epochs 3 --max-steps 6") { ($0.loop.epochs, $0.loop.maximumSteps) = (3, 6) },
    Case("--no-shuffle") { $0.loop.shuffleSeed = nil },
    Case("--drop-last") { $0.loop.dropsLast = true },
  ])
  func changesTheModel(_ example: Case) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.notebook().save(to: tool.folder.path("start.safetensors"))
    try FileManager.default.createDirectory(atPath: tool.folder.path("start"), withIntermediateDirectories: false)
    try Models.notebook().save(to: tool.folder.path("start/model.safetensors"))
    // The last of two equal options counts.
    try tool.run(Self.base + example.options).expectSuccess()
    let trained = try RunFiles(tool, "run").network()
    #expect(trained.parameters == example.wish.model().parameters)
    #expect(trained.parameters != Wish().model().parameters, "the option is heard")
  }

  @Test func defaultsAreTheNotebooks() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run("train", "mnist", "--data-dir", ImageFiles.folder, "--run-dir", "run").expectSuccess()
    #expect(try RunFiles(tool, "run").network().parameters == Wish { $0.loop.epochs = 4 }.model().parameters)
    var configuration = try RunFiles(tool, "run").configuration()
    let data = try #require(configuration.removeValue(forKey: "data") as? [String: Any])
    let options = try #require(configuration["options"] as? [String: Any])
    #expect(configuration["task"] as? String == "mnist" && configuration["program"] as? String == "recurrent")
    #expect(configuration["parameterCount"] as? Int == 10_690)
    for (key, value) in ["cell": "lstm", "initializer": "tensorflow1", "optimizer": "adam"] {
      #expect(options[key] as? String == value, "\(key)")
    }
    let counts = ["hidden-size": 20, "layers": 3, "epochs": 4, "batch-size": 100, "seed": 0, "log-every": 100]
    for (key, value) in counts { #expect(options[key] as? Int == value, "\(key)") }
    #expect(
      try RunFiles(tool, "run").describedNetwork()
        == .init(input: .features(28), layers: .lstm(20, count: 3), output: .classes(10)))
    #expect(options["learning-rate"] as? Double == 0.01)
    #expect(options["shuffle"] as? Bool == true && options["drop-last"] as? Bool == false)
    #expect(options["from"] == nil && options["max-steps"] == nil)
    #expect(data["trainingCount"] as? Int == 330 && data["validationCount"] as? Int == 30)
    #expect(data["testCount"] as? Int == 50)
  }

  @Test func configurationTellsWhatTheRunWasTold() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.small().save(to: tool.folder.path("m"))
    try tool.run(
      Self.base + [
        "--from", "m", "--epochs", "2", "--batch-size", "40", "--learning-rate", "0.5", "--optimizer", "sgd", "--seed",
        "18446744073709551615", "--train-count", "90", "--max-steps", "3", "--no-shuffle", "--drop-last", "--log-every",
        "7", "--threads", "1",
      ]
    ).expectSuccess()
    let configuration = try RunFiles(tool, "run").configuration()
    let options = try #require(configuration["options"] as? [String: Any])
    #expect(options["from"] as? String == "m" && options["initializer"] == nil)
    #expect(try RunFiles(tool, "run").describedNetwork().layers == .lstm(6, count: 2))
    #expect(configuration["threads"] as? Int == 1)
    for (key, value) in ["epochs": 2, "batch-size": 40, "max-steps": 3, "log-every": 7] {
      #expect(options[key] as? Int == value, "\(key)")
    }
    #expect((options["seed"] as? NSNumber)?.uint64Value == .max)
    #expect(options["learning-rate"] as? Double == 0.5 && options["optimizer"] as? String == "sgd")
    #expect(options["shuffle"] as? Bool == false && options["drop-last"] as? Bool == true)
    #expect(options["threads"] == nil && options["run-dir"] == nil, "they don't decide the result")
    #expect((configuration["data"] as? [String: Any])?["trainingCount"] as? Int == 90)
  }

  @Test(
    arguments: [
      ([], ["0 0", "1 0"], [4, 8], "every hundredth of four batches"),
      (["--log-every", "1"], ["0 0", "0 1", "0 2", "0 3", "1 0", "1 1", "1 2", "1 3"], [4, 8], "every batch"),
      (["--log-every", "3"], ["0 0", "0 3", "1 0", "1 3"], [4, 8], "counted anew in each epoch"),
      (["--log-every", "2", "--drop-last"], ["0 0", "0 2", "1 0", "1 2"], [3, 6], "without the last, smaller batch"),
      (["--log-every", "1", "--max-steps", "5"], ["0 0", "0 1", "0 2", "0 3", "1 0"], [4, 5], "stopped in an epoch"),
      (["--log-every", "1", "--max-steps", "4"], ["0 0", "0 1", "0 2", "0 3"], [4], "stopped at an epoch's end"),
    ] as [([String], [String], [Int], String)])
  func logsAndCountsSteps(_ options: [String], _ steps: [String], _ epochEnds: [Int], _ reason: String) throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(Self.base + ["--epochs", "2"] + options)
    result.expectSuccess()
    let run = RunFiles(tool, "run")
    let found = try run.events("step").map { "\($0["epoch"] as? Int ?? -1) \($0["step"] as? Int ?? -1)" }
    #expect(found == steps)
    #expect(try run.events("epoch").map { $0["steps"] as? Int } == epochEnds)
    let lines = result.outputLines
    #expect(lines.count { $0.hasPrefix("Minibatch loss: ") } == steps.count)
    #expect(lines.filter { $0.hasPrefix("Epoch:") } == epochEnds.indices.map { "Epoch:  \($0)" })
    #expect(lines.count { $0.hasPrefix("Validation loss: ") } == epochEnds.count)
  }

  @Test func validationsWithinAnEpoch() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let options = ["--epochs", "2", "--log-every", "1"]
    let result = try tool.run(Self.base + options + ["--validation-every", "3"])
    result.expectSuccess()
    let run = RunFiles(tool, "run")
    // Of eight steps the third and the sixth; the fourth and the last end an epoch.
    #expect(try run.events("validation").map { $0["steps"] as? Int } == [3, 6])
    #expect(try run.events("validation").map { $0["epoch"] as? Int } == [0, 1])
    #expect(try run.events("epoch").map { $0["steps"] as? Int } == [4, 8])
    #expect(result.outputLines.count { $0.hasPrefix("Validation loss: ") } == 4)
    try tool.run(Self.base + ["--max-steps", "3", "--run-dir", "short"]).expectSuccess()
    let (within, end) = (try run.events("validation")[0], try RunFiles(tool, "short").events("epoch")[0])
    #expect(within["loss"] as? Double == end["loss"] as? Double && within["correct"] as? Int == end["correct"] as? Int)
    try tool.run(Self.base + options + ["--run-dir", "plain"]).expectSuccess()
    #expect(RunFiles(tool, "plain").count("validation") == 0)
    #expect(RunFiles(tool, "plain").model == run.model, "looking changes nothing")
  }

  @Test func augmentationLeavesValidationAndTestAlone() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.base + ["--augment"]).expectSuccess()
    let run = RunFiles(tool, "run")
    let network = try run.network()
    for (kind, images) in [("epoch", ImageFiles.validation), ("test", ImageFiles.test)] {
      let line = try #require(run.metricsLines.last { $0.contains("\"\(kind)\"") })
      #expect(try line.contains("\"loss\":\(network.evaluate(on: images).loss),"), "\(line)")
    }
    let options = try #require(try run.configuration()["options"] as? [String: Any])
    #expect(options["augment"] as? Bool == true)
  }

  @Test func trainingGoesOnFromARun() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try tool.run(Self.base + ["--optimizer", "sgd", "--run-dir", "first"]).expectSuccess()
    // Gradient descent has no memory but its weights, so that two runs make one.
    try tool.run(Self.base + ["--optimizer", "sgd", "--no-shuffle", "--from", "first", "--run-dir", "second"])
      .expectSuccess()
    var network = try RunFiles(tool, "first").network()
    var optimizer = SGD(learningRate: 0.01)
    for batch in ImageFiles.training.batches(of: 100) { try network.train(on: batch, with: &optimizer) }
    #expect(try RunFiles(tool, "second").network().parameters == network.parameters)
  }

  @Test func learningRateThatIsTooLarge() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let result = try tool.run(Self.base + ["--learning-rate", "3e38", "--epochs", "3", "--log-every", "1"])
    result.expectFailure(65, "step ", "found ", "a smaller learning rate", "stopped before the end")
  }
}
