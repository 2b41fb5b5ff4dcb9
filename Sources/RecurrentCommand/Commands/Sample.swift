import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// `recurrent sample`: text that a language model writes.
struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write text with a language model.",
    usage: "recurrent sample <model> [<options>]",
    discussion: """
      The network reads the prime text, then draws one token after the other from the probabilities that it gives. \
      The text goes to standard output as it is made; the same seed gives the same text.
      """)

  @Argument(
    help: ArgumentHelp("A run folder of 'train text', or its model file."), completion: .file(),
    transform: OptionValue.path)
  var model: String

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many tokens to write. (default: 1000)", valueName: "n"),
    transform: OptionValue.count)
  var length = 1000

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Text to read first; by default a line end, or the first token of the vocabulary if it has none.",
      valueName: "text"))
  var prime: String?

  @Option(
    help: ArgumentHelp("File with the text to read first, line ends included; - is standard input.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var primeFile: String?

  @Option(help: ArgumentHelp("The encoding of --prime-file.", valueName: "name"))
  var encoding: TextEncoding = .utf8

  @Flag(help: "Leave out what the vocabulary lacks of the prime text, with a notice, instead of refusing it.")
  var leaveOutUnknown = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Temperature: logits are divided by it; below 1 the text is more predictable, 0 always takes the most probable "
        + "token. (default: 1)", valueName: "x"), transform: OptionValue.amount)
  var temperature: Float = 1

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Draw from the n most probable tokens only.", valueName: "n"),
    transform: OptionValue.count)
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Draw from the most probable tokens that together have this probability.", valueName: "p"),
    transform: OptionValue.fraction)
  var topP: Float?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Seed of the draws. (default: 0)", valueName: "n"),
    transform: OptionValue.seed)
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Report the longest passage that the sample repeats from this text, such as that of training.", valueName: "file"),
    completion: .file(), transform: OptionValue.path)
  var compareWith: String?

  func validate() throws {
    if prime != nil && primeFile != nil {
      throw ValidationError("--prime and --prime-file: found both, expected at most one")
    }
  }

  func run() throws {
    let model = try LanguageModel(model)
    let vocabulary = model.vocabulary
    let start = try primeTokens(vocabulary)
    let reference = try compareWith.map { path throws(CommandFailure) in try tokens(of: path, vocabulary) }
    // From here on Ctrl-C ends the text after a whole character.
    Interruption.listen()
    var writer = try TextWriter(
      model.network, vocabulary: vocabulary,
      sampler: TokenSampler(
        temperature: Double(temperature), topK: topK, topP: topP.map(Double.init) ?? 1, seed: seed))
    try writer.read(start)
    var written = ""
    // Single characters are shown at once on a terminal; elsewhere they are collected.
    var pending = ""
    for _ in 0..<length where !Interruption.isRequested {
      let piece = try writer.next()
      if compareWith != nil { written += piece }
      pending += piece
      if Terminal.showsOutput || pending.utf8.count > 4096 {
        Terminal.writeText(pending)
        pending = ""
        try Terminal.checkOutput()
      }
    }
    let rest = writer.finish()
    written += rest
    Terminal.writeText(pending + rest + "\n")
    if let reference { report(written, reference, vocabulary) }
    if Interruption.isRequested { throw CommandFailure("stopped before the end of the sample", .interrupted) }
  }

  /// The tokens to read first.
  private func primeTokens(_ vocabulary: Vocabulary) throws(CommandFailure) -> [Int] {
    let text: String
    let option: String
    if let prime {
      (text, option) = (prime, "--prime")
    } else if let primeFile {
      do throws(TextError) {
        text =
          try primeFile == "-"
          ? TextSource(bytes: standardInput(), name: "standard input", encoding: encoding).string
          : TextSource(contentsOf: [primeFile], encoding: encoding).string
      } catch { throw CommandFailure(error) }
      option = "--prime-file"
    } else {
      return vocabulary.defaultPrime
    }
    if text.isEmpty { return [] }
    do throws(VocabularyError) { return try vocabulary.encode(text) } catch {
      if !leaveOutUnknown {
        throw CommandFailure("\(option): \(error); --leave-out-unknown leaves them out", .badData)
      }
      Terminal.note("\(option): \(error.found); leaving them out")
      return vocabulary.encodeKnown(text).tokens
    }
  }

  private func standardInput() -> [UInt8] {
    UntrustedFile.start(of: "/dev/stdin", limit: TextSource.largestSize, waits: true) ?? []
  }

  /// The tokens of a text to compare with.
  private func tokens(of path: String, _ vocabulary: Vocabulary) throws(CommandFailure) -> TokenSequence {
    do throws(TextError) {
      return try Text(
        TextSource(contentsOf: [path], encoding: encoding), vocabulary: vocabulary, leavingOutUnknown: true,
        validationFraction: 0
      ).training
    } catch { throw CommandFailure(error) }
  }

  private func report(_ written: String, _ reference: TokenSequence, _ vocabulary: Vocabulary) {
    let sample = vocabulary.encodeKnown(written).tokens
    guard let passage = reference.longestPassage(repeatedBy: sample) else {
      Terminal.note("The sample repeats nothing of the text.")
      return
    }
    let text = vocabulary.decode(reference.tokens[passage.text])
    Terminal.note(
      "The longest passage that the sample repeats has \(quantity(passage.count, vocabulary.unit.rawValue)): "
        + "\"\(text.shown(limit: 200))\"")
  }
}
