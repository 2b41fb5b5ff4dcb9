/// How much more memory the process can allocate.
enum AvailableMemory {
  /// Throws if work needs more memory than is available.
  ///
  /// - Parameters:
  ///   - bytes: about how many bytes the work needs.
  ///   - work: the work, as the message begins.
  ///   - advice: which options to make smaller.
  static func check(_ bytes: Double, for work: String, advice: String) throws(CommandFailure) {
    guard let available, bytes > available else { return }
    throw CommandFailure(
      "\(work): found a need of about \(text(bytes)) of memory, expected at most the \(text(available)) available; "
        + advice, .outOfMemory)
  }

  /// The least of what the machine, the limit of the process and its control group leave; nil if none is known.
  static var available: Double? {
    [machine, addressSpace, controlGroup].compactMap(\.self).min().map { max(0, $0) }
  }

  private static func text(_ bytes: Double) -> String {
    bytes < 1e9 ? "\((bytes / 1e6).fixed(0)) MB" : "\((bytes / 1e9).fixed(1)) GB"
  }

  private static var machine: Double? {
    field("MemAvailable:", of: "/proc/meminfo").map { $0 * 1024 }
  }

  /// What `ulimit -v` leaves.
  private static var addressSpace: Double? {
    guard let limit = field("Max address space", of: "/proc/self/limits"),
      let used = field("VmSize:", of: "/proc/self/status")
    else { return nil }
    return limit - used * 1024
  }

  /// What the memory limit of a container leaves, in either version of control groups.
  private static var controlGroup: Double? {
    let root = "/sys/fs/cgroup"
    for (limit, used) in [
      ("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ] {
      if let limit = number(root + "/" + limit), let used = number(root + "/" + used) {
        // The system can free its cache of files at any time.
        let cache = field("inactive_file ", of: root + "/memory.stat") ?? 0
        return limit - max(0, used - cache)
      }
    }
    return nil
  }

  private static func number(_ path: String) -> Double? {
    text(of: path).flatMap { Double($0.filter { !$0.isWhitespace }) }
  }

  /// The number in the line of a file that begins with `name`.
  private static func field(_ name: String, of path: String) -> Double? {
    let line = text(of: path)?.split(separator: "\n").first { $0.hasPrefix(name) }
    let words = line?.dropFirst(name.count).split(whereSeparator: \.isWhitespace) ?? []
    return words.first.flatMap { Double($0) }
  }

  private static func text(of path: String) -> String? {
    UntrustedFile.start(of: path, limit: 1 << 14).map { String(decoding: $0, as: UTF8.self) }
  }
}
