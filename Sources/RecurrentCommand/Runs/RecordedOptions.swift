import ArgumentParser

/// The options of a run by their long names: what `config.json` holds, and what `--config` and `--sweep` turn back into
/// arguments.
///
/// They are found by a walk over the command's properties, so that an option is recorded, repeated and swept because it
/// is declared. Two rules make that work: a property has the name of its option (`hiddenSize` is `--hidden-size`),
/// and the value's description is what the option reads.
struct RecordedOptions: Hashable {
  /// Options that say where and how a run takes place, and decide nothing about its result.
  static let unrecorded: Set = ["run-dir", "threads", "config", "sweep"]

  private var values: [String: RecordedValue] = [:]

  /// The options that a command was given or has by default.
  init(of command: some ParsableArguments) {
    for option in CommandOption.all(of: command) where !Self.unrecorded.contains(option.name) {
      values[option.name] = option.value
    }
  }

  /// The value of an option, or nil where it was left out and has no default.
  subscript(name: String) -> RecordedValue? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// Those of the options whose names pass.
  func filter(_ passes: (String) -> Bool) -> RecordedOptions {
    var result = self
    result.values = values.filter { passes($0.key) }
    return result
  }

  /// The names of all options that have a value.
  var names: [String] { values.keys.sorted() }
}

extension RecordedOptions: Codable {
  init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: RecordedValue].self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}
