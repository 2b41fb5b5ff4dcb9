/// An invalid configuration of a cell, a layer or a network: the key, what was found, and what was expected.
///
/// Configurations arrive from files and requests as well as from programs. ``ModelConfiguration/check()`` and every
/// decoder of a configuration throw this error; initializers that take a finished value trap with its description
/// instead.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path of the value, such as `layers.1.hiddenSize`; empty for the whole configuration.
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

  /// An error at a decoder's coding path, or at a key below it.
  init(_ path: [any CodingKey], _ key: String = "", found: String, expected: String) {
    let keys = path.map { $0.intValue.map(String.init) ?? $0.stringValue } + (key.isEmpty ? [] : [key])
    self.init(keys.joined(separator: "."), found: found, expected: expected)
  }

  /// The same error with a path before its key.
  func below(_ path: [any CodingKey]) -> ConfigurationError {
    ConfigurationError(path, key, found: found, expected: expected)
  }

  /// Key, what was found and what was expected, in one line.
  public var description: String { (key.isEmpty ? "" : "\(key): ") + "found \(found), expected \(expected)" }
}
