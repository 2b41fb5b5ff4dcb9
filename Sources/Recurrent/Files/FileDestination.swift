#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The destination of bytes for a path: a new file, or an existing pipe or device.
enum FileDestination {
  /// A file or an unused name; `mode` has the permissions of an existing file.
  case file(path: String, mode: mode_t?)
  /// A pipe, a device or an open stream of the process: a descriptor to write to and close.
  case stream(Int32)

  /// The number of consecutive links that the system itself follows.
  private static let mostLinks = 40

  /// Finds what a path refers to.
  init(_ path: String, as place: AtomicFile.Place) throws(FileWriteError) {
    var current = path
    for _ in 0...Self.mostLinks {
      var status = stat()
      guard lstat(current, &status) == 0 else {
        if errno != ENOENT || current.isEmpty || current.hasSuffix("/") {
          throw FileWriteError(path: path, code: errno)
        }
        self = .file(path: current, mode: nil)
        return
      }
      let type = status.st_mode & S_IFMT
      if type == S_IFREG || (type == S_IFLNK && place == .member) {
        self = .file(path: current, mode: type == S_IFREG ? status.st_mode & 0o777 : nil)
        return
      }
      if type == S_IFDIR { throw FileWriteError(path: path, code: EISDIR) }
      if place == .named, let descriptor = Self.descriptor(of: current) {
        self = .stream(try Self.checked(fcntl(descriptor, F_DUPFD_CLOEXEC, 0), path))
        return
      }
      if type == S_IFLNK {
        current = try Self.target(of: current, path: path)
      } else if place == .named, type == S_IFIFO || type == S_IFCHR {
        self = .stream(try Self.openStream(current, type, path))
        return
      } else {
        throw FileWriteError(
          path: path, reason: "found \(Self.name(of: type))", advice: "name a file, or remove what is there")
      }
    }
    throw FileWriteError(path: path, code: ELOOP)
  }

  /// Splits a path into its folder, empty or ending in a slash, and the name.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
  }

  /// The target of a link, relative to the link's folder.
  private static func target(of link: String, path: String) throws(FileWriteError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink(link, &buffer, buffer.count)
    if length < 0 { throw FileWriteError(path: path, code: errno) }
    if length == buffer.count { throw FileWriteError(path: path, code: ENAMETOOLONG) }
    let target = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return target.hasPrefix("/") ? target : split(link).folder + target
  }

  /// The descriptor of this process that a path such as `/dev/stdout` refers to.
  ///
  /// It is written to as it is: a new descriptor for the same file would start at the file's beginning.
  private static func descriptor(of path: String) -> Int32? {
    let (folder, name) = split(path)
    guard let number = Int32(name), number >= 0, !folder.isEmpty, let resolved = realpath(folder, nil) else {
      return nil
    }
    defer { free(resolved) }
    return ["/proc/\(getpid())/fd", "/dev/fd"].contains(String(cString: resolved)) ? number : nil
  }

  /// Opens a pipe or a device; waits for a pipe's reader, as usual.
  private static func openStream(_ current: String, _ type: mode_t, _ path: String) throws(FileWriteError) -> Int32 {
    let file = try checked(open(current, O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC), path)
    var status = stat()
    if fstat(file, &status) == 0, status.st_mode & S_IFMT == type { return file }
    close(file)
    throw FileWriteError(path: path, reason: "replaced while it was opened", advice: "name a file")
  }

  /// The descriptor, or an error if it is negative.
  private static func checked(_ descriptor: Int32, _ path: String) throws(FileWriteError) -> Int32 {
    if descriptor < 0 { throw FileWriteError(path: path, code: errno) }
    return descriptor
  }

  private static func name(of type: mode_t) -> String {
    switch type {
    case S_IFSOCK: "a socket"
    case S_IFBLK: "a disk"
    case S_IFIFO: "a pipe"
    case S_IFCHR: "a device"
    default: "something other than a file"
    }
  }
}
