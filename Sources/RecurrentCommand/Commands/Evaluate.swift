import ArgumentParser
import Recurrent
import RecurrentData

/// `recurrent evaluate`
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model on all test images.",
    discussion: "The model is a run folder or a safetensors file, ours or PyTorch's.")

  @Argument(help: "The model: a run folder, or a safetensors file.")
  var model: String

  @OptionGroup var data: TestDataOptions
  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let network = try ModelFile.read(model, threads: threads.pool)
    let (name, test) = try await data.test()
    try ModelFile.check(network, path: model, inputSize: test.inputSize, classCount: test.classCount)
    Terminal.note("\(name): \(test.count.grouped) test images")
    EvaluationReport.print(network.evaluate(on: test))
  }
}

/// Which test images a model is tried on.
struct TestDataOptions: ParsableArguments {
  @OptionGroup var source: DataOptions

  @Flag(help: "Use the built-in digits instead of files.")
  var digits = false

  @Option(help: "Seed of the built-in digits.")
  var seed: UInt64 = 0

  func validate() throws {
    if digits && source.dataDir != nil {
      throw ValidationError("--digits and --data-dir: found both, expected at most one")
    }
  }

  /// The test images and what they are called.
  func test() async throws(CommandFailure) -> (name: String, SequenceDataset) {
    if digits {
      let drawn = BuiltInDigits.draw(training: 0, validation: 0, seed: seed)
      return (drawn.name, drawn.test)
    }
    if let directory = source.dataDir {
      do throws(IDXError) { return (directory, try MNIST.loadTest(from: directory)) } catch {
        throw CommandFailure(error)
      }
    }
    let data = try await source.best(seed: seed).data
    return (data.name, data.test)
  }
}
