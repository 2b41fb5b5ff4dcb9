import ArgumentParser
import Foundation
import Recurrent
import RecurrentWorkloads
import TestSupport
import Testing

@testable import RecurrentCommand

/// Numbers at the ends of their ranges, data that are too few, memory that is not there: it works, or one line says why
/// not.
@Suite struct LimitTests {
  private static let largest = "\(Int.max)"
  private static let training = [
    "train", "mnist", "--data-dir", ImageFiles.folder, "--layers", "1", "--hidden-size", "4", "--max-steps", "3",
    "--threads", "1",
  ]
  /// What some options need beside them to be heard at all.
  private static let companions = [
    "warm-up": ["--schedule", "cosine"], "schedule-every": ["--schedule", "step"], "epochs": ["--schedule", "cosine"],
    "schedule-factor": ["--schedule", "step"], "momentum": ["--optimizer", "sgd"],
    "layer-norm-epsilon": ["--layer-norm"],
    "initializer-scale": ["--initializer", "uniform"],
  ]
  /// How often, how many and when: scripts pass the largest number for "no limit".
  private static let limits: Set = [
    "epochs", "batch-size", "seed", "train-count", "max-steps", "validation-every", "accumulate", "early-stopping",
    "schedule-every", "warm-up", "log-every", "permute", "remember",
  ]

  /// All recorded options with a value that is not a path, and the number of threads.
  private static var options: [String] {
    TrainMNIST.recorded.filter { $0.syntax != .flag }.map(\.name).filter { !["data-dir", "from"].contains($0) }
      + ["threads"]
  }

  @Test func everyOptionTakesTheLargestNumberOrRefusesIt() throws {
    let options = Self.options
    #expect(options.count > 40 && Self.limits.isSubset(of: options))
    for option in options {
      let tool = try Tool()
      try ImageFiles.write(to: tool.folder)
      for sign in ["", "-"] {
        let result = try tool.run(
          Self.training + (Self.companions[option] ?? []) + ["--\(option)=\(sign)\(Self.largest)"])
        #expect(result.signal == nil && [0, 64, 65].contains(result.status), "--\(option) \(result)")
        if let status = result.status, status != 0 { result.expectFailure(status) }
        if Self.limits.contains(option) { #expect(result.status == (sign.isEmpty ? 0 : 64), "--\(option) \(result)") }
      }
    }
  }

  @Test func everyScheduleAndSweepTakesTheLargestNumber() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    for options in [
      ["--schedule", "cosine", "--warm-up", Self.largest, "--epochs", Self.largest, "--accumulate", Self.largest],
      ["--schedule", "plateau", "--schedule-every", Self.largest],
      ["--batch-size", Self.largest, "--accumulate", "2", "--epochs", "2", "--validation-every", Self.largest],
      ["--sweep", "batch-size=10,\(Self.largest)"], ["--sweep", "accumulate=1,\(Self.largest)"],
    ] {
      let result = try tool.run(Self.training + options)
      #expect(result.status == 0, "\(options) \(result.errors)")
    }
    // So many layers of a single unit each are few parameters.
    for layers in ["10001", "300000000"] {
      try tool.run(Self.training + ["--cell", "elman", "--hidden-size", "1", "--layers", layers])
        .expectFailure(64, "--layers: found \(layers), expected at most 10,000")
    }
    let values = (1...101).map(String.init).joined(separator: ",")
    try tool.run(Self.training + ["--sweep", "seed=\(values)", "--sweep", "batch-size=\(values)"])
      .expectFailure(64, "--sweep: found 10201 runs, expected at most 10,000")
  }

