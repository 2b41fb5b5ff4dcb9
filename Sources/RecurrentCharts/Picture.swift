#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A picture that draws itself as SVG.
///
/// The document is self-contained: it needs no fonts, scripts or other files. Its colors follow the reader's preference
/// for light or dark, on a background of its own. `class="light"` or `class="dark"` on the root element forces one; the
/// background is then that of the page.
public protocol Picture: Sendable {
  /// What the picture shows: its heading, and what a screen reader says first.
  var title: String { get }
  /// The whole SVG document.
  ///
  /// - Complexity: O(elements drawn), on each access.
  var svg: String { get }
}

extension Picture {
  /// Writes the picture to a file; replaces an existing file atomically.
  ///
  /// - Parameter path: the file, as in `curves.svg`.
  /// - Throws: ``PictureError`` if the file cannot be written.
  public func write(to path: String) throws(PictureError) {
    do {
      try Data(svg.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw PictureError(path: path, reason: PictureError.reason(of: error))
    }
  }
}

/// A picture that could not be written.
public struct PictureError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file that could not be written.
  public let path: String
  /// The message of the operating system.
  public let reason: String

  /// The file and the reason in one line.
  public var description: String { "\(path): cannot be written (\(reason)), expected a writable folder" }

  /// The operating system's message if there is one, otherwise the error itself.
  static func reason(of error: any Error) -> String {
    let underlying = (error as? CocoaError)?.underlying ?? error
    guard let code = (underlying as? POSIXError)?.code.rawValue else { return "\(underlying)" }
    return unsafe String(cString: strerror(code))
  }
}
