import Recurrent

/// How an option is written on the command line.
enum OptionSyntax {
  /// `--name` or `--no-name`
  case flag
  /// `--name=value`
  case value
  /// `--name=value`, once for each value
  case list
  /// Values without a name.
  case positional
}

/// A value of an option that can be recorded.
///
/// The text of the recorded value has to be what the option parses.
protocol RecordableValue {
  /// How the command line writes an option of this type.
  static var syntax: OptionSyntax { get }
  /// The value as JSON has it; nil if there is none.
  var recorded: RecordedValue? { get }
}

extension RecordableValue {
  static var syntax: OptionSyntax { .value }
}

extension Bool: RecordableValue {
  static var syntax: OptionSyntax { .flag }
  var recorded: RecordedValue? { .flag(self) }
}

extension Int: RecordableValue {
  var recorded: RecordedValue? { UInt64(exactly: self).map(RecordedValue.whole) ?? .number(Double(self)) }
}

extension UInt64: RecordableValue {
  var recorded: RecordedValue? { .whole(self) }
}

extension Float: RecordableValue {
  /// The number of the shortest digits that identify the value: the nearest double to the float 0.01 is not 0.01.
  var recorded: RecordedValue? {
    let number = Double(description) ?? Double(self)
    return UInt64(exactly: number).map(RecordedValue.whole) ?? .number(number)
  }
}

extension String: RecordableValue {
  var recorded: RecordedValue? { .text(self) }
}

extension Activation: RecordableValue {
  var recorded: RecordedValue? { .text(description) }
}

extension RecordableValue where Self: RawRepresentable, RawValue == String {
  var recorded: RecordedValue? { .text(rawValue) }
}

extension Optional: RecordableValue where Wrapped: RecordableValue {
  static var syntax: OptionSyntax { Wrapped.syntax }
  var recorded: RecordedValue? { flatMap(\.recorded) }
}

extension Array: RecordableValue where Element: RecordableValue {
  static var syntax: OptionSyntax { .list }
  var recorded: RecordedValue? { .list(compactMap(\.recorded)) }
}
