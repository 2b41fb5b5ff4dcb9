#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be written, in one line.
public struct FileWriteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file that was to be written.
  public let path: String
  /// What the system said.
  public let reason: String

  /// Which file, what the system said, and what to do.
  public var description: String {
    "\(path): cannot be written (\(reason)); check the folder, its permissions and the space on the disk"
  }

  /// What the system's error number says.
  package init(path: String, code: Int32) {
    self.path = path
    reason = String(cString: strerror(code))
  }
}

/// Writes files whole or not at all.
///
/// The bytes go to a file beside the final one, are forced to the disk, and take the final name in one step: whoever
/// looks, or whenever the process is killed, there is the old file or the new one.
package enum AtomicFile {
  /// Writes pieces of bytes one after another.
  package static func write(_ pieces: [[UInt8]], to path: String) throws(FileWriteError) {
    let temporary = "\(path).\(getpid()).part"
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw FileWriteError(path: path, code: errno) }
    var failure: Int32 = 0
    for piece in pieces where failure == 0 { failure = writeAll(piece, to: file) }
    if failure == 0 && fsync(file) != 0 { failure = errno }
    if close(file) != 0 && failure == 0 { failure = errno }
    if failure == 0 && rename(temporary, path) != 0 { failure = errno }
    if failure != 0 {
      unlink(temporary)
      throw FileWriteError(path: path, code: failure)
    }
  }

  /// Writes a text.
  package static func write(_ text: String, to path: String) throws(FileWriteError) {
    try write([Array(text.utf8)], to: path)
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
