import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// `recurrent evaluate`: loss and accuracy of a model.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure loss and accuracy of a model on all test images.",
    usage: "recurrent evaluate <model> [<options>]",
    discussion: """
      The test images and the order of their pixels are by default those of the run that trained the model. \
      \(DataOptions.searchOrder)
      """)

  @Argument(help: ModelFile.argumentHelp, completion: .file(), transform: OptionValue.path)
  var model: String

  @OptionGroup var options: ModelOptions
  @OptionGroup var data: TestDataOptions
  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let network = try options.read(model, threads: threads.pool)
    let images = try await data.images(forModel: model)
    let order = data.order(forModel: model)
    let sequences = order(images.dataset)
    try ModelFile.check(network, path: model, inputSize: sequences.inputSize, classCount: sequences.classCount)
    if sequences.count == 0 {
      throw CommandFailure("\(images.source.shown()): found no test images, expected at least 1", .badData)
    }
    Terminal.note("\(images.name) (\(images.source.shown())): \(images.dataset.count.grouped)" + order.remark)
    let evaluation = require { try network.evaluate(on: sequences) }
    EvaluationReport.print(evaluation, caveat: images.caveat)
  }
}
