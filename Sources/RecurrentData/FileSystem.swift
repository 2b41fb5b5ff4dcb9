#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Operations on whole files.
enum FileSystem {
  /// Whether a file or a folder exists at a path.
  ///
  /// - Throws: ``IDXError`` if that cannot be found out, such as inside a folder without permission.
  static func exists(_ path: String) throws(IDXError) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) != 0 else { return true }
    guard errno == ENOENT || errno == ENOTDIR else { throw IDXError(path: path, systemError: errno) }
    return false
  }

  /// The kinds of things at a path.
  enum Kind { case missing, folder, other }

  /// The kind of thing at a path, with links followed; `other` if that cannot be found out.
  static func kind(of path: String) -> Kind {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return errno == ENOENT ? .missing : .other }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
  }

  /// Whether a path leads to a regular file that is not empty.
  static func isFileWithContents(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
  }

  /// Creates a folder and those above it, unless they exist.
  static func createDirectory(_ path: String) throws(MNISTError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: path, reason: "the folder could not be created")
    }
  }

  /// Copies a file to a new path atomically: other programs see the old file or the new one, never a part.
  static func copy(_ path: String, to newPath: String) throws(MNISTError) {
    // A file can be renamed only within a volume, so the copy begins in its final folder.
    let part = "\(newPath).\(randomText).part"
    defer { remove(part) }
    do {
      try FileManager.default.copyItem(atPath: path, toPath: part)
    } catch {
      throw .cannotWrite(path: newPath, reason: "the folder is not writable, or the disk is full")
    }
    guard unsafe rename(part, newPath) == 0 else {
      throw .cannotWrite(path: newPath, reason: unsafe String(cString: strerror(errno)))
    }
  }

  /// A unique path in the system's folder for temporary files.
  static func temporaryPath(for name: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(name).\(randomText)").path
  }

  private static var randomText: String { String(UInt64.random(in: 0 ... .max), radix: 36) }

  /// Removes a file if it exists.
  static func remove(_ path: String) { _ = unsafe unlink(path) }
}
