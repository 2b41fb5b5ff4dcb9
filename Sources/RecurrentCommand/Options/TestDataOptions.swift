import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

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
    if seed != nil && source.dataDir != nil {
      throw ValidationError("--seed: found it beside --data-dir, expected it with built-in digits only")
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
    if let run, run.task == TrainingTask.mnist.rawValue { return try await images(of: run.data) }
    guard let data = try await source.mnistIfAtHand() else { return .builtInDigits(seed: seed ?? 0) }
    return TestImages(data)
  }

  /// The test images of the folder that a run learned from, unless it is gone by now.
  private func images(of data: RunConfiguration.Data) async throws(CommandFailure) -> TestImages {
    let directory = data.source
    // A folder that the user names and that is not there is a mistake, even if another one would do.
    let named: String?
    do throws(IDXError) { named = try MNIST.namedDirectory() } catch { throw CommandFailure(error) }
    // What the cache lacks can be fetched again.
    if directory == MNIST.cacheDirectory && named == nil { return TestImages(try await source.mnist()) }
    // The path comes from the run's file, which may be a stranger's.
    Terminal.note("reading the images of the model's run in \(directory.shown())")
    guard (try? MNIST.File.testImages.path(in: directory)) != nil else {
      let images = TestImages(try await source.mnist())
      Terminal.note(
        "the images of the model's run are no longer in \(directory.shown()): taking those of \(images.source.shown())")
      return images
    }
    if let named, named != directory {
      Terminal.note(
        "taking the images of the model's run, not those of MNIST_DIR (\(named.shown())); --data-dir chooses others")
    }
    return try TestImages(directory: directory)
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
