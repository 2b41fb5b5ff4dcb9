#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes files whole or not at all.
///
/// The bytes go to a file of this write's own beside the final one, are forced to the disk, and take the final name in
/// one step: whoever looks, or whenever the process is killed, there is the old file or the new one. Of several writes
/// to one name at a time, each succeeds and the last one wins.
package enum AtomicFile {
  /// What a path may stand for.
  package enum Place: Sendable {
    /// A path that the user has named: links are followed, and stay; pipes and character devices are written into.
    case named
    /// A file of a folder that a run writes: a link found there is not followed but replaced, and anything else than a
    /// file is refused, since a run has not made it.
    case member
  }

  /// Writes pieces of bytes one after another.
  ///
  /// A file that is replaced keeps its permissions; a new one has those that the process's mask leaves.
  ///
  /// - Parameters:
  ///   - pieces: the contents.
  ///   - path: the file, in a folder that is there.
  ///   - place: what else than a file the path may stand for.
  /// - Throws: ``FileWriteError``; what was there before is still there then.
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

  /// Puts a new file in place of one, or where there is none; returns what went wrong, or 0.
  private static func replace(_ path: String, mode: mode_t?, with pieces: [[UInt8]]) -> Int32 {
    var (temporary, file): (String, Int32) = ("", -1)
    // Nobody can foresee the name, so nobody can have taken it, neither by chance nor by a link.
    repeat {
      temporary = temporaryName(for: path)
      file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode ?? 0o666)
    } while file < 0 && (errno == EEXIST || errno == EINTR)
    if file < 0 { return errno }
    // The process's mask may have taken away what the old file permits.
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

  /// A name beside that of a file, which no other write has.
  static func temporaryName(for path: String) -> String {
    let (folder, name) = FileDestination.split(path)
    var stem = name
    // Names have at most 255 bytes.
    while stem.utf8.count > 230 { stem.removeLast() }
    let number = String(UInt64.random(in: 0 ... .max), radix: 16)
    return folder + stem + "." + String(repeating: "0", count: 16 - number.count) + number + ".part"
  }

  /// Forces a file's new name to the disk, where the system can; returns what went wrong, or 0.
  private static func synchronizeFolder(of path: String) -> Int32 {
    let folder = FileDestination.split(path).folder
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // A folder may be written without being readable.
    if descriptor < 0 { return 0 }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EBADF ? 0 : errno
  }

  /// Writes to a pipe or a device and closes it; returns what went wrong, or 0.
  private static func writeAndClose(_ pieces: [[UInt8]], to descriptor: Int32) -> Int32 {
    var failure: Int32 = 0
    for piece in pieces where failure == 0 { failure = writeAll(piece, to: descriptor) }
    if close(descriptor) != 0 && failure == 0 { failure = errno }
    return failure
  }

  /// Writes to an open file until all is written; returns what went wrong, or 0.
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
