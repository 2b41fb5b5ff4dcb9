import RecurrentSupport

/// What is wrong with time series, in one line: where, what was found and what was expected.
///
/// ```
/// rivers.csv, line 3, column 17: found 'dry' as 'flow', expected a number, or an empty cell, …
/// ```
public struct SeriesError: Error, Equatable, Sendable {
  /// The kinds of trouble there are.
  public enum Kind: Sendable, CaseIterable {
    /// There is no such file.
    case missing
    /// The file is there and cannot be read: permissions, a folder in its place, damaged compression.
    case unreadable
    /// The file is not text in UTF-8.
    case encoding
    /// There are no sequences, or there is one without values.
    case empty
    /// The header is missing, or does not say what it has to.
    case header
    /// A column that was asked for is not there, or has two roles.
    case columns
    /// A row has another number of cells than the first, or a channel another number of values.
    case ragged
    /// Quotes that do not enclose a whole cell, or never end.
    case quotes
    /// A cell does not hold a number.
    case number
    /// A time stamp cannot be read, or does not lie after the one before.
    case time
    /// A class is missing, or one that was not announced.
    case label
    /// There are too few classes to tell apart.
    case classes
    /// Sequences have other channels than expected.
    case channels
    /// A static input is missing, or changes within a sequence.
    case statics
    /// Values are missing that the policy does not allow to be missing.
    case values
    /// There are too many values for memory, or too few to learn from.
    case size
  }

  /// The kind of trouble.
  public let kind: Kind
  /// Where the series are from: the path of a file, or the name that the program gave them.
  public let source: String
  /// The line of the file, counted from 1; nil if the trouble is with no single line.
  public let line: Int?
  /// The character of the line, counted from 1; nil if the trouble is with the whole line.
  public let column: Int?
  /// What was found.
  public let found: String
  /// What was expected in its place.
  public let expected: String

  init(_ kind: Kind, source: String, line: Int? = nil, column: Int? = nil, found: String, expected: String) {
    self.kind = kind
    self.source = source
    self.line = line
    self.column = column
    self.found = found
    self.expected = expected
  }

  /// What the reader of bytes said about a file.
  init(_ error: IDXError) {
    switch error.kind {
    case .missing, .unreadable:
      self.init(
        error.kind == .missing ? .missing : .unreadable, source: error.path, found: error.found,
        expected: "a file of time series; \(error.advice)")
    case .memory:
      self.init(.size, source: error.path, found: error.found, expected: error.expected)
    default:
      let offset = error.offset.map { " at byte \($0)" } ?? ""
      self.init(.unreadable, source: error.path, found: error.found + offset, expected: error.expected)
    }
  }

  /// Whether an input is missing or cannot be read, rather than read and found bad.
  package var isMissingInput: Bool { kind == .missing || kind == .unreadable }
}

extension SeriesError: CustomStringConvertible {
  /// Everything in one line.
  ///
  /// What comes from outside, such as the file's name, is shown without control characters.
  public var description: String {
    let place = (line.map { ", line \($0)" } ?? "") + (column.map { ", column \($0)" } ?? "")
    return "\(source.shown())\(place): found \(found), expected \(expected)"
  }
}

extension String {
  /// A text from outside in quotation marks, short and fit to be shown: `'rain'`.
  var quoted: String { "'\(shown(limit: 60))'" }
}

extension Sequence<String> {
  /// The first of some texts from outside, as a list: `'a', 'b' and 3 more`.
  var quotedList: String {
    let all = Array(self)
    // One more costs no more space than to say so.
    let shown = all.count <= 6 ? all[...] : all.prefix(5)
    let rest = all.count - shown.count
    return shown.map(\.quoted).joined(separator: ", ") + (rest == 0 ? "" : " and \(rest) more")
  }
}
