import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A device that tests may name as a destination, whatever the code under test makes of it.
///
/// The machine's own for users who cannot replace it; for root, who can, a node of the same device in a temporary
/// directory.
struct SafeDevice {
  let path: String
  private let directory: TemporaryDirectory?

  /// nil if there is no such device, or the system lets nobody make one.
  init?(_ name: String) {
    let machines = "/dev/" + name
    var status = stat()
    guard stat(machines, &status) == 0 else { return nil }
    if access("/dev", W_OK) != 0 {
      (path, directory) = (machines, nil)
      return
    }
    guard let directory = try? TemporaryDirectory() else { return nil }
    path = directory.path(name)
    self.directory = directory
    guard mknod(path, S_IFCHR | 0o600, status.st_rdev) == 0 else { return nil }
    // File systems may be mounted without devices.
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    if descriptor < 0 { return nil }
    close(descriptor)
  }

  /// Whether nothing has come beside it; true of the machine's own.
  var isAlone: Bool { directory.map { (try? $0.contents().count) == 1 } ?? true }
}
