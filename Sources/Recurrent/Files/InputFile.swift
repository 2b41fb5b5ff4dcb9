#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A regular file, read at given offsets directly into the caller's memory.
final class InputFile {
  let path: String
  /// The size when the file was opened.
  let size: Int
  private let descriptor: Int32

  /// Opens a file.
  init(_ path: String) throws(SafeTensorsError) {
    // Opening a pipe would wait for its other end, so check what the path refers to first.
    var status = stat()
    guard stat(path, &status) == 0 else { throw Self.failure(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SafeTensorsError(
        .unreadable, path: path, found: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "something other than a file",
        expected: Self.expectation)
    }
    // The path may refer to a pipe by now.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw SafeTensorsError(
        .unreadable, path: path, found: "a file that was replaced while it was opened", expected: Self.expectation)
    }
    self.path = path
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` with the bytes starting at `offset`.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SafeTensorsError) {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path, errno)
      }
      guard count > 0 else {
        throw SafeTensorsError(
          .malformed, path: path, offset: offset + filled, found: "the end of the file",
          expected: "\(size) bytes, as when it was opened")
      }
      filled += count
    }
  }

  private static let expectation = "a safetensors file"

  /// The error of a system error number.
  private static func failure(_ path: String, _ code: Int32) -> SafeTensorsError {
    let isMissing = code == ENOENT || code == ENOTDIR
    return SafeTensorsError(
      isMissing ? .missing : .unreadable, path: path,
      found: isMissing ? "no such file" : "a system error (\(String(cString: strerror(code))))",
      expected: expectation)
  }
}
