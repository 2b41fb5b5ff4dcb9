import ArgumentParser

/// Options that `config.json` records: those that decide the result of a run.
///
/// A type lists its options in one table. A command composes the tables of its groups, so that an option that is added
/// to a group is recorded, repeated by `--config` and swept by `--sweep` in every command that has the group.
protocol RecordableArguments: ParsableArguments {
  /// The recorded options, each with its long name and the property that holds its value.
  static var recorded: [RecordedOption<Self>] { get }
}

extension RecordableArguments {
  /// The recorded options of a group, as options of the type that has the group.
  static func group<Group: RecordableArguments>(_ path: KeyPath<Self, Group>) -> [RecordedOption<Self>] {
    Group.recorded.map { $0.within(path) }
  }

  /// The names of the options whose values differ from those of a command without arguments.
  var given: [String] {
    get throws {
      let defaults = try Self.parse([])
      return Self.recorded.filter { $0.value(in: self) != $0.value(in: defaults) }.map(\.name)
    }
  }
}

/// One option or flag that is recorded, of a command or a group of options.
///
/// Values are read through key paths and turned back into arguments, so that the parser checks a value from a file
/// exactly as it checks a typed one.
struct RecordedOption<Arguments> {
  /// The long name, without dashes.
  let name: String
  /// How the command line writes the value.
  let syntax: OptionSyntax
  private let read: (Arguments) -> RecordedValue?

  /// An option with its long name and the property that holds its value.
  init<Value: RecordableValue>(_ name: String, _ value: KeyPath<Arguments, Value>) {
    self.init(name: name, syntax: Value.syntax) { $0[keyPath: value].recorded }
  }

  /// Values without a name on the command line, and the name under which they are recorded.
  static func positional<Value: RecordableValue>(_ name: String, _ values: KeyPath<Arguments, [Value]>) -> Self {
    Self(name: name, syntax: .positional) { $0[keyPath: values].isEmpty ? nil : $0[keyPath: values].recorded }
  }

  /// A value without a name on the command line, and the name under which it is recorded.
  static func positional<Value: RecordableValue>(_ name: String, _ value: KeyPath<Arguments, Value>) -> Self {
    Self(name: name, syntax: .positional) { $0[keyPath: value].recorded }
  }

  private init(name: String, syntax: OptionSyntax, read: @escaping (Arguments) -> RecordedValue?) {
    self.name = name
    self.syntax = syntax
    self.read = read
  }

  /// The same option of a type that has its group at a key path.
  func within<Outer>(_ group: KeyPath<Outer, Arguments>) -> RecordedOption<Outer> {
    RecordedOption<Outer>(name: name, syntax: syntax) { read($0[keyPath: group]) }
  }

  /// The value that parsed arguments have; nil if the option was left out and has no default.
  func value(in arguments: Arguments) -> RecordedValue? { read(arguments) }
}

extension RecordedOption {
  /// The arguments that give the option a value.
  func arguments(for value: RecordedValue) -> [String] {
    switch value {
    case .list(let values) where syntax == .positional: values.map(\.text)
    case _ where syntax == .positional: [value.text]
    case .flag(let isSet) where syntax == .flag: [isSet ? "--\(name)" : "--no-\(name)"]
    case .list(let values): values.map { "--\(name)=\($0.text)" }
    default: ["--\(name)=\(value.text)"]
    }
  }

  /// What the option expects if the value is of another kind; nil if the parser can judge the value.
  func mismatch(with value: RecordedValue) -> String? {
    switch (syntax, value) {
    case (.flag, .flag): nil
    case (.flag, _): "true or false"
    case (.value, .list): "one value"
    default: nil
    }
  }

  /// Whether an argument is this option or the negation of this flag.
  func isNamed(by argument: String) -> Bool {
    if syntax == .positional { return false }
    let word = argument.prefix { $0 != "=" }
    return word == "--\(name)" || syntax == .flag && word == "--no-\(name)"
  }
}
