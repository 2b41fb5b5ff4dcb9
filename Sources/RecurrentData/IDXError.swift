import RecurrentSupport

/// What is wrong with a file of images or labels, in one line: which file, what was found, what was expected and what
/// to do.
///
/// The file is an IDX file or a PNG image.
public struct IDXError: Error, Equatable, Sendable {
  /// The kinds of errors.
  public enum Kind: Sendable, CaseIterable {
    /// There is no such file.
    case missing
    /// The file exists and can't be read: missing permissions, a folder in its place, a failing disk.
    case unreadable
    /// The file ends early.
    case truncated
    /// The file continues after everything that its header announces.
    case trailingBytes
    /// The first bytes are those of another kind of file.
    case magic
    /// The elements are not unsigned bytes.
    case elementType
    /// The file has another number of dimensions than expected.
    case rank
    /// The sizes are not those expected.
    case shape
    /// The compressed data is damaged: its structure, its checksum or its length.
    case compression
    /// A label is not a digit.
    case label
    /// The number of labels differs from that of images.
    case count
    /// The parts of a PNG image are damaged, missing or out of order.
    case damaged
    /// An image shows nothing: all its pixels are nearly equal.
    case blank
    /// The system does not have enough memory for the contents of the file.
    case memory
  }

  /// The kind of error.
  public let kind: Kind
  /// The file.
  public let path: String
  /// The offset in bytes of the uncompressed file (for ``Kind/compression``, of the file on disk); nil if there is
  /// none.
  public let offset: Int?
  /// What was found.
  public let found: String
  /// What was expected.
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

  /// The same error with other advice.
  package func advising(_ advice: String) -> IDXError {
    IDXError(kind, path: path, offset: offset, found: found, expected: expected, advice: advice)
  }

  /// Whether a file is missing or can't be read, rather than invalid.
  package var isMissingInput: Bool { kind == .missing || kind == .unreadable }
}

extension IDXError: CustomStringConvertible {
  /// The error in one line.
  ///
  /// Text from outside, such as the file's name, is shown without control characters.
  public var description: String {
    let place = offset.map { " at byte \($0)" } ?? ""
    // Found, expected and advice are our own words; names in them have passed `shown()` before.
    return "\(path.shown()): found \(found)\(place), expected \(expected); \(advice)"
  }
}

/// Advice that several kinds of errors share.
enum Advice {
  static let fetchAgain = "the file is damaged: fetch or write it again"
  static let otherFile = "this is another kind of file: check its name"

  /// What to do about a file of another kind where images or labels were expected.
  static func otherFile(_ kind: FileKind?) -> String {
    switch kind {
    case .png: "PNG images are read by 'recurrent predict --image'"
    case .empty, .html, .xml, .gitLFSPointer, .zip, .tar, .bzip2, .xz, .zstandard: kind?.advice ?? otherFile
    case let kind? where kind.isOtherPicture: "convert it to PNG, which 'recurrent predict --image' reads"
    default: otherFile
    }
  }
}
