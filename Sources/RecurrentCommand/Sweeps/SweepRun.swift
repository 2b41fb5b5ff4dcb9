import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// One run of a sweep: a combination of values, and its folder.
struct SweepRun<Command: TrainingCommand> {
  /// The command with these values.
  private(set) var command: Command
  let folder: String
  /// Whether its folder holds the beginning of the run.
  private(set) var hasBegun = false
  /// Whether its folder holds the finished run.
  private(set) var isComplete = false

  /// The name of the run in messages.
  let title: String
  /// The options and their values, as typed.
  private let texts: [String]
  /// All options that affect its result; with a source, their defaults that depend on it included.
  func options(for source: Command.Source? = nil) -> RecordedOptions {
    RecordedOptions(of: command.resolved(for: source))
  }

  /// The run of a command with other values of some options.
  init(
    _ command: Command, values: [(name: String, value: String)], folder: String
  ) throws(CommandFailure) {
    let pairs = values.map { "\($0.name)=\($0.value)" }
    title = pairs.joined(separator: " ").shown()
    texts = pairs
    // Escapes keep the folders of different combinations different.
    let name = pairs.joined(separator: ",").replacing("%", with: "%25").replacing("/", with: "%2F")
    self.folder = folder + "/" + name
    var options = RecordedOptions(of: command)
    for (name, text) in values {
      if Command.recorded.contains(where: { $0.name == name && $0.syntax == .flag }) {
        guard let isSet = Bool(text) else {
          throw CommandFailure("--sweep \(name): found '\(text.shown())', expected true or false", .usage)
        }
        options[name] = .flag(isSet)
      } else {
        options[name] = .text(text)
      }
    }
    do {
      self.command = try Command.parse(options.arguments(for: Command.self))
    } catch {
      throw CommandFailure("--sweep \(title): \(ArgumentCheck.inOneLine(Command.message(for: error)))", .usage)
    }
    self.command.options.run.threads = command.options.run.threads
    self.command.options.run.checkpointEvery = command.options.run.checkpointEvery
    self.command.options.run.runDir = self.folder
  }

  /// Throws if two runs are the same, with values that are written in different ways.
  static func checkAreDifferent(_ runs: [SweepRun]) throws(CommandFailure) {
    var known: [RecordedOptions: SweepRun] = [:]
    for run in runs {
      guard let twin = known.updateValue(run, forKey: run.options()) else { continue }
      let pairs = zip(twin.texts, run.texts).filter { $0 != $1 }
      let first = pairs.map(\.0).joined(separator: " ").shown()
      let second = pairs.map(\.1).joined(separator: " ").shown()
      throw CommandFailure(
        "--sweep: found \(first) and \(second), which are the same run; expected each value once", .usage)
    }
  }

  /// Looks for the same run on the same data in the folder.
  ///
  /// - Throws: a failure if the folder holds another run, which must not be overwritten.
  mutating func findEarlierRun(on source: Command.Source) throws(CommandFailure) {
    guard let name = RunFolder.names.first(where: { RunFolder.isThere(folder + "/" + $0) }) else { return }
    let model = folder + "/" + ModelFile.name
    let found = RunConfiguration.forModel(model)
    if let difference = found.map({ difference($0, source) }) ?? "\(name) and no readable configuration" {
      throw CommandFailure(
        "\(folder.shown()): found a run with \(difference); name another folder with --run-dir, or move the run away",
        .cannotCreate)
    }
    hasBegun = true
    isComplete = RunResult.isComplete(folder)
  }

  /// What differs between an earlier run and this one; nil if nothing does.
  private func difference(_ found: RunConfiguration, _ source: Command.Source) -> String? {
    func differ(_ name: String, _ found: String?, _ expected: String?) -> String? {
      found == expected
        ? nil : "\(name.shown()) \((found ?? "not set").shown()), expected \((expected ?? "not set").shown())"
    }
    if let other = differ("version", found.version, RootCommand.version) { return other }
    if let other = differ("task", found.task, source.kind.rawValue) { return other }
    if let data = source.identity {
      if let other = differ("data", found.data.name, data.name) { return other }
      if let other = differ("data of", found.data.source, data.source) { return other }
    }
    let options = options(for: source)
    // Where the data are from has been compared, however it was said.
    for name in Set(options.names + found.options.names).sorted() where name != "data-dir" {
      if let other = differ("--" + name, found.options[name]?.text, options[name]?.text) { return other }
    }
    return nil
  }
}
