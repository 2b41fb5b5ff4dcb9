import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// `recurrent evaluate`: loss and accuracy of a model.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure loss and accuracy of a model on test images, a text, time series or a task.",
    usage: "recurrent evaluate <model> [<options>]",
    discussion: """
      The test images and the order of their pixels are by default those of the run that trained the model. \
      \(DataOptions.searchOrder)

      A model of text is measured on the files of --text: how well it predicts each token from those before it.

      A model of a task is measured with --task: how its accuracy depends on the length of the sequences.

      A model of time series is measured on the file of --series.
      """)

  @Argument(help: ModelFile.argumentHelp, completion: .file(), transform: OptionValue.path)
  var model: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Text files to measure a language model on, in this order.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var text: [String] = []

  @Option(help: ArgumentHelp("The encoding of the files of --text.", valueName: "name"))
  var encoding: TextEncoding = .utf8

  @Flag(help: "Leave out what the vocabulary lacks of the text, with a notice, instead of refusing it.")
  var leaveOutUnknown = false

  @OptionGroup var task: TaskTestOptions

  @OptionGroup(title: "Series") var series: EvaluatedSeries

  @OptionGroup var options: ModelOptions
  @OptionGroup var data: TestDataOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    try validateTask()
    try series.check(data, options, hasText: !text.isEmpty)
    if text.isEmpty {
      if leaveOutUnknown { throw ValidationError("--leave-out-unknown: found without --text, expected both") }
      return
    }
    if let other = data.givenName ?? options.activation.map({ _ in "--activation" }) {
      throw ValidationError("--text: found with \(other), expected one of them")
    }
  }

  /// Throws if an option is given that a task does not have.
  private func validateTask() throws {
    // A task's sequences have a seed, too.
    let ofImages = data.givenName == "--seed" ? nil : data.givenName
    let other = text.isEmpty ? ofImages ?? options.activation.map { _ in "--activation" } : "--text"
    if task.task, let other { throw ValidationError("--task: found with \(other), expected one of them") }
  }

  func run() async throws {
    if task.task { return try task.evaluate(model, seed: data.seed, threads: threads.pool) }
    if let file = series.series { return try series.evaluate(file, model: model, threads: threads.pool) }
    try text.isEmpty ? await evaluateOnImages() : evaluateOnText()
  }

  private func evaluateOnText() throws(CommandFailure) {
    let model = try LanguageModel(model, threads: threads.pool)
    let text: Text
    do throws(TextError) {
      text = try Text(
        TextSource(contentsOf: self.text, encoding: encoding), vocabulary: model.vocabulary,
        leavingOutUnknown: leaveOutUnknown, validationFraction: 0)
    } catch {
      let failure = CommandFailure(error)
      throw leaveOutUnknown || error.isMissing
        ? failure : CommandFailure(failure.message + "; --leave-out-unknown leaves them out", failure.status)
    }
    if !text.leftOut.isEmpty { Terminal.note("left out: \(text.leftOut.map(\.count).reduce(0, +).grouped) tokens") }
    let unit = model.vocabulary.unit
    Terminal.note("\(self.text.joined(separator: ", ").shown()): \(text.training.tokens.count.grouped) \(unit.plural)")
    let result = require { try Text.measure(model.network, on: text.training) }
    Terminal.print(
      "Loss: \(LanguageScore(natsPerToken: result.loss, charactersPerToken: text.training.charactersPerToken))")
    Terminal.print(
      "Accuracy: \(result.accuracy.sixDigits)  (\(result.correct.grouped) of \(result.count.grouped))")
  }

  private func evaluateOnImages() async throws {
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
