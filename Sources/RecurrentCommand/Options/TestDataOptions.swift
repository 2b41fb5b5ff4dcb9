import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// The test images for a model: by default those of the run that trained it.
struct TestDataOptions: ParsableArguments {
  @OptionGroup var source: DataOptions
  @OptionGroup var pixelOrder: PixelOrderOptions

  @Flag(help: "Use the built-in digits, drawn by this program.")
  var digits = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the built-in digits; by default that of the model's run, or 0.", valueName: "n"),
    transform: OptionValue.seed)
  var seed: UInt64?

  func validate() throws {
    if digits && source.dataDir != nil {
      throw ValidationError("--digits and --data-dir: found both, expected at most one")
    }
    if seed != nil && source.dataDir != nil {
      throw ValidationError("--seed: found with --data-dir, expected only with built-in digits")
    }
  }

  /// The order in which a model reads images: the given one, or that of the run that trained the model.
  func order(forModel model: String) -> PixelOrder {
    pixelOrder.chosen ?? RunConfiguration.forModel(model)?.order ?? .rows
  }

  /// The images for a model, as `[count, 28, 28]`.
  func images(forModel model: String) async throws(CommandFailure) -> TestImages {
    if let directory = source.dataDir { return try TestImages(directory: directory) }
    let run = RunConfiguration.forModel(model)
    if digits || run?.task == TaskKind.digits.rawValue { return .builtInDigits(seed: seed ?? run?.seed ?? 0) }
    if let run, run.task == TaskKind.mnist.rawValue { return try await images(of: run.data) }
    guard let data = try await source.mnistIfAvailable() else { return .builtInDigits(seed: seed ?? 0) }
    return TestImages(data)
  }

  /// The test images of the folder that a run used, or MNIST's if the folder no longer exists.
  private func images(of data: RunConfiguration.Data) async throws(CommandFailure) -> TestImages {
    let directory = data.source
    // A missing folder in MNIST_DIR is an error, even if the run used another one.
    let named: String?
    do throws(IDXError) { named = try MNIST.namedDirectory() } catch { throw CommandFailure(error) }
    // Files that are missing in the cache can be downloaded again.
    if directory == MNIST.cacheDirectory && named == nil { return TestImages(try await source.mnist()) }
    // The user should know: the path comes from the run's file, which somebody else may have written.
    Terminal.note("reading the images of the model's run in \(directory.shown())")
    guard (try? MNIST.File.testImages.path(in: directory)) != nil else {
      let images = TestImages(try await source.mnist())
      Terminal.note(
        "the images of the model's run are no longer in \(directory.shown()): using those of \(images.source.shown())")
      return images
    }
    if let named, named != directory {
      Terminal.note(
        "using the images of the model's run, not those of MNIST_DIR (\(named.shown())); --data-dir selects others")
    }
    return try TestImages(directory: directory)
  }
}

/// Test images and their name.
struct TestImages {
  let name: String
  let source: String
  /// The images, row by row.
  let dataset: SequenceDataset
  /// A remark for results on images that are not MNIST; nil for MNIST.
  let caveat: String?

  /// The test images of a data set.
  init(_ data: DigitData) {
    name = data.name
    source = data.source
    dataset = data.test
    caveat = EvaluationReport.caveat(name: data.name, source: data.source)
  }

  /// The test images in a folder.
  init(directory: String) throws(CommandFailure) {
    do throws(IDXError) {
      let test = try MNIST.testWithNotices(from: directory)
      dataset = test.images
      test.notices.forEach(Terminal.note)
    } catch {
      throw CommandFailure(error)
    }
    name = "test images"
    source = directory
    caveat = nil
  }

  static func builtInDigits(seed: UInt64) -> TestImages {
    TestImages(BuiltInDigits.draw(training: 0, validation: 0, seed: seed))
  }
}

extension TestDataOptions {
  /// The first option that is given; nil if there is none.
  var givenName: String? {
    [
      (digits, "--digits"), (source.dataDir != nil, "--data-dir"), (seed != nil, "--seed"),
      (pixelOrder.chosen != nil, "--pixels or --permute"),
    ].first(where: \.0)?.1
  }
}
