import RecurrentKernels
import TestSupport
import Testing

@testable import Recurrent

/// Machines with fast and slow processors, as Linux shows them.
@Suite struct PerformanceCoresTests {
  @Test(
    "the list that Linux gives of fast processors",
    arguments: [
      ("0-11\n", [0...11]), ("0,2,4-7\n", [0...0, 2...2, 4...7]), ("3", [3...3]), ("", nil), ("\n", nil), ("P", nil),
      ("7-4\n", nil), ("0-\n", nil), ("-3\n", nil), ("0-1-2\n", nil), ("0-70000\n", nil),
    ] as [(String, [ClosedRange<Int>]?)])
  func list(text: String, expected: [ClosedRange<Int>]?) throws {
    let directory = try TemporaryDirectory()
    try directory.write(Array(text.utf8), to: "sys/devices/cpu_core/cpus")
    #expect(PerformanceCores.list(root: directory.path) == expected)
  }

  @Test("a machine whose processors are all alike has no list")
  func alike() throws { #expect(PerformanceCores.list(root: try TemporaryDirectory().path) == nil) }

  @Test("only fast processors that the thread may use count; if there is none, slow ones do")
  func allowed() {
    #expect(PerformanceCores.count(of: [0...3, 8...9]) { $0 > 2 } == 3)
    #expect(PerformanceCores.count(of: [0...3]) { $0 > 3 } == nil)
  }

  @Test("the processors that a thread may run on are as many as are counted")
  func mayRunOn() {
    #if os(Linux)
      #expect((0..<4096).count { rk_may_run_on($0) != 0 } == rk_processor_count())
      #expect(rk_may_run_on(-1) == 1 && rk_may_run_on(1 << 24) == 0)
    #endif
  }
}
