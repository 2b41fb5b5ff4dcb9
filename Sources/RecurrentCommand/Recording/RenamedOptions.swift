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
  ///   - names: all names found there, without dashes.
  ///   - place: what messages begin with.
  ///   - dashes: what the names begin with there.
  ///   - status: the exit status if an option has both names.
  static func replacements(
    for names: some Sequence<String>, place: String = "", dashes: String = "", status: ExitStatus = .usage
  ) throws(CommandFailure) -> [String: String] {
    let names = Set(names)
    let found = presentNames.filter { names.contains($0.key) }
    for (old, present) in found.sorted(by: { $0.key < $1.key }) {
      if names.contains(present) {
        throw CommandFailure(
          "\(place)found \(dashes)\(old) and \(dashes)\(present), the old and the present name of one option; expected "
            + "\(dashes)\(present) alone", status)
      }
      Terminal.note("\(place)\(dashes)\(old) is now called \(dashes)\(present)")
    }
    return found
  }

  /// The arguments of a training command with present names in place of old ones.
  static func replaced(in arguments: [String]) throws(CommandFailure) -> [String] {
    guard arguments.first == "train" else { return arguments }
    let names = arguments.compactMap { argument in nameRange(in: argument).map { String(argument[$0]) } }
    let found = try replacements(for: names, dashes: "--")
    return arguments.map { argument in
      guard let range = nameRange(in: argument), let present = found[String(argument[range])] else { return argument }
      return argument[..<range.lowerBound] + present + argument[range.upperBound...]
    }
  }

  /// Where the name is in an argument of the form `--name`, `--no-name` or `--name=value`; nil for other arguments.
  private static func nameRange(in argument: String) -> Range<String.Index>? {
    guard let dashes = argument.prefixMatch(of: /--(no-)?/) else { return nil }
    return dashes.range.upperBound..<(argument.firstIndex(of: "=") ?? argument.endIndex)
  }
}
