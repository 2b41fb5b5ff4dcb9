/// Options that had another name in earlier versions; the old names still work, with a notice.
enum RenamedOptions {
  /// The present names by the old ones, without dashes.
  static let presentNames = [
    "coupled-gates": "coupled-input-forget",
    "input-clip": "preactivation-clip",
    "norm-epsilon": "layer-norm-epsilon",
  ]

  /// The old names among those found in one place, with their present names; prints a notice for each.
  ///
  /// - Parameters:
  ///   - names: all names found there.
  ///   - source: what messages begin with.
  ///   - dashes: what the names begin with there.
  ///   - status: the exit status if an option has both names.
  static func replacements(
    for names: some Sequence<String>, source: String = "", dashes: String = "", status: ExitStatus = .usage
  ) throws(CommandFailure) -> [String: String] {
    let names = Set(names)
    let found = presentNames.filter { names.contains($0.key) }
    for (old, present) in found.sorted(by: { $0.key < $1.key }) {
      let (old, present) = (dashes + old, dashes + present)
      if names.contains(present.dropFirst(dashes.count).description) {
        throw CommandFailure(
          "\(source)found \(old) and \(present), the old and the present name of one option; expected \(present) alone",
          status)
      }
      Terminal.note("\(source)\(old) is now called \(present)")
    }
    return found
  }

  /// The arguments of a training command with present names in place of old ones.
  static func replaced(in arguments: [String]) throws(CommandFailure) -> [String] {
    guard arguments.first == "train" else { return arguments }
    let words = arguments.map(OptionWord.init)
    let found = try replacements(for: words.compactMap { $0?.name }, dashes: "--")
    return zip(arguments, words).map { argument, word in
      guard var word, let present = found[word.name] else { return argument }
      word.name = present
      return word.text
    }
  }

  /// An argument of the form `--name`, `--no-name` or `--name=value`.
  private struct OptionWord {
    private let start: Substring
    var name: String
    private let end: Substring

    init?(_ argument: String) {
      guard let match = argument.wholeMatch(of: /(--(?:no-)?)([^=]+)(.*)/.dotMatchesNewlines()) else { return nil }
      (start, name, end) = (match.1, String(match.2), match.3)
    }

    var text: String { start + name + end }
  }
}
