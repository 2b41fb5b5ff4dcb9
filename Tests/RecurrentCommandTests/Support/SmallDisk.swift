import Foundation
import TestSupport

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
    guard let directory = try? TemporaryDirectory() else { return false }
    return (try? SmallDisk("disk", in: directory, kilobytes: 16)) != nil
  }()

  private let path: String
  /// Held until the file system is unmounted: before, it could not be removed.
  private let directory: TemporaryDirectory

  /// Mounts a file system on a folder of a directory.
  init(_ name: String, in directory: TemporaryDirectory, kilobytes: Int) throws {
    self.directory = directory
    path = directory.path(name)
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
