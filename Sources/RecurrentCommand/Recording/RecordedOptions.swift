import ArgumentParser

/// The options of a run by their long names: the value of `options` in `config.json`.
struct RecordedOptions: Hashable {
  private var values: [String: RecordedValue] = [:]

  /// The options that a command was given or has by default.
  init<Arguments: RecordableArguments>(of command: Arguments) {
    for option in Arguments.recorded { values[option.name] = option.value(in: command) }
  }

  /// The value of an option; nil if it was left out and has no default.
  subscript(name: String) -> RecordedValue? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The options whose names satisfy a condition.
  func filter(_ isIncluded: (String) -> Bool) -> RecordedOptions {
    var result = self
    result.values = values.filter { isIncluded($0.key) }
    return result
  }

  /// The names of all options that have a value, sorted.
  var names: [String] { values.keys.sorted() }

  /// Replaces the old names of options by their present ones.
  mutating func replaceOldNames() {
    for (old, present) in RenamedOptions.presentNames {
      if let value = values.removeValue(forKey: old), values[present] == nil { values[present] = value }
    }
  }
}

extension RecordedOptions {
  /// The arguments that give a command of this type the recorded values, as far as it has these options.
  func arguments<Arguments: RecordableArguments>(for type: Arguments.Type) -> [String] {
    Arguments.recorded.flatMap { option in self[option.name].map(option.arguments(for:)) ?? [] }
  }

  /// A group of options with the recorded values.
  func group<Group: RecordableArguments>(_ type: Group.Type) throws -> Group {
    try type.parse(arguments(for: type))
  }
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
