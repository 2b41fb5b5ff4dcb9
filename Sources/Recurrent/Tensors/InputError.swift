/// Invalid input: the number of values, a shape, a label, a length, or the network it was passed to.
///
/// Data from a file, a sensor or a network request can be wrong in these ways while the program is correct, so the
/// initializers of tensors, batches and datasets, and everything that runs a network on them, throw this error.
public struct InputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What does not fit.
  public enum Kind: Sendable, CaseIterable {
    /// A number of values, features, steps or sequences.
    case size
    /// A label outside of the classes.
    case label
    /// A token outside of the vocabulary.
    case token
    /// A length above the number of steps.
    case length
    /// A network that does not support the requested operation.
    case network
  }

  /// What does not fit.
  public let kind: Kind
  /// What was found.
  public let found: String
  /// What was expected in its place.
  public let expected: String

  package init(_ kind: Kind, found: String, expected: String) {
    self.kind = kind
    self.found = found
    self.expected = expected
  }

  /// What was found and what was expected, in one line.
  public var description: String { "found \(found), expected \(expected)" }
}
