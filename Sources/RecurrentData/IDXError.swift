/// What is wrong with an IDX file, in one line: which file, what was found, what was expected and what to do.
public struct IDXError: Error, Equatable, Sendable {
  /// The kinds of trouble there are.
  public enum Kind: Sendable, CaseIterable {
    /// There is no such file.
    case missing
    /// The file is there and can't be read: permissions, a folder in its place, a failing disk.
    case unreadable
    /// The file ends early.
    case truncated
    /// The file goes on after everything its header announces.
    case trailingBytes
    /// The first bytes are those of another kind of file.
    case magic
    /// The elements are not unsigned bytes.
    case elementType
    /// The file has another number of dimensions than what it is to hold.
    case rank
    /// The sizes don't suit what the file is to hold.
    case shape
    /// The compressed data is damaged: its structure, its checksum or its length.
    case compression
    /// A label is no digit.
    case label
    /// There are not as many labels as images.
    case count
  }

  /// The kind of trouble.
  public let kind: Kind
  /// The file.
  public let path: String
  /// Where in the file, in bytes of its uncompressed form (for ``Kind/compression``: of the file as it lies on disk);
  /// nil where the trouble has no place.
  public let offset: Int?
  /// What was found.
  public let found: String
  /// What was expected in its place.
  public let expected: String
  /// What to do about it.
  public let advice: String

  init(_ kind: Kind, path: String, offset: Int? = nil, found: String, expected: String, advice: String) {
    self.kind = kind
    self.path = path
    self.offset = offset
    self.found = found
    self.expected = expected
    self.advice = advice
  }

  /// Whether an input is missing or can't be read, rather than read and found bad.
  package var isMissingInput: Bool { kind == .missing || kind == .unreadable }
}

extension IDXError: CustomStringConvertible {
  /// Everything in one line.
  public var description: String {
    let place = offset.map { " at byte \($0)" } ?? ""
    return "\(path): found \(found)\(place), expected \(expected); \(advice)"
  }
}

/// The advice that several kinds of trouble share.
enum Advice {
  static let fetchAgain = "the file is damaged: fetch or write it again"
  static let otherFile = "this is another kind of file: check its name"
}
