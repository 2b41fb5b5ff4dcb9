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
/// The document stands alone: it needs no fonts, scripts or other files. Its colours follow the reader's preference for
/// light or dark, on a ground of its own. `class="light"` or `class="dark"` on its root element forces one; the ground
/// is then the page's.
public protocol Picture: Sendable {
  /// What the picture shows: its heading, and what a screen reader says first.
  var title: String { get }
  /// The whole SVG document.
  ///
  /// - Complexity: O(what is drawn): it is drawn anew each time.
  var svg: String { get }
}

extension Picture {
  /// Writes the picture to a file; one that is there is replaced at once or not at all.
  ///
  /// - Parameter path: where, as in `curves.svg`.
  /// - Throws: ``PictureError`` where the file cannot be written.
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
  /// The file that was to be written.
  public let path: String
  /// What the system said.
  public let reason: String

  /// The file and the reason in one line.
  public var description: String { "\(path): cannot be written (\(reason)), expected a folder that can be written to" }

  /// What the system said, in its own words where it has some.
  static func reason(of error: any Error) -> String {
    let underlying = (error as? CocoaError)?.underlying ?? error
    guard let code = (underlying as? POSIXError)?.code.rawValue else { return "\(underlying)" }
    return unsafe String(cString: strerror(code))
  }
}
