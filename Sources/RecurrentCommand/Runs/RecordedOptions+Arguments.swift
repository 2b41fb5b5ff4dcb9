import ArgumentParser

extension CommandOption {
  /// The arguments that give the option a value; where the command has that value anyway, a flag needs none.
  func arguments(for value: RecordedValue) -> [String] {
    if case .flag(let isSet) = value, isFlag {
      return value == self.value ? [] : [isSet ? "--\(name)" : "--no-\(name)"]
    }
    if case .list(let values) = value { return values.map { "--\(name)=\($0.text)" } }
    return ["--\(name)=\(value.text)"]
  }

  /// What the option expects where that is of another kind than the value; nil where the value may do.
  func mismatch(with value: RecordedValue) -> String? {
    switch (value, self.value) {
    case (.flag, _): nil
    case _ where isFlag: "true or false"
    case (.list, .list): nil
    case (.list, _): "one value"
    default: nil
    }
  }

  /// Whether an argument is this option or, of a flag, its opposite.
  func isNamed(by argument: String) -> Bool {
    let word = argument.prefix { $0 != "=" }
    return word == "--\(name)" || isFlag && word == "--no-\(name)"
  }
}

extension RecordedOptions {
  /// The arguments that make a command of this type do as recorded, as far as it has these options.
  func arguments<Command: ParsableArguments>(for type: Command.Type) throws -> [String] {
    CommandOption.all(of: try type.parse([])).flatMap { option in
      self[option.name].map { option.arguments(for: $0) } ?? []
    }
  }

  /// A group of options as they were recorded.
  func group<Group: ParsableArguments>(_ type: Group.Type) throws -> Group {
    try type.parse(try arguments(for: type))
  }
}
