import Recurrent
import RecurrentData
import RecurrentSupport

/// A language model of a text: a network that predicts each token from those before it.
struct TextTask: RunTask {
  let kind = TaskKind.text
  let training: TextTrainingData
  private let source: TrainingText
  private let sampleLength: Int
  private let seed: UInt64
  /// How long the network learns, what it consists of, and by which rule, in words.
  private let learning: String

  private var text: Text { training.text }

  init(
    _ text: Text, source: TrainingText, options: TextOptions, recipe: TextRecipe, learning: String, seed: UInt64
  ) {
    self.source = source
    training = TextTrainingData(text, steps: recipe.windowSteps, streams: recipe.streams, seed: seed)
    sampleLength = options.sample
    self.seed = seed
    self.learning = learning
  }

  var unit: CountedUnit { CountedUnit(name: text.vocabulary.unit.plural, perSequence: training.plan.steps) }
  var metadata: [String: String] { LanguageModel.metadata(text.vocabulary) }
  var curves: RunCurves {
    RunCurves(
      lossUnit: "cross-entropy in nats per \(text.vocabulary.unit.rawValue)",
      remark: "Text: \(source.nameInPictures).")
  }

  var record: RunConfiguration.Data {
    .init(
      name: TrainingText.dataName, source: source.identity?.source ?? "", trainingCount: text.training.tokens.count,
      validationCount: text.validation.tokens.count, testCount: text.validation.tokens.count,
      checksum: source.source.checksum)
  }

  var summary: [String] {
    let unit = text.vocabulary.unit.plural
    var lines = [
      "\(source.name.shown()): \(text.training.tokens.count.grouped) \(unit) to learn from, the last "
        + "\(text.validation.tokens.count.grouped) for validation, \(text.vocabulary.count.grouped) different ones"
    ]
    lines += ["\(training.plan)", learning]
    if text.crlfCount > 0 {
      lines.append(
        "\(quantity(text.crlfCount, "line")) end with CR LF, as in files from Windows; the network learns to write them"
      )
    }
    return lines
  }

  func text(of batch: SequenceModel.StepResult) -> String {
    "Minibatch loss: \(batch.loss.sixDigits)  Accuracy: \(batch.accuracy.sixDigits)"
  }

  func text(of validation: SequenceModel.Evaluation) -> String {
    validation.count == 0 ? "Validation no text" : "Validation: \(score(validation))"
  }

  func text(ofBest validation: SequenceModel.Evaluation) -> String { "loss is \(validation.loss.sixDigits) nats" }

  private func score(_ evaluation: SequenceModel.Evaluation) -> LanguageScore {
    LanguageScore(
      natsPerToken: evaluation.loss, charactersPerToken: text.validation.charactersPerToken)
  }

  /// Shows what the network writes, always from the same beginning and with the same random numbers.
  func look(at network: SequenceModel, steps: Int, log: TrainingLog) throws(CommandFailure) {
    if sampleLength == 0 { return }
    var writer = try TextWriter(
      network, vocabulary: text.vocabulary, sampler: TokenSampler(temperature: 0.8, seed: seed))
    try writer.read(text.vocabulary.defaultPrime)
    var sample = ""
    for _ in 0..<sampleLength { sample += try writer.next() }
    sample += writer.finish()
    try log.folder.log(.sample(steps: steps, text: sample))
    log.reporter.print("Sample:")
    for line in sample.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      log.reporter.print("  " + line)
    }
  }

  /// Measures the kept network on the validation part: there is no other text.
  func test(_ network: SequenceModel, log: TrainingLog) throws(CommandFailure) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = require { try training.evaluate(network) }
    let score = score(result)
    try log.folder.log(
      .test(
        result,
        measures: [
          "bitsPerCharacter": score.bitsPerCharacter, "natsPerCharacter": score.natsPerCharacter,
          "perplexity": score.perplexity,
        ], milliseconds: (clock.now - start).milliseconds))
    log.reporter.print()
    log.reporter.print(
      result.count == 0
        ? "There is no text to measure on: --validation-share is 0."
        : "Validation of the kept model: \(score)")
  }
}
