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

  /// Makes a folder and those above it, unless they are there.
  static func createDirectory(_ path: String) throws(MNISTError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: path, reason: "the folder could not be made")
    }
  }

  /// Gives a file its final name, in one step: whoever looks sees the old file or the new one, never half of either.
  static func rename(_ path: String, to newPath: String) throws(MNISTError) {
    guard systemRename(path, newPath) == 0 else {
      throw .cannotWrite(path: newPath, reason: unsafe String(cString: strerror(errno)))
    }
  }

  /// Removes a file if it is there.
  static func remove(_ path: String) { _ = unsafe unlink(path) }
}

// Inside of `FileSystem` the name `rename` means its own method.
private func systemRename(_ path: String, _ newPath: String) -> Int32 { unsafe rename(path, newPath) }
