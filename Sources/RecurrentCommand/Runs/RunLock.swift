import Recurrent
import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A lock that keeps two runs from writing into one folder: a file in it that is locked during the run.
///
/// The system releases the lock when the process ends, however it ends; a file that a dead process has left does no harm.
final class RunLock {
  /// The name of the file.
  static let name = ".recurrent.lock"

  private let path: String
  private let file: Int32

  /// Takes the lock of an existing folder.
  ///
  /// - Throws: a failure that names the holder if another process has the lock, or why the file cannot be made.
  init(folder: String) throws(CommandFailure) {
    path = folder + "/" + Self.name
    while true {
      let file = unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o644)
      if file < 0 {
        throw CommandFailure(
          "\(folder): cannot be written (\(unsafe String(cString: strerror(errno)))), expected a folder for results; "
            + "name another with --run-dir", .cannotCreate)
      }
      let code = Self.lock(file)
      if code == EWOULDBLOCK {
        let holder = Self.holder(of: file)
        close(file)
        throw Self.taken(folder, by: holder)
      }
      if code != 0 {
        let reason = unsafe String(cString: strerror(code))
        Terminal.note("\(folder): cannot be locked (\(reason)); make sure that no other run writes there")
      } else if !Self.isSame(file, path) {
        // The previous holder removed the file between these two calls.
        close(file)
        continue
      }
      ftruncate(file, 0)
      // The lock is valid even if the disk is full and this fails.
      _ = AtomicFile.writeAll(Array("process \(getpid()) on \(Self.hostName)\n".utf8), to: file)
      self.file = file
      return
    }
  }

  deinit {
    _ = unsafe unlink(path)
    close(file)
  }

  /// Throws a failure that names the holder if a run has the lock of a folder.
  static func check(_ folder: String) throws(CommandFailure) {
    let file = unsafe open(folder + "/" + name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if file < 0 { return }
    defer { close(file) }
    if flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK { throw taken(folder, by: holder(of: file)) }
  }

  private static func taken(_ folder: String, by holder: String) -> CommandFailure {
    CommandFailure(
      "\(folder): found a run in progress (\(holder)), expected a folder without one; wait for its end, or name "
        + "another with --run-dir", .cannotCreate)
  }

  /// Locks a file; returns the error code of the system, or 0.
  private static func lock(_ file: Int32) -> Int32 {
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }

  /// Whether an open file is still the one at the path.
  private static func isSame(_ file: Int32, _ path: String) -> Bool {
    var (mine, named) = (stat(), stat())
    return unsafe fstat(file, &mine) == 0 && lstat(path, &named) == 0 && mine.st_ino == named.st_ino
      && mine.st_dev == named.st_dev
  }

  /// The holder, as it has written into the file.
  private static func holder(of file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = unsafe pread(file, &bytes, bytes.count, 0)
    let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).split(separator: "\n").first ?? ""
    return text.isEmpty ? "another process" : String(text).shown()
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    let isKnown = unsafe gethostname(&name, name.count - 1) == 0
    return isKnown ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "a host"
  }
}
