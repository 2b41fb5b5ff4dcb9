import RecurrentSupport

/// What is wrong with a file of images or labels, in one line: which file, what was found, what was expected and what
/// to do.
///
/// The file is an IDX file or a PNG image.
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
    /// The parts of a PNG image are damaged, missing or out of order.
    case damaged
    /// An image shows nothing: all its pixels are alike.
    case blank
    /// The system has not enough memory for what the file holds.
    case memory
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

  /// The same trouble with other advice.
  package func advising(_ advice: String) -> IDXError {
    IDXError(kind, path: path, offset: offset, found: found, expected: expected, advice: advice)
  }

  /// Whether an input is missing or can't be read, rather than read and found bad.
  package var isMissingInput: Bool { kind == .missing || kind == .unreadable }
}

extension IDXError: CustomStringConvertible {
  /// Everything in one line.
  ///
  /// What comes from outside, such as the file's name, is shown without control characters.
  public var description: String {
    let place = offset.map { " at byte \($0)" } ?? ""
    // Found, expected and advice are our own words, around names that were made fit to be shown.
    return "\(path.shown()): found \(found)\(place), expected \(expected); \(advice)"
  }
}

/// The advice that several kinds of trouble share.
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
