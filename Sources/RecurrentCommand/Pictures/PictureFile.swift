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

/// A picture in a file that the user names.
enum PictureFile {
  /// Writes a picture, completely or not at all; also into a pipe or a device.
  ///
  /// - Throws: a failure if the file exists and is not a picture of this program, so that it is not lost.
  static func write(_ picture: some Picture, to path: String) throws(CommandFailure) {
    if isOtherFile(path) {
      throw CommandFailure(
        "\(path.shown()): found a file that is not a picture of this program, expected a new name; name another with "
          + "--svg, or move the file away", .cannotCreate)
    }
    do throws(FileWriteError) { try AtomicFile.write(picture.svg, to: path) } catch {
      // These errors occur while writing, others when the file is opened.
      let isBegun = [ENOSPC, EFBIG, EDQUOT, EIO, EPIPE].contains { error == FileWriteError(path: path, code: $0) }
      throw CommandFailure(error.description, isBegun ? .inputOutput : .cannotCreate)
    }
  }

  /// Whether there is a regular file that is not empty and does not begin as pictures of this program do.
  private static func isOtherFile(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return false }
    guard let start = UntrustedFile.start(of: path, limit: 1 << 14) else { return true }
    let text = String(decoding: start, as: UTF8.self)
    return !(text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=") && text.contains("class=\"paper\""))
  }
}
