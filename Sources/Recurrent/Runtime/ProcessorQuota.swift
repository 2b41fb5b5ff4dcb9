/// The number of processors that the CPU quota of a process's Linux control groups allows.
///
/// A group's quota limits all groups below it, so the smallest from the process's own group up to the root counts.
/// Inside a container some of these groups may not be visible: missing files are skipped.
///
/// Source: the kernel's documentation, *Control Group v2*, `cpu.max`, and *CFS Bandwidth Control*, `cpu.cfs_quota_us`.
enum ProcessorQuota {
  /// The quota in whole processors, rounded up; nil if there is none.
  ///
  /// - Parameter root: the folder in which `proc` and `sys` are.
  static func read(root: String = "") -> Int? {
    let groups = SystemFile.text(root + "/proc/self/cgroup") ?? ""
    var quotas: [Double] = []
    for line in groups.split(separator: "\n") {
      // The hierarchy's number, its controllers, and the group's path.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].isEmpty {
        for folder in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
          quotas += levels(of: parts[2]).compactMap { quotaOfVersion2(root + folder + $0) }
        }
      } else if parts[1].split(separator: ",").contains("cpu") {
        for folder in ["/sys/fs/cgroup/\(parts[1])", "/sys/fs/cgroup/cpu"] {
          quotas += levels(of: parts[2]).compactMap { quotaOfVersion1(root + folder + $0) }
        }
      }
    }
    return quotas.min().map { max(1, Int($0.rounded(.up))) }
  }

  /// The paths of a group and of all groups above it; the root's is empty.
  private static func levels(of path: Substring) -> [String] {
    let names = path.split(separator: "/")
    return (0...names.count).map { names.prefix($0).map { "/" + $0 }.joined() }
  }

  /// `cpu.max`: a time and its period, or `max` for no limit.
  private static func quotaOfVersion2(_ group: String) -> Double? {
    guard let words = SystemFile.text(group + "/cpu.max")?.split(whereSeparator: \.isWhitespace),
      words.count == 2
    else { return nil }
    return quota(words[0], of: words[1])
  }

  /// `cpu.cfs_quota_us`: a time, or -1 for no limit.
  private static func quotaOfVersion1(_ group: String) -> Double? {
    guard let time = SystemFile.text(group + "/cpu.cfs_quota_us"),
      let period = SystemFile.text(group + "/cpu.cfs_period_us")
    else { return nil }
    return quota(time[...], of: period[...])
  }

  private static func quota(_ time: Substring, of period: Substring) -> Double? {
    func number(_ text: Substring) -> Double? { Int32(text.filter { !$0.isWhitespace }).map(Double.init) }
    guard let time = number(time), let period = number(period), time > 0, period > 0 else { return nil }
    return time / period
  }
}
