#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A regular file, read once from start to end.
final class FileReader: ByteSource {
  let path: String
  /// The size when the file was opened.
  let size: Int
  private let descriptor: Int32

  /// Opens a file.
  init(path: String) throws(IDXError) {
    // Opening a pipe would wait for its other end, so what the path stands for is looked at first.
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw IDXError(path: path, systemError: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw IDXError(
        .unreadable, path: path, found: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file",
        expected: "an IDX file, plain or gzip", advice: "name a file")
    }
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw IDXError(path: path, systemError: errno) }
    self.path = path
    size = Int(status.st_size)
  }

  deinit { _ = close(descriptor) }

  /// Reads up to `buffer.count` bytes: fewer only at the end of the file, where it is 0 from then on.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(IDXError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = unsafe systemRead(descriptor, rest.baseAddress, rest.count)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw IDXError(path: path, systemError: errno)
      }
      filled += count
    }
    return filled
  }

  /// Whether the file begins with the given bytes; reading starts at the beginning all the same.
  func begins(with magic: [UInt8]) throws(IDXError) -> Bool {
    var bytes = [UInt8](repeating: 0, count: magic.count)
    let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw IDXError(path: path, systemError: errno) }
    return count == magic.count && bytes == magic
  }
}

// Inside of `FileReader` the name `read` means its own method.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  unsafe read(descriptor, buffer, count)
}

extension IDXError {
  /// What the operating system said about a file.
  init(path: String, systemError code: Int32) {
    let isMissing = code == ENOENT || code == ENOTDIR
    self.init(
      isMissing ? .missing : .unreadable, path: path,
      found: isMissing ? "no such file" : "an error of the system (\(unsafe String(cString: strerror(code))))",
      expected: "a readable IDX file, plain or gzip",
      advice: isMissing ? "check the path" : "check the permissions and the disk")
  }
}