  @Test func otherCommandsAtTheirLimits() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    try Models.small().save(to: tool.folder.path("m"))
    try tool.run("predict", "m", "--data-dir", ImageFiles.folder, "--index", Self.largest)
      .expectFailure(64, "--index: found \(Self.largest), expected less than 50")
    try tool.run("predict", "m", "--digits", "--seed", Self.largest).expectSuccess()
    try tool.run("evaluate", "m", "--data-dir", ImageFiles.folder, "--threads", Self.largest)
      .expectFailure(64, "expected a whole number from 1 to 1024")
  }

  @Test func batchesOfTheLargestSize() {
    let batches = ImageFiles.training.batches(of: .max, shuffledWith: 1)
    #expect(batches.count == 1 && batches[0].count == ImageFiles.training.count)
    #expect(ImageFiles.training.batches(of: .max, droppingLast: true).isEmpty)
  }

  // MARK: Requests of a benchmark

  @Test func requestsWithoutEnd() throws {
    let tool = try Tool()
    let small = "\"input\":3,\"steps\":2,\"hidden\":5,\"layers\":1,\"batch\":4,\"threads\":1"
    let requests = [
      "{\(small),\"repeat\":9223372036854775807}", "{\(small),\"repeat\":1152921504606846976}",
      "{\(small),\"repeat\":1000001}", "{\"hidden\":2000,\"layers\":8,\"repeat\":1}", "{\"steps\":9223372036854775807}",
      "{\"layers\":9223372036854775807,\"hidden\":1}",
      "{\"hidden\":400,\"batch\":1000,\"repeat\":1000000,\"mode\":\"infer\"}",
      String(repeating: "[", count: 600), String(repeating: " ", count: 100_000) + "{}", "{\(small),\"repeat\":2}",
    ]
    let result = try tool.run("benchmark", "--interactive", input: requests.joined(separator: "\n"))
    result.expectSuccess()
    let answers = Array(result.outputLines.dropLast())
    let words = [
      "repeat: found 9223372036854775807, expected at most 1000000", "repeat: found 1152921504606846976, expected",
      "repeat: found 1000001, expected", "bytes of memory, expected at most 5e+08",
      "bytes of memory, expected at most 5e+08",
      "layers: found 9223372036854775807, expected at most 1000", "operations in total, expected at most 2e+13",
      "expected one JSON object per line", "found a line of more than 65,536 bytes", "milliseconds",
    ]
    #expect(answers.count == words.count)
    for (answer, word) in zip(answers, words) { #expect(answer.contains(word), "\(answer)") }
  }

  @Test func requestsThatTheBenchmarkItselfMakesAreAllowed() {
    for (input, steps, hidden, layers, batch) in [
      (28, 28, 20, 3, 1000), (28, 28, 512, 1, 100), (1, 784, 128, 1, 100), (256, 64, 1024, 1, 64),
      (28, 28, 256, 2, 100),
    ] {
      var request = WorkloadRequest()
      (request.input, request.steps, request.hidden, request.layers, request.batch) = (
        input, steps, hidden, layers, batch
      )
      #expect(request.fault == nil)
    }
  }

  // MARK: Too few images

  /// Writes so many training images and test images.
  private func write(_ training: Int, _ test: Int, to folder: TemporaryDirectory) throws {
    let size = 28 * 28
    try ImageFiles.write(
      to: folder,
      changing: [
        "train-images-idx3-ubyte": { ImageFiles.idx([training, 28, 28], Array($0[16..<16 + training * size])) },
        "train-labels-idx1-ubyte": { ImageFiles.idx([training], Array($0[8..<8 + training])) },
        "t10k-images-idx3-ubyte": { ImageFiles.idx([test, 28, 28], Array($0[16..<16 + test * size])) },
        "t10k-labels-idx1-ubyte": { ImageFiles.idx([test], Array($0[8..<8 + test])) },
      ])
  }

  @Test(arguments: [
    (["--early-stopping", "1"], "--early-stopping"), (["--schedule", "plateau"], "--schedule plateau"),
    (["--sweep", "early-stopping=1,2"], "--early-stopping"),
    (["--sweep", "schedule=plateau,constant"], "--schedule plateau"),
  ])
  func noImagesForValidation(_ options: [String], _ option: String) throws {
    let tool = try Tool()
    for count in [1, 2, 11] {
      try write(count, 5, to: tool.folder)
      let result = try tool.run(Self.training + options + ["--run-dir", "run"])
      result.expectFailure(65, "found \(count) training images and none for validation, which \(option) needs")
      #expect(RunFiles(tool, "run").names == [], "no half-made folder")
    }
    try write(12, 5, to: tool.folder)
    try tool.run(Self.training + options + ["--run-dir", "run"]).expectSuccess()
  }

  @Test(arguments: [(0, 5), (5, 0), (0, 0)])
  func noImagesAtAll(_ training: Int, _ test: Int) throws {
    let tool = try Tool()
    try write(training, test, to: tool.folder)
    let result = try tool.run(Self.training + ["--run-dir", "run"])
    result.expectFailure(65, "found")
    #expect(try tool.folder.contents() == [ImageFiles.folder])
    try Models.small().save(to: tool.folder.path("m"))
    if test == 0 { try tool.run("evaluate", "m", "--data-dir", ImageFiles.folder).expectFailure(65, "found") }
  }

  @Test func aSingleImageIsEnough() throws {
    let tool = try Tool()
    try write(1, 1, to: tool.folder)
    let result = try tool.run(Self.training + ["--run-dir", "run"])
    result.expectSuccess()
    #expect(result.output.contains("Validation no images"))
  }

  @Test func noiseThatAModelHasNoPlaceFor() throws {
    let tool = try Tool()
    try ImageFiles.write(to: tool.folder)
    let network = SequenceModel(
      .init(
        input: .features(28),
        layers: [LayerConfiguration(LSTMCell(hiddenSize: 4)), LayerConfiguration(IndRNNCell(hiddenSize: 4))],
        output: .classes(10)))
    try network.save(to: tool.folder.path("m"))
    let from = ["train", "mnist", "--data-dir", ImageFiles.folder, "--from", "m", "--max-steps", "1"]
    for option in ["--weight-drop", "--recurrent-dropout"] {
      try tool.run(from + [option, "0.1"]).expectFailure(65, "m: found a cell of kind indrnn", option)
    }
    for option in ["--zoneout", "--state-zoneout", "--dropout"] {
      try tool.run(from + [option, "0.1"]).expectSuccess()
    }
  }

  // MARK: Memory

  #if os(Linux)
    @Test(arguments: [
      ["--hidden-size", "4000", "--layers", "3"],
      ["--hidden-size", "300", "--pixels", "--batch-size", "300", "--threads", "8", "--layers", "4"],
    ])
    func aRunThatNeedsMoreMemoryThanThereIs(_ options: [String]) throws {
      let tool = try Tool()
      try ImageFiles.write(to: tool.folder)
      let words = (Self.training + options + ["--run-dir", "run"]).joined(separator: " ")
      let result = try tool.run(shell: "ulimit -v 1200000; exec \"$0\" \(words)")
      result.expectFailure(71, "training: found a need of about ", " available", "--hidden-size", "--batch-size")
      #expect(try tool.folder.contents() == [ImageFiles.folder])
    }
  #endif

  @Test func memoryIsEstimatedFromAbove() {
    let network = Models.notebook()
    let bytes = network.trainingBytes(batch: 100, steps: 28, copies: 0)
    // Weights, gradients and states of 100 samples are some megabytes.
    #expect(bytes > 2e5 && bytes < 2e7)
    #expect(network.trainingBytes(batch: 100, steps: 784, copies: 0) > 10 * bytes)
  }

  @Test(
    "memory counts averages and the best weights so far",
    arguments: [
      ([], false, 0), ([], true, 1), (["--early-stopping", "3"], false, 1), (["--early-stopping", "3"], true, 1),
      (["--average-decay", "0.9"], false, 1), (["--average-decay", "0.9", "--early-stopping", "3"], false, 2),
    ] as [([String], Bool, Int)])
  func copiesOfWeights(options: [String], alwaysKeepsBest: Bool, expected: Int) throws {
    #expect(try TrainingOptions.parse(options).copies(alwaysKeepsBest: alwaysKeepsBest) == expected)
  }
}
