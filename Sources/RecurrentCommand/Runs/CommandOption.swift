import ArgumentParser

/// One option or flag of a command, as a walk over the command's properties finds it.
struct CommandOption {
  /// The long name, without dashes.
  let name: String
  /// Whether it is a flag, which has no value on the command line.
  let isFlag: Bool
  /// What the command holds; nil where the option was left out and has no default.
  let value: RecordedValue?

  /// All options of a command that was parsed, those of its groups among them.
  static func all(of command: some ParsableArguments) -> [CommandOption] {
    Mirror(reflecting: command).children.flatMap { child -> [CommandOption] in
      switch child.value {
      case let group as any OptionGroupProperty: return group.members
      case let option as any OptionProperty:
        // The storage of a wrapped property is called as the property, with an underscore before it.
        let name = longName(of: child.label?.dropFirst() ?? "")
        return [CommandOption(name: name, isFlag: option.isFlag, value: RecordedValue(option.value))]
      default: return []
      }
    }
  }

  /// The name that the parser gives to the option of a property: `hidden-size` for `hiddenSize`.
  private static func longName(of property: Substring) -> String {
    property.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
  }
}

/// What options and flags have in common.
private protocol OptionProperty {
  var isFlag: Bool { get }
  var value: Any { get }
}

extension Option: OptionProperty {
  fileprivate var isFlag: Bool { false }
  fileprivate var value: Any { wrappedValue }
}

extension Flag: OptionProperty {
  fileprivate var isFlag: Bool { true }
  fileprivate var value: Any { wrappedValue }
}

/// A group of options, whatever its type.
private protocol OptionGroupProperty {
  var members: [CommandOption] { get }
}

extension OptionGroup: OptionGroupProperty {
  fileprivate var members: [CommandOption] { CommandOption.all(of: wrappedValue) }
}
