import ArgumentParser
import RecurrentSupport

/// Mistakes in arguments that the parser would misinterpret, and suggestions for its messages.
enum ArgumentCheck {
  /// What is wrong with the arguments; nil if nothing is.
  static func fault(in arguments: [String]) -> String? {
    subcommandFault(in: arguments) ?? indexFault(in: arguments)
  }

  /// An unknown subcommand, which the parser would call an unexpected argument.
  private static func subcommandFault(in arguments: [String]) -> String? {
    var command: any ParsableCommand.Type = RootCommand.self
    var path = ""
    // The name of a command follows 'help'.
    for argument in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
      let subcommands = command.configuration.subcommands
      if subcommands.isEmpty || argument.hasPrefix("-") { return nil }
      if let next = subcommands.first(where: { $0._commandName == argument }) {
        command = next
        path += (path.isEmpty ? "" : " ") + argument
        continue
      }
      let names = subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
      let prefix = path.isEmpty ? "" : path + ": "
      return "\(prefix)found the subcommand '\(argument.shown())', expected \(list(names))"
        + suggestion(for: argument, among: names)
    }
    return nil
  }

  /// A negative index, which the parser would take for an option, because any number of indices may follow `--index`.
  private static func indexFault(in arguments: [String]) -> String? {
    guard let option = arguments.firstIndex(of: "--index") else { return nil }
    let next = arguments[(option + 1)...].first { $0.hasPrefix("-") }
    guard let next, Int(next) != nil else { return nil }
    return "--index: found \(next), expected whole numbers of at least 0"
  }

  /// The message on an unknown option, with the options that it is a prefix of; the parser suggests only corrections.
  static func withSuggestion(_ message: String, for arguments: [String]) -> String {
    guard let match = message.prefixMatch(of: /Unknown option '(--[a-z][a-z-]*)'/) else { return message }
    var command: any ParsableCommand.Type = RootCommand.self
    for argument in arguments {
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == argument }) else { break }
      command = next
    }
    let names = command.helpMessage().matches(of: /--[a-z][a-z-]*/).map { String($0.0) }
    let candidates = Set(names.filter { $0.hasPrefix(match.1) }).sorted()
    if candidates.isEmpty || candidates.count > 4 { return message }
    return match.0 + ". Did you mean \(list(candidates.map { "'\($0)'" }))?"
  }

  /// What to add to the message on an unknown word: the known word that is similar, if there is one.
  static func suggestion(for word: String, among names: [String]) -> String {
    // A file may hold a word of any length, and the distance is at least that of the lengths.
    let length = word.count
    let nearest = names.filter { abs($0.count - length) <= 2 }.min { distance($0, word) < distance($1, word) }
    return nearest.flatMap { distance($0, word) <= 2 ? "; did you mean '\($0)'?" : nil } ?? ""
  }

  /// The parser's message, with a list of values in the same line.
  static func inOneLine(_ message: String) -> String {
    let lines = message.split(separator: "\n").map { $0.drop { $0 == " " } }
    let values = lines.filter { $0.hasPrefix("- ") }.map { "'\($0.dropFirst(2))'" }
    guard let first = lines.first, !values.isEmpty, first.hasSuffix(" the following:") else { return message }
    return first.dropLast("the following:".count) + list(values) + "."
  }

  static func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }

  /// The optimal string alignment distance: how many letters have to be inserted, deleted, substituted or transposed to
  /// turn one word into the other.
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
