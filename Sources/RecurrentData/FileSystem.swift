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

/// What is done to files as a whole.
enum FileSystem {
  /// Whether there is something under a path, a file or a folder.
  ///
  /// - Throws: ``IDXError`` where the path can't even be looked at, such as inside of a folder without permission.
  static func exists(_ path: String) throws(IDXError) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) != 0 else { return true }
    guard errno == ENOENT || errno == ENOTDIR else { throw IDXError(path: path, systemError: errno) }
    return false
  }

  /// What lies under a path.
  enum Kind { case missing, folder, other }

  /// What lies under a path, links followed; a path that can't be looked at counts as another kind.
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

  /// Makes a folder and those above it, unless they are there.
  static func createDirectory(_ path: String) throws(MNISTError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: path, reason: "the folder could not be made")
    }
  }

  /// Copies a file under a new name, which it takes in one step: whoever looks there sees the old file or the new one,
  /// never half of either.
  static func copy(_ path: String, to newPath: String) throws(MNISTError) {
    // Names can be changed within a volume only, so that the copy begins beside its final place.
    let part = "\(newPath).\(randomText).part"
    defer { remove(part) }
    do {
      try FileManager.default.copyItem(atPath: path, toPath: part)
    } catch {
      throw .cannotWrite(path: newPath, reason: "the folder takes no file, or the disk is full")
    }
    guard unsafe rename(part, newPath) == 0 else {
      throw .cannotWrite(path: newPath, reason: unsafe String(cString: strerror(errno)))
    }
  }

  /// A path in the system's folder for temporary files, which nobody else has.
  static func temporaryPath(for name: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(name).\(randomText)").path
  }

  private static var randomText: String { String(UInt64.random(in: 0 ... .max), radix: 36) }

  /// Removes a file if it is there.
  static func remove(_ path: String) { _ = unsafe unlink(path) }
}
