#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes files atomically.
///
/// The bytes go to a temporary file in the same folder, are synchronized to the disk, and take the final name in one
/// step: at any time, even if the process is killed, there is either the old file or the new one. Concurrent writes to
/// one name all succeed, and the last one wins.
package enum AtomicFile {
  /// What a path may refer to.
  package enum Place: Sendable {
    /// A path that the user named: links are followed and kept; pipes and character devices are written to.
    case named
    /// A file in the folder of a run: a link is replaced rather than followed, and anything other than a file is an
    /// error, since a run does not create such.
    case member
  }

  /// Writes pieces of bytes one after another.
  ///
  /// A replaced file keeps its permissions; a new one gets those of the process's file mode mask.
  ///
  /// - Parameters:
  ///   - pieces: the contents.
  ///   - path: the file, in an existing folder.
  ///   - place: what the path may refer to besides a file.
  /// - Throws: ``FileWriteError``; the old file is then still there.
  /// - Complexity: O(size).
  package static func write(_ pieces: [[UInt8]], to path: String, as place: Place = .named) throws(FileWriteError) {
    let failure =
      switch try FileDestination(path, as: place) {
      case .file(let path, let mode): replace(path, mode: mode, with: pieces)
      case .stream(let descriptor): writeAndClose(pieces, to: descriptor)
      }
    if failure != 0 { throw FileWriteError(path: path, code: failure) }
  }

  /// Writes a text.
  package static func write(_ text: String, to path: String, as place: Place = .named) throws(FileWriteError) {
    try write([Array(text.utf8)], to: path, as: place)
  }

  /// Replaces or creates a file; returns the error number, or 0.
  private static func replace(_ path: String, mode: mode_t?, with pieces: [[UInt8]]) -> Int32 {
    var (temporary, file): (String, Int32) = ("", -1)
    // The name is unpredictable, so no file or link can be prepared under it.
    repeat {
      temporary = temporaryName(for: path)
      file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode ?? 0o666)
    } while file < 0 && (errno == EEXIST || errno == EINTR)
    if file < 0 { return errno }
    // The process's mask may have removed permissions of the old file.
    var failure: Int32 = 0
    if let mode, fchmod(file, mode) != 0 { failure = errno }
    for piece in pieces where failure == 0 { failure = writeAll(piece, to: file) }
    if failure == 0 && fsync(file) != 0 { failure = errno }
    if close(file) != 0 && failure == 0 { failure = errno }
    if failure == 0 && rename(temporary, path) != 0 { failure = errno }
    if failure != 0 {
      unlink(temporary)
      return failure
    }
    return synchronizeFolder(of: path)
  }

  /// The ending of the names of files that are being written.
  package static let unfinishedEnding = ".part"

  /// A name in the same folder that no other write uses.
  static func temporaryName(for path: String) -> String {
    let (folder, name) = FileDestination.split(path)
    var stem = name
    // Names have at most 255 bytes.
    while stem.utf8.count > 230 { stem.removeLast() }
    let number = String(UInt64.random(in: 0 ... .max), radix: 16)
    return folder + stem + "." + String(repeating: "0", count: 16 - number.count) + number
      + unfinishedEnding
  }

  /// Synchronizes the folder to the disk, if the system can; returns the error number, or 0.
  private static func synchronizeFolder(of path: String) -> Int32 {
    let folder = FileDestination.split(path).folder
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // A folder may be writable but not readable.
    if descriptor < 0 { return 0 }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EBADF ? 0 : errno
  }

  /// Writes to a pipe or a device and closes it; returns the error number, or 0.
  private static func writeAndClose(_ pieces: [[UInt8]], to descriptor: Int32) -> Int32 {
    var failure: Int32 = 0
    for piece in pieces where failure == 0 { failure = writeAll(piece, to: descriptor) }
    if close(descriptor) != 0 && failure == 0 { failure = errno }
    return failure
  }

  /// Writes all bytes to an open file; returns the error number, or 0.
  package static func writeAll(_ bytes: [UInt8], to file: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        #if canImport(Darwin)
          let written = Darwin.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        #elseif canImport(Musl)
          let written = Musl.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        #else
          let written = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        #endif
        if written < 0 {
          if errno == EINTR { continue }
          return errno
        }
        rest = rest.dropFirst(written)
      }
      return 0
    }
  }
}
