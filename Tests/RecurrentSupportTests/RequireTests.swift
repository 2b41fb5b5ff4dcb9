import RecurrentSupport
import Testing

/// What a mistake of the calling program says, in whatever build runs.
@Suite struct RequireTests {
  @Test("a promise that is kept costs nothing")
  func kept() {
    var count = 0
    func message() -> String {
      count += 1
      return ""
    }
    require(1 < 2, message())
    #expect(count == 0)
  }

  @Test("a promise that is broken ends the process with its sentence")
  func broken() async throws {
    let result = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        require([1].count == 2, "expected 2 elements; found \([1].count)")
      })
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(text.contains("expected 2 elements; found 1"))
    #expect(text.contains("RequireTests.swift"))
  }
}
