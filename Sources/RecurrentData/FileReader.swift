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
  /// The expected kind of file, for messages.
  private let expectation: String

  /// Opens a file.
  init(path: String, expected: String = "an IDX file, plain or gzip") throws(IDXError) {
    // Checked before opening, since opening a pipe would wait for its other end.
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw IDXError(path: path, systemError: errno, expected: expected) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw IDXError(
        .unreadable, path: path, found: status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a regular file",
        expected: expected, advice: "name a file")
    }
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw IDXError(path: path, systemError: errno, expected: expected) }
    self.path = path
    expectation = expected
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
        throw IDXError(path: path, systemError: errno, expected: expectation)
      }
      filled += count
    }
    return filled
  }

  /// The first bytes of the file, all of a shorter one; does not move the reading position.
  func start(_ count: Int) throws(IDXError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = unsafe pread(descriptor, &bytes, bytes.count, 0)
    guard filled >= 0 else { throw IDXError(path: path, systemError: errno, expected: expectation) }
    return Array(bytes.prefix(filled))
  }

  /// Whether the file begins with the given bytes; does not move the reading position.
  func begins(with magic: [UInt8]) throws(IDXError) -> Bool { try start(magic.count) == magic }
}

// Inside of `FileReader` the name `read` means its own method.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  unsafe read(descriptor, buffer, count)
}

extension IDXError {
  /// An error of the operating system about a file.
  init(path: String, systemError code: Int32, expected: String = "an IDX file, plain or gzip") {
    let isMissing = code == ENOENT || code == ENOTDIR
    self.init(
      isMissing ? .missing : .unreadable, path: path,
      found: isMissing ? "no such file" : "a system error (\(unsafe String(cString: strerror(code))))",
      expected: expected,
      advice: isMissing ? "check the path" : "check the permissions and the disk")
  }
}
