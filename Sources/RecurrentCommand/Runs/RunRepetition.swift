import ArgumentParser
import RecurrentData
import RecurrentSupport

/// `--config`: the options of an earlier run, before the typed ones, which take precedence.
struct RunRepetition {
  /// The entries of a configuration that are read.
  private struct File: Decodable {
    struct Data: Decodable {
      let source: String
    }

    let version: String?
    let task: String
    let data: Data?
    var options: RecordedOptions
    /// The number of steps that --max-minutes came to.
    let stepLimit: Int?
    /// The axes of a sweep, as typed.
    let sweep: [String]?
  }

  /// The options of a file that name files or folders to read.
  private static let readPaths: Set = ["data-dir", "from", "files", "test"]

  private let path: String
  private var file: File

  /// The arguments, with those of the file that `--config` names; plain `train` becomes the command of the earlier run.
  static func expanded(_ arguments: [String]) throws(CommandFailure) -> [String] {
    guard arguments.first == "train", arguments.count > 2, let path = path(in: arguments.dropFirst(2)), !path.isEmpty
    else {
      return arguments
    }
    return try RunRepetition(path).arguments(task: arguments[1], typed: Array(arguments.dropFirst(2)))
  }

  /// The command of the run or the sweep in a folder, to go on with it.
  static func command(resuming folder: String) throws(CommandFailure) -> any TrainingCommand {
    let sweep = folder + "/" + SweepPlan.fileName
    let repetition = try RunRepetition(RunFolder.isThere(sweep) ? sweep : folder)
    let version = repetition.file.version ?? "unknown"
    if version != RootCommand.version {
      Terminal.note(
        "\(repetition.path.shown()): begun by version \(version.shown()) of this program, which is \(RootCommand.version): "
          + "results may differ from those of an unbroken run")
    }
    var arguments = try repetition.arguments(task: repetition.file.task, typed: [])
    arguments += (repetition.file.sweep ?? []).map { "--sweep=" + $0 }
    do {
      if let command = try RootCommand.parseAsRoot(arguments) as? any TrainingCommand { return command }
    } catch {
      throw CommandFailure(
        "\(repetition.path.shown()): \(ArgumentCheck.inOneLine(RootCommand.message(for: error)))", .badData)
    }
    throw CommandFailure("\(repetition.path.shown()): found no training, expected a run", .badData)
  }

  /// The value of the last `--config`; nil if there is none, if its value is missing, or with --help.
  private static func path(in arguments: ArraySlice<String>) -> String? {
    let option = "--config"
    if arguments.contains("--help") || arguments.contains("-h") { return nil }
    if let joined = arguments.last(where: { $0.hasPrefix(option + "=") }) {
      return String(joined.dropFirst(option.count + 1))
    }
    guard let index = arguments.lastIndex(of: option), index + 1 < arguments.endIndex else { return nil }
    return arguments[index + 1]
  }

  /// Reads a configuration, or that of the run in a folder, and replaces old names of options.
  private init(_ path: String) throws(CommandFailure) {
    self.path = ModelFile.isFolder(path) ? path + "/config.json" : path
    let found: File?
    do {
      found = try UntrustedFile.json(File.self, at: self.path, waits: true)
    } catch {
      throw Self.failure(self.path, error)
    }
    guard let found else {
      throw CommandFailure(
        "\(self.path.shown()): found no such file, expected the config.json of a run, or its folder", .missingInput)
    }
    file = found
    _ = try RenamedOptions.replacements(
      for: found.options.names, place: "\(self.path.shown()): ", status: .badData)
    file.options.replaceOldNames()
  }

  /// The arguments of the repeated run.
  private func arguments(task: String, typed: [String]) throws(CommandFailure) -> [String] {
    let tasks = Train.configuration.subcommands.filter { $0.configuration.shouldDisplay }
    guard let command = tasks.first(where: { $0._commandName == file.task }) as? any TrainingCommand.Type else {
      let names = ArgumentCheck.list(tasks.map { $0._commandName })
      throw fault("task", "found '\(file.task.shown())', expected \(names)")
    }
    guard task == file.task || task == TrainBest._commandName else {
      throw fault(
        "task", "found '\(file.task)', expected '\(task)' as the command says; leave the task out of the command")
    }
    return ["train", file.task] + (try recorded(for: command, typed: typed)) + typed
  }

