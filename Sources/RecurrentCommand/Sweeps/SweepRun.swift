import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport
/// One run of a sweep: a combination of values, and the folder of its own.
struct SweepRun<Command: TrainingCommand> {
  /// What is to be run.
  private(set) var command: Command
  let folder: String
  /// Whether the run has taken place before.
  private(set) var isComplete = false

  /// What the run is called.
  let title: String
  /// The options and their values as they were typed.
  private let texts: [String]
  /// Everything that decides its result.
  var options: RecordedOptions { RecordedOptions(of: command.resolved) }

  /// A run of a command with some options in place of its own.
  ///
  /// - Parameter known: the options that the command has.
  init(
    _ command: Command, values: [(name: String, value: String)], known: [CommandOption], folder: String
  ) throws(CommandFailure) {
    let pairs = values.map { "\($0.name)=\($0.value)" }
    title = pairs.joined(separator: " ").shown()
    texts = pairs
    // No two combinations share a folder, whatever is in their values.
    let name = pairs.joined(separator: ",").replacing("%", with: "%25").replacing("/", with: "%2F")
    self.folder = folder + "/" + name
    var options = RecordedOptions(of: command)
    for (name, text) in values {
      if known.contains(where: { $0.name == name && $0.isFlag }) {
        guard let isSet = Bool(text) else {
          throw CommandFailure("--sweep \(name): found '\(text.shown())', expected true or false", .usage)
        }
        options[name] = .flag(isSet)
      } else {
        options[name] = .text(text)
      }
    }
    do {
      self.command = try Command.parse(try options.arguments(for: Command.self))
    } catch {
      throw CommandFailure("--sweep \(title): \(ArgumentCheck.inOneLine(Command.message(for: error)))", .usage)
    }
    self.command.options.output.threads = command.options.output.threads
    self.command.options.output.runDir = self.folder
  }

  /// Refuses runs that are one and the same, though their values are written in different ways.
  static func checkAreDifferent(_ runs: [SweepRun]) throws(CommandFailure) {
    var known: [RecordedOptions: SweepRun] = [:]
    for run in runs {
      guard let twin = known.updateValue(run, forKey: run.options) else { continue }
      let pairs = zip(twin.texts, run.texts).filter { $0 != $1 }
      let first = pairs.map(\.0).joined(separator: " ").shown()
      let second = pairs.map(\.1).joined(separator: " ").shown()
      throw CommandFailure(
        "--sweep: found \(first) and \(second), which are the same; expected each value once", .usage)
    }
  }

  /// Finds out whether the run has taken place before, on these images.
  ///
  /// - Throws: where another run lies in its folder, which is not to be lost.
  mutating func findEarlierRun(on images: TrainingImages) throws(CommandFailure) {
    guard let name = RunFolder.names.first(where: { RunFolder.isThere(folder + "/" + $0) }) else { return }
    let model = folder + "/" + ModelFile.name
    let found = RunConfiguration.beside(model)
    if let difference = found.map({ difference($0, images) }) ?? "\(name) and no configuration that can be read" {
      throw CommandFailure(
        "\(folder.shown()): found a run with \(difference); name another folder with --run-dir, or move the run away",
        .cannotCreate)
    }
    // What an interrupted run has left is no result, and is replaced when this one begins.
    isComplete = RunFolder.isThere(model) && RunResult(folder: folder) != nil
  }

  /// In what an earlier run is another one than this; nil where it is the same.
  private func difference(_ found: RunConfiguration, _ images: TrainingImages) -> String? {
    func differ(_ name: String, _ found: String?, _ expected: String?) -> String? {
      found == expected
        ? nil : "\(name.shown()) \((found ?? "left out").shown()), expected \((expected ?? "it left out").shown())"
    }
    if let other = differ("version", found.version, RootCommand.version) { return other }
    if let other = differ("task", found.task, images.task.rawValue) { return other }
    if case .files(let data) = images {
      if let other = differ("images", found.data.name, data.name) { return other }
      if let other = differ("images of", found.data.source, data.source) { return other }
    }
    let options = options
    for name in Set(options.names + found.options.names).sorted() {
      if let other = differ("--" + name, found.options[name]?.text, options[name]?.text) { return other }
    }
    return nil
  }
}
