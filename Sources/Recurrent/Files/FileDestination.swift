#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where bytes for a path go: into a new file of some name, or straight into what is there.
enum FileDestination {
  /// A file, or a name that is free; `mode` has the permissions of a file that is there.
  case file(path: String, mode: mode_t?)
  /// A pipe, a device or a stream that the process has open: a descriptor to write to and to close.
  case stream(Int32)

  /// As many links in a row as the system itself follows.
  private static let mostLinks = 40

  /// Looks at what a path stands for.
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
          path: path, reason: "found \(Self.name(of: type)) there", advice: "name a file, or remove what is there")
      }
    }
    throw FileWriteError(path: path, code: ELOOP)
  }

  /// A path as its folder, with the slash at its end or empty, and the name in it.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
  }

  /// The path that a link holds, as seen from where the link is.
  private static func target(of link: String, path: String) throws(FileWriteError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink(link, &buffer, buffer.count)
    if length < 0 { throw FileWriteError(path: path, code: errno) }
    if length == buffer.count { throw FileWriteError(path: path, code: ENAMETOOLONG) }
    let target = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return target.hasPrefix("/") ? target : split(link).folder + target
  }

  /// The descriptor of this process that a path such as `/dev/stdout` comes down to.
  ///
  /// It is written to as it is: another one for the same file would begin at the file's start.
  private static func descriptor(of path: String) -> Int32? {
    let (folder, name) = split(path)
    guard let number = Int32(name), number >= 0, !folder.isEmpty, let resolved = realpath(folder, nil) else {
      return nil
    }
    defer { free(resolved) }
    return ["/proc/\(getpid())/fd", "/dev/fd"].contains(String(cString: resolved)) ? number : nil
  }

  /// Opens a pipe or a device; waits for the reader of a pipe, as every program does.
  private static func openStream(_ current: String, _ type: mode_t, _ path: String) throws(FileWriteError) -> Int32 {
    let file = try checked(open(current, O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC), path)
    var status = stat()
    if fstat(file, &status) == 0, status.st_mode & S_IFMT == type { return file }
    close(file)
    throw FileWriteError(path: path, reason: "replaced while it was opened", advice: "name a file")
  }

  /// A descriptor, or why there is none.
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
