import Recurrent
import RecurrentCharts
import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A picture in a file that the user has named.
enum PictureFile {
  /// Writes a picture, whole or not at all; a pipe or a device is written into.
  ///
  /// - Throws: a failure where the name is that of a file which is no picture of this program: nobody wants such a file
  ///   replaced.
  static func write(_ picture: some Picture, to path: String) throws(CommandFailure) {
    if isForeignFile(path) {
      throw CommandFailure(
        "\(path.shown()): found a file that is no picture of this program, expected a new name; name another with --svg, "
          + "or move the file away", .cannotCreate)
    }
    do throws(FileWriteError) { try AtomicFile.write(picture.svg, to: path) } catch {
      // The file could be begun and not ended, or not even begun.
      let isBegun = [ENOSPC, EFBIG, EDQUOT, EIO, EPIPE].contains { error == FileWriteError(path: path, code: $0) }
      throw CommandFailure(error.description, isBegun ? .inputOutput : .cannotCreate)
    }
  }

  /// Whether a regular file has the name, holds something, and begins otherwise than our pictures do.
  private static func isForeignFile(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return false }
    guard let start = ForeignFile.start(of: path, limit: 1 << 14) else { return true }
    let text = String(decoding: start, as: UTF8.self)
    return !(text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=") && text.contains("class=\"paper\""))
  }
}
