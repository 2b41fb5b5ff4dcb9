import ArgumentParser
import Recurrent

/// `recurrent evaluate`: loss and accuracy of a model.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model on all test images.",
    usage: "recurrent evaluate <model> [<options>]",
    discussion: """
      The test images are those of the run that made the model, unless options name others. \(DataOptions.searchOrder)
      """)

  @Argument(help: ModelFile.argumentHelp, transform: OptionValue.path)
  var model: String

  @OptionGroup var data: TestDataOptions
  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let network = try ModelFile.read(model, threads: threads.pool)
    let images = try await data.images(forModel: model)
    try ModelFile.check(
      network, path: model, inputSize: images.dataset.inputSize, classCount: images.dataset.classCount)
    Terminal.note("\(images.name) (\(images.source)): \(images.dataset.count.grouped)")
    EvaluationReport.print(network.evaluate(on: images.dataset), caveat: images.caveat)
  }
}
