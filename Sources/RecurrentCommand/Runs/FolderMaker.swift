#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Makes the folder of a run and its missing parents.
enum FolderMaker {
  /// Makes a folder and its parents unless they exist; returns those that were made, from the top down.
  static func make(_ path: String) throws(CommandFailure) -> [String] {
    var made: [String] = []
    for folder in ancestors(path) + [path] where !isFolder(folder) {
      let code = makeOne(folder)
      if code == 0 {
        made.append(folder)
      } else if !(code == EEXIST && isFolder(folder)) {
        remove(made)
        throw failure(folder, code: code)
      }
    }
    return made
  }

  /// Makes a new folder whose name begins with `base`; runs that begin in the same second get different ones.
  static func makeFresh(_ base: String) throws(CommandFailure) -> (path: String, made: [String]) {
    let path = "\(base)-\(moment)"
    var made: [String] = []
    for folder in ancestors(path) { made += try make(folder) }
    var number = 1
    while true {
      let candidate = number == 1 ? path : "\(path)-\(number)"
      let code = makeOne(candidate)
      if code == 0 { return (candidate, made + [candidate]) }
      if code != EEXIST {
        remove(made)
        throw failure(candidate, code: code)
      }
      number += 1
    }
  }

  /// Removes folders that were made, unless they are no longer empty.
  static func remove(_ made: [String]) {
    for folder in made.reversed() { _ = unsafe rmdir(folder) }
  }

  /// Makes a folder in an existing one; returns the error code of the system, or 0.
  private static func makeOne(_ path: String) -> Int32 { unsafe mkdir(path, 0o777) == 0 ? 0 : errno }

  /// The folders above a path, from the top down.
  private static func ancestors(_ path: String) -> [String] {
    path.indices.filter { path[$0] == "/" && $0 != path.startIndex }.map { String(path[..<$0]) }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func failure(_ path: String, code: Int32) -> CommandFailure {
    let found =
      code == EEXIST || code == ENOTDIR
      ? "a file" : "a folder that cannot be made (\(unsafe String(cString: strerror(code))))"
    return CommandFailure(
      "\(path): found \(found), expected a folder for the run's results; name another with --run-dir", .cannotCreate)
  }

  /// The current time, for names.
  private static var moment: String {
    var now = time(nil)
    var parts = unsafe tm()
    var text = [CChar](repeating: 0, count: 32)
    _ = unsafe localtime_r(&now, &parts)
    let length = unsafe strftime(&text, text.count, "%Y-%m-%d-%H%M%S", &parts)
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
