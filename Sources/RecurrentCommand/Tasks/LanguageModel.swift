import Recurrent
import RecurrentData
import RecurrentSupport

/// A language model: a network that predicts the next token, and its vocabulary, from one file.
struct LanguageModel {
  /// The key of the vocabulary in the file's metadata.
  private static let key = "recurrent.vocabulary"

  let network: SequenceModel
  let vocabulary: Vocabulary

  /// The metadata of a file that holds a vocabulary.
  static func metadata(_ vocabulary: Vocabulary) -> [String: String] {
    // Unit and tokens are strings, which JSON can always hold.
    return [key: require { try JSONText.line(vocabulary) }]
  }

  /// Reads a model; throws if it is not one that reads and predicts the tokens of its vocabulary.
  init(_ path: String, threads: ThreadPool = .shared) throws(CommandFailure) {
    let name = path.shown(limit: 1000)
    let metadata: [String: String]
    (network, metadata) = try ModelFile.readWhole(path, threads: threads)
    guard case .tokens(let count, _) = network.configuration.input, network.configuration.output == .classes(count),
      network.configuration.readout == .everyStep, !network.layers.contains(where: \.readsInReverse)
    else {
      throw CommandFailure(
        "\(name): found a model of another kind (\(network.configuration)), expected one of text, as 'train text' makes "
          + "it", .badData)
    }
    guard let text = metadata[Self.key] else {
      throw CommandFailure(
        "\(name): found no vocabulary (\(Self.key)) in the file's metadata, expected one, as 'train text' writes it",
        .badData)
    }
    do { vocabulary = try UntrustedFile.decode(Vocabulary.self, from: Array(text.utf8)) } catch {
      throw CommandFailure(
        "\(name): found a vocabulary that cannot be read (\(error)), expected one as 'train text' writes it", .badData)
    }
    guard vocabulary.count == count else {
      throw CommandFailure(
        "\(name): found a vocabulary of \(quantity(vocabulary.count, "token")), expected \(count), as the network reads",
        .badData)
    }
  }
}
