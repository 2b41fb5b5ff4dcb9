import ArgumentParser
import Recurrent
import RecurrentData

/// Which test images a model is tried on: by default those of the run that made the model.
struct TestDataOptions: ParsableArguments {
  @OptionGroup var source: DataOptions
  @OptionGroup var reading: ReadingOptions

  @Flag(help: "Take the built-in digits, drawn by this program.")
  var digits = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the built-in digits; without it that of the model's run, or 0.", valueName: "n"),
    transform: OptionValue.seed)
  var seed: UInt64?

  func validate() throws {
    if digits && source.dataDir != nil {
      throw ValidationError("--digits and --data-dir: found both, expected at most one")
    }
  }

  /// The order in which a model reads images: the one that is asked for, or that of the run that made the model.
  func order(forModel model: String) -> PixelOrder {
    reading.chosenOrder ?? RunConfiguration.beside(model)?.order ?? .rows
  }

  /// The images for a model, as `[count, 28, 28]`.
  func images(forModel model: String) async throws(CommandFailure) -> TestImages {
    if let directory = source.dataDir { return try TestImages(directory: directory) }
    let run = RunConfiguration.beside(model)
    if digits || run?.task == TrainingTask.digits.rawValue { return .builtInDigits(seed: seed ?? run?.seed ?? 0) }
    // The folder that the run learned from, unless it is gone by now.
    if run?.task == TrainingTask.mnist.rawValue {
      if let directory = run?.data.source, (try? MNIST.File.testImages.path(in: directory)) != nil {
        return try TestImages(directory: directory)
      }
      return TestImages(try await source.mnist())
    }
    guard let data = try await source.mnistIfAtHand() else { return .builtInDigits(seed: seed ?? 0) }
    return TestImages(data)
  }
}

/// Test images, and what they are called.
struct TestImages {
  let name: String
  let source: String
  /// The images, row by row.
  let dataset: SequenceDataset
  /// What to say of figures on these images, if anything.
  let caveat: String?

  /// The test images of data whose name says what they are.
  init(_ data: DigitData) {
    name = data.name
    source = data.source
    dataset = data.test
    caveat = EvaluationReport.caveat(name: data.name, source: data.source)
  }

  /// The test images of a folder that was named.
  init(directory: String) throws(CommandFailure) {
    do throws(IDXError) { dataset = try MNIST.loadTest(from: directory) } catch { throw CommandFailure(error) }
    name = "test images"
    source = directory
    caveat = nil
  }

  static func builtInDigits(seed: UInt64) -> TestImages {
    TestImages(BuiltInDigits.draw(training: 0, validation: 0, seed: seed))
  }
}
