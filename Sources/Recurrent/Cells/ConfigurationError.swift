/// What is wrong with the configuration of a cell, a layer or a network: which key, what was found, what was expected.
///
/// Configurations arrive from files and requests as well as from programs. ``ModelConfiguration/check()`` and
/// every decoder of a configuration throw this error; initialisers that take a finished value end the process with its
/// sentence instead.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path of the value, such as `layers.1.hiddenSize`; empty for the whole.
  public let key: String
  /// What was found.
  public let found: String
  /// What was expected in its place.
  public let expected: String

  init(_ key: String, found: String, expected: String) {
    self.key = key
    self.found = found
    self.expected = expected
  }

  /// The error of a value that a decoder stands at, or of one below it.
  init(_ path: [any CodingKey], _ key: String = "", found: String, expected: String) {
    let keys = path.map { $0.intValue.map(String.init) ?? $0.stringValue } + (key.isEmpty ? [] : [key])
    self.init(keys.joined(separator: "."), found: found, expected: expected)
  }

  /// The same error of a value that lies below others.
  func below(_ path: [any CodingKey]) -> ConfigurationError {
    ConfigurationError(path, key, found: found, expected: expected)
  }

  /// Key, what was found and what was expected, in one line.
  public var description: String { (key.isEmpty ? "" : "\(key): ") + "found \(found), expected \(expected)" }
}
