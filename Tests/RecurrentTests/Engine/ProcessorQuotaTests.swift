import TestSupport
import Testing

@testable import Recurrent

/// Quotas of processor time as Linux shows them, in folders that look like its own.
@Suite struct ProcessorQuotaTests {
  struct Example: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let quota: Int?
    let files: [String: String]

    init(_ reason: String, _ quota: Int?, _ files: [String: String]) {
      (testDescription, self.quota, self.files) = (reason, quota, files)
    }
  }

  private static let groups = "proc/self/cgroup"

  @Test(arguments: [
    Example("no control groups", nil, [:]),
    Example("no quota", nil, [groups: "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"]),
    Example("the files of the root group, which has no quota", nil, [groups: "0::/\n"]),
    Example(
      "one processor, as docker --cpus 1 gives it", 1, [groups: "0::/\n", "sys/fs/cgroup/cpu.max": "100000 100000\n"]),
    Example("one and a half are two", 2, [groups: "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"]),
    Example("a tenth is one", 1, [groups: "0::/\n", "sys/fs/cgroup/cpu.max": "10000 100000\n"]),
    Example("another period", 3, [groups: "0::/\n", "sys/fs/cgroup/cpu.max": "30000 10000\n"]),
    Example("the process's own group", 4, [groups: "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n"]),
    Example(
      "a group above with less", 2,
      [
        groups: "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n",
        "sys/fs/cgroup/a/cpu.max": "200000 100000\n",
      ]),
    Example(
      "a group above with more", 2,
      [
        groups: "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "200000 100000\n",
        "sys/fs/cgroup/a/cpu.max": "400000 100000\n",
      ]),
    Example(
      "a path of the machine, of which the container sees the end", 2,
      [groups: "0::/docker/123\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"]),
    Example(
      "another group's quota", nil, [groups: "0::/a\n", "sys/fs/cgroup/ab/cpu.max": "200000 100000\n"]),
    Example(
      "version 1", 2,
      [
        groups: "5:memory:/m\n4:cpu,cpuacct:/a\n0::/x\n", "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "150000\n",
        "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
      ]),
    Example(
      "version 1 without a quota", nil,
      [
        groups: "4:cpu:/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      ]),
    Example(
      "version 1, of which the container sees the end", 1,
      [
        groups: "4:cpu:/docker/1\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      ]),
    Example(
      "controllers whose names only begin alike", nil,
      [
        groups: "4:cpuset:/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      ]),
    Example("no sense", nil, [groups: "0::/\nx\n::\n", "sys/fs/cgroup/cpu.max": "a lot\n"]),
    Example("a period of zero", nil, [groups: "0::/\n", "sys/fs/cgroup/cpu.max": "100000 0\n"]),
    Example("a quota below zero", nil, [groups: "0::/\n", "sys/fs/cgroup/cpu.max": "-100000 100000\n"]),
    Example("no period", nil, [groups: "0::/\n", "sys/fs/cgroup/cpu.max": "100000\n"]),
    Example("empty files", nil, [groups: "", "sys/fs/cgroup/cpu.max": ""]),
  ])
  func quota(_ example: Example) throws {
    let directory = try TemporaryDirectory()
    for (path, text) in example.files { try directory.write(Array(text.utf8), to: path) }
    #expect(ProcessorQuota.read(root: directory.path) == example.quota)
  }
}
