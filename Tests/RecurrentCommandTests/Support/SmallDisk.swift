import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file system that is soon full, as long as somebody refers to it.
final class SmallDisk {
  struct Failure: Error {}

  /// Whether there can be one.
  static let isAvailable: Bool = {
    let path = FileManager.default.temporaryDirectory.path + "/recurrent-disk-\(getpid())"
    defer { rmdir(path) }
    return (try? SmallDisk(at: path, kilobytes: 16)) != nil
  }()

  private let path: String

  /// Mounts a file system.
  init(at path: String, kilobytes: Int) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #if os(Linux)
      guard mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else { throw Failure() }
    #else
      throw Failure()
    #endif
  }

  deinit {
    #if os(Linux)
      umount2(path, Int32(2))  // MNT_DETACH
    #endif
  }
}
