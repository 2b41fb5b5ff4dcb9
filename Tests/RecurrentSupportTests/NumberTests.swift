import Foundation
import RecurrentSupport
import Testing

/// Numbers that users and files choose: rounded once, and never beyond what an integer holds.
@Suite struct NumberTests {
  @Test(
    "a figure is rounded once, from its binary value",
    arguments: [
      (47.515, 2, "47.52"), (100 * ((0.5003 + 0.45) / 2), 2, "47.51"), (0.015, 2, "0.01"), (0.125, 2, "0.12"),
      (0.5, 0, "0"), (2, 2, "2.00"),
      (-0.004, 2, "-0.00"), (1e20, 1, "100000000000000000000.0"), (.infinity, 2, "inf"), (.nan, 2, "nan"),
      (-.nan, 2, "nan"),
    ] as [(Double, Int, String)])
  func fixed(_ value: Double, _ decimals: Int, _ text: String) { #expect(value.fixed(decimals) == text) }

  @Test(
    "groups that hold all",
    arguments: [
      (0, 3, 0), (1, 3, 1), (3, 3, 1), (4, 3, 2), (55_000, .max, 1), (.max, .max, 1), (.max, 1, .max), (0, .max, 0),
    ])
  func groups(_ count: Int, _ size: Int, _ groups: Int) { #expect(count.groups(of: size) == groups) }

  @Test(
    "products end at the largest number", arguments: [(3, 4, 12), (.max, 2, .max), (0, .max, 0), (.max, .max, .max)])
  func products(_ a: Int, _ b: Int, _ product: Int) { #expect(a.saturatingProduct(b) == product) }

  @Test("without memory a process ends as it is told to")
  func outOfMemory() async {
    await #expect(processExitsWith: .exitCode(71)) {
      OutOfMemory.end { _ in exit(71) }
      OutOfMemory.end("no memory for 1 byte")
    }
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      OutOfMemory.end("no memory for 1 byte")
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains("no memory for 1 byte"))
  }
}
