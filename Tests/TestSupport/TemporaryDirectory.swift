import Foundation

/// A fresh, empty directory that is removed with everything in it as soon as nobody refers to it any more.
public final class TemporaryDirectory: Sendable {
  /// Where it is.
  public let url: URL

  /// Makes a directory below the system's own place for temporary files.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "recurrent-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Its path, without a slash at the end.
  public var path: String { url.path(percentEncoded: false).trimmingSuffix("/") }

  /// The path of a file or directory in it, whether or not there is one.
  public func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file into it, makes the directories on the way, and returns its path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return path(name)
  }

  /// The names of everything directly in it, sorted.
  public func contents() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
