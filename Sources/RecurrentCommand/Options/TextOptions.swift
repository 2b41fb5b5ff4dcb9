import ArgumentParser
import Recurrent
import RecurrentData

extension Vocabulary.Unit: ExpressibleByArgument, RecordableValue {}
extension TextEncoding: ExpressibleByArgument, RecordableValue {}

/// The text of a language model, and how it is cut into tokens and windows.
struct TextOptions: RecordableArguments {
  /// The share of the text that is measured on and not learned from.
  private static let defaultShare: Float = 0.1

  @Argument(
    help: ArgumentHelp("Text files, in this order; - is standard input.", valueName: "file"), completion: .file(),
    transform: OptionValue.path)
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "What a token is: a character (with all its accents: an extended grapheme cluster), a Unicode scalar, a byte of "
        + "UTF-8, or a word; by default character, or that of --from.", valueName: "unit"))
  var unit: Vocabulary.Unit?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most tokens of a vocabulary of words; rarer words are spelled. (default: all words)", valueName: "n"),
    transform: OptionValue.count)
  var vocabularySize: Int?

  @Flag(
    inversion: .prefixedNo, help: "With --from, add the tokens of the text that the model's vocabulary lacks.")
  var growVocabulary = false

  @Option(help: ArgumentHelp("The encoding of the files.", valueName: "name"))
  var encoding: TextEncoding = .utf8

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The last part of the text, which is measured on and not learned from. (default: \(defaultShare))",
      valueName: "share"), transform: OptionValue.probability)
  var validationShare = defaultShare

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Tokens of a window of truncated backpropagation; by default 64.", valueName: "n"),
    transform: OptionValue.count)
  var window: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Parts of the text that are read side by side; by default 32.", valueName: "n"),
    transform: OptionValue.count)
  var streams: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Features of a token's embedding; by default 64, or those of --from.", valueName: "n"),
    transform: OptionValue.count)
  var embedding: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens of the sample that is shown at each validation; 0 for none. (default: 200)", valueName: "n"),
    transform: OptionValue.index)
  var sample = 200

  static var recorded: [RecordedOption<Self>] {
    [
      .positional("files", \.files),
      .init("unit", \.unit),
      .init("vocabulary-size", \.vocabularySize),
      .init("grow-vocabulary", \.growVocabulary),
      .init("encoding", \.encoding),
      .init("validation-share", \.validationShare),
      .init("window", \.window),
      .init("streams", \.streams),
      .init("embedding", \.embedding),
      .init("sample", \.sample),
    ]
  }

  func validate() throws {
    if vocabularySize != nil && unit != .word {
      throw ValidationError("--vocabulary-size: found without --unit word, expected both")
    }
    if files.contains("-") && files.count > 1 {
      throw ValidationError("-: found with other files, expected standard input or files")
    }
  }
}