  /// The arguments from the file, without the options that are typed.
  private func recorded<Command: TrainingCommand>(
    for type: Command.Type, typed: [String]
  ) throws(CommandFailure) -> [String] {
    let known = Command.recorded
    var typedNames = Set(known.filter { typed.contains(where: $0.isNamed) }.map(\.name))
    // Values without a name are found by the parser alone.
    if let parsed = try? type.parse(typed) {
      typedNames.formUnion(known.filter { $0.syntax == .positional && $0.value(in: parsed) != nil }.map(\.name))
    }
    if typedNames.contains("from") { typedNames.formUnion(TrainOptions.replacedByModel) }
    var (arguments, all): ([String], [String]) = ([], [])
    var options = file.options
    // To the same bits, the run is limited by the number of steps, whatever the speed of this machine.
    if let limit = file.stepLimit, !typedNames.contains("max-minutes"), !typedNames.contains("max-steps") {
      options["max-minutes"] = nil
      options["max-steps"] = .whole(UInt64(max(1, limit)))
    }
    var paths: [(name: String, path: String)] = []
    for name in options.names {
      // A file that somebody else has written must not decide where this run writes.
      if RunOptions.unrecorded.contains(name) {
        throw fault(
          "options.\(name)", "found an option that no run records, expected --\(name) on the command line only")
      }
      guard let option = known.first(where: { $0.name == name }), let value = options[name] else {
        let suggestion = ArgumentCheck.suggestion(for: name, among: known.map(\.name))
        throw fault("options.\(name)", "found an option that 'train \(file.task)' does not have" + suggestion)
      }
      if let expected = option.mismatch(with: value) {
        throw fault("options.\(name)", "found \(value.text.shown()), expected \(expected)")
      }
      let words = option.arguments(for: value)
      all += words
      if typedNames.contains(name) { continue }
      arguments += words
      if Self.readPaths.contains(name) { paths.append((option.syntax == .positional ? name : "--" + name, value.text)) }
    }
    try check(all, for: type)
    // Images that were found without --data-dir are read from the same folder again, if it still exists.
    if known.contains(where: { $0.name == "data-dir" }), !typedNames.contains("data-dir"),
      file.options["data-dir"] == nil, let source = file.data?.source,
      (try? MNIST.File.trainingImages.path(in: source)) != nil
    {
      arguments.append("--data-dir=\(source)")
      paths.append(("--data-dir", source))
    }
    for (name, path) in paths {
      Terminal.note("\(self.path.shown()): reading \(name) \(path.shown())")
    }
    return arguments
  }

  /// Throws if the options of the file are not valid, and names the one that is not.
  private func check<Command: TrainingCommand>(
    _ arguments: [String], for type: Command.Type
  ) throws(CommandFailure) {
    let failure: any Error
    do {
      _ = try type.parse(arguments)
      return
    } catch { failure = error }
    // Some options are valid only with others: the invalid one is that without which the rest is valid.
    let culprit = file.options.names.first { name in
      guard let option = Command.recorded.first(where: { $0.name == name }) else { return false }
      return (try? type.parse(arguments.filter { !option.isNamed(by: $0) })) != nil
    }
    throw fault(culprit.map { "options.\($0)" } ?? "options", ArgumentCheck.inOneLine(type.message(for: failure)))
  }

  private func fault(_ key: String, _ message: String) -> CommandFailure {
    CommandFailure("\(path.shown()): key '\(key.shown())': \(message.shown(limit: 600))", .badData)
  }

  /// The failure for a file that could not be decoded.
  private static func failure(_ path: String, _ error: any Error) -> CommandFailure {
    var keys: [any CodingKey] = []
    var found = "a value of another type"
    switch error {
    case let fault as UntrustedFile.Fault:
      return CommandFailure("\(path.shown()): \(fault.found), expected the config.json of a run", .badData)
    case DecodingError.keyNotFound(let key, let context): (keys, found) = (context.codingPath + [key], "nothing")
    case DecodingError.valueNotFound(_, let context): (keys, found) = (context.codingPath, "null")
    case DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context):
      keys = context.codingPath
    default: break
    }
    let name = keys.map(\.stringValue).joined(separator: ".")
    let expected: String
    switch name {
    case "": return CommandFailure("\(path.shown()): found no JSON object, expected the config.json of a run", .badData)
    case "task": expected = "the name of a task, such as \"mnist\""
    case "data": expected = "an object"
    case "data.source": expected = "a string"
    case "options": expected = "an object of options by their long names"
    default: expected = "a number, a string, true, false or a list of these"
    }
    return CommandFailure("\(path.shown()): key '\(name.shown())': found \(found), expected \(expected)", .badData)
  }
}
