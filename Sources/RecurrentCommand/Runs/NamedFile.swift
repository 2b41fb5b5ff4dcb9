import Recurrent
import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file that the user names with an option.
struct NamedFile {
  let path: String
  /// The option that names it.
  let option: String
  /// What this program writes there, such as `a picture`.
  let content: String

  /// Writes a file, completely or not at all; also into a pipe or a device.
  ///
  /// - Parameters:
  ///   - bytes: the contents.
  ///   - isOurs: whether bytes are the beginning of a file that this program wrote for this option.
  /// - Throws: a failure if the file exists and is not of this program, so that it is not lost.
  func write(_ bytes: [UInt8], replacing isOurs: ([UInt8]) -> Bool) throws(CommandFailure) {
    if isOther(isOurs) {
      throw CommandFailure(
        "\(path.shown()): found a file that is not \(content) of this program, expected a new name; name another with "
          + "\(option), or move the file away", .cannotCreate)
    }
    try write(bytes)
  }

  /// Writes a new file, completely or not at all; also into a pipe or a device.
  ///
  /// - Throws: a failure if there is a file already, whoever made it.
  func writeNew(_ bytes: [UInt8]) throws(CommandFailure) {
    if isOther({ _ in false }) {
      throw CommandFailure(
        "\(path.shown()): found a file, expected a new name; name another with \(option), or move the file away",
        .cannotCreate)
    }
    try write(bytes)
  }

  private func write(_ bytes: [UInt8]) throws(CommandFailure) {
    do throws(FileWriteError) { try AtomicFile.write([bytes], to: path) } catch {
      // These errors occur while writing, others when the file is opened.
      let isBegun = [ENOSPC, EFBIG, EDQUOT, EIO, EPIPE].contains { error == FileWriteError(path: path, code: $0) }
      throw CommandFailure(error.description, isBegun ? .inputOutput : .cannotCreate)
    }
  }

  /// Whether there is a regular file that is not empty and not of this program.
  private func isOther(_ isOurs: ([UInt8]) -> Bool) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return false }
    return UntrustedFile.start(of: path, limit: 1 << 14).map { !isOurs($0) } ?? true
  }
}
