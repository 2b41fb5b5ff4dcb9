import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// `recurrent train text`: a language model of a text.
struct TrainText: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract: "Train a language model on your own text.",
    usage: "recurrent train text <file> … [<options>]",
    discussion: """
      The network reads the text token by token and predicts the next one; 'recurrent sample' then writes text. Size, \
      learning rate and number of epochs are by default chosen from the length of the text and --max-minutes, and said. \
      The model with the best validation is kept. Line ends stay as they are; a byte-order mark is left out.

      Losses are in nats per token: divided by ln 2 they are bits.
      """)

  @OptionGroup(title: "Text") var text: TextOptions
  @OptionGroup var options: TrainOptions

  static var recorded: [RecordedOption<Self>] { group(\.text) + group(\.options) }

  /// The text's embedding is the input of the lowest layer; one-hot tokens are read without being multiplied.
  private static let typicalInputSize = 64
  /// For checks before the text is read.
  private static let defaults = defaults(of: TextRecipe(length: 1_000_000))

  private static func defaults(of recipe: TextRecipe) -> TrainingDefaults {
    TrainingDefaults(
      cell: .lstm, hasLayerNorm: true, hiddenSize: recipe.hiddenSize, layers: 1, initializer: .pytorch,
      epochs: recipe.epochs, learningRate: recipe.learningRate, optimizer: .adamw, weightDecay: recipe.weightDecay,
      schedule: .cosine, clipNorm: 1, areForUserData: true, regularization: recipe.regularization)
  }

  func validate() throws {
    if text.files.isEmpty {
      throw ValidationError("found no file, expected one or more text files, or - for standard input")
    }
    if options.layers.bidirectional == true {
      throw ValidationError(
        "--bidirectional: found with a language model, which must not read what it predicts; leave the option out")
    }
    if options.network.from != nil,
      let name =
        ([text.unit.map { _ in "unit" }, text.embedding.map { _ in "embedding" }]
          .compactMap(\.self).first)
    {
      throw ValidationError("--\(name): found with --from, which determines it; leave the option out")
    }
    if text.files == ["-"] && !options.run.sweep.isEmpty {
      throw ValidationError("--sweep: found with standard input, which is read once; expected files")
    }
    if text.growVocabulary && options.network.from == nil {
      throw ValidationError("--grow-vocabulary: found without --from, expected both")
    }
    try options.check(Self.defaults, inputSize: text.embedding ?? Self.typicalInputSize)
  }

  private func recipe(for source: TrainingText) -> TextRecipe {
    var recipe = TextRecipe(
      length: source.source.string.utf8.count, minutes: options.training.maxMinutes.map(Double.init))
    if let window = text.window { recipe.windowSteps = window }
    if let streams = text.streams { recipe.streams = streams }
    if let embedding = text.embedding { recipe.embeddingSize = embedding }
    return recipe
  }

  func resolved(for source: TrainingText?) -> Self {
    var command = self
    guard let source else {
      command.options = options.resolved(Self.defaults)
      return command
    }
    let recipe = recipe(for: source)
    command.options = options.resolved(Self.defaults(of: recipe))
    if options.network.from == nil {
      command.text.unit = text.unit ?? .character
      command.text.embedding = recipe.embeddingSize
    }
    command.text.window = recipe.windowSteps
    command.text.streams = recipe.streams
    return command
  }

  /// The model to start from; nil without --from.
  func start() throws(CommandFailure) -> LanguageModel? {
    guard let from = options.network.from else { return nil }
    return try LanguageModel(from, threads: options.run.threads.pool)
  }

  func source() throws(CommandFailure) -> TrainingText { try TrainingText(text) }

  func run() async throws { try await train() }

  func run(
    on source: TrainingText, from start: LanguageModel?, mode: RunMode, reporter: RunReporter
  ) throws(CommandFailure) {
    let recipe = recipe(for: source)
    let (text, model) = try prepared(source, start)
    let vocabulary = text.vocabulary
    let network = try options.makeNetwork(
      input: .tokens(vocabulary.count, embedding: recipe.embeddingSize), output: .classes(vocabulary.count),
      readout: .everyStep, Self.defaults(of: recipe),
      batch: .init(sequences: recipe.streams, steps: recipe.windowSteps, options: "--streams, --window"),
      alwaysKeepsBest: true
    ) { path throws(CommandFailure) in
      guard let model else { throw CommandFailure("\(path.shown()): was not read", .bug) }
      return model
    }
    let training = options.training
    var loop = TrainingLoop(
      epochs: training.epochs ?? .max, maximumSteps: training.maxSteps,
      options: training.options(keepingBestBy: .loss, alwaysKeepsBest: true))
    let task = TextTask(
      text, source: source, options: self.text, recipe: recipe, learning: options.summary(of: network),
      seed: training.seed)
    if !task.training.hasValidation {
      if let option = options.optionThatNeedsValidation {
        throw CommandFailure("\(option): found with --validation-share 0, expected a part to measure on", .usage)
      }
      loop.options.earlyStopping = nil
    }
    options.schedule(&loop.options, batchesPerEpoch: task.training.plan.count)
    let run = TrainingRun(
      task: task, options: options, recorded: RecordedOptions(of: self), start: network, loop: loop, mode: mode,
      reporter: reporter, input: source.input)
    try run()
  }

  /// The text in tokens, and the model of --from with a token for all of it.
  private func prepared(
    _ source: TrainingText, _ start: LanguageModel?
  ) throws(CommandFailure) -> (Text, SequenceModel?) {
    do {
      guard let start else {
        let text = try Text(
          source.source, unit: text.unit ?? .character, vocabularyLimit: text.vocabularySize,
          validationFraction: Double(text.validationShare))
        return (text, nil)
      }
      var (vocabulary, network) = (start.vocabulary, start.network)
      if text.growVocabulary {
        try vocabulary.grow(by: source.source.string)
        network = network.withTokens(vocabulary.count, seed: options.training.seed)
      }
      return (
        try Text(source.source, vocabulary: vocabulary, validationFraction: Double(text.validationShare)), network
      )
    } catch let error as TextError {
      let advice = start != nil && !text.growVocabulary ? "; --grow-vocabulary adds them to the model's vocabulary" : ""
      let failure = CommandFailure(error)
      throw CommandFailure(failure.message + advice, failure.status)
    } catch {
      throw CommandFailure("\(source.name.shown()): \(error)", .badData)
    }
  }
}
