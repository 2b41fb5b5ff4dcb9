import Foundation
import Recurrent
import RecurrentData
import Testing

/// Which lengths a training sees.
@Suite struct LengthCurriculumTests {
  @Test("lengths double as they are mastered, up to the longest, which is then the only one")
  func growth() {
    var curriculum = LengthCurriculum(shortest: 2, first: 4, longest: 40, mastery: 0.9)
    var seen: [Int] = []
    for _ in 0..<5 {
      seen.append(curriculum.length)
      #expect(!curriculum.isMastered)
      let isMastered = curriculum.observe(accuracy: 0.95)
      #expect(isMastered)
    }
    #expect(seen == [4, 8, 16, 32, 40])
    #expect(curriculum.isMastered && curriculum.length == 40)
    let isMasteredAgain = curriculum.observe(accuracy: 1)
    #expect(!isMasteredAgain)
  }

  @Test("an accuracy that does not exceed the mark changes nothing", arguments: [0, 0.9, Double.nan])
  func patience(accuracy: Double) {
    let before = LengthCurriculum(mastery: 0.9)
    var curriculum = before
    let isMastered = curriculum.observe(accuracy: accuracy)
    #expect(!isMastered)
    #expect(curriculum == before)
  }

  @Test("all lengths from the shortest to L come about as often, and the longest alone once it is mastered")
  func draws() {
    var curriculum = LengthCurriculum(shortest: 3, first: 6, longest: 6)
    var generator = SplitMix64(seed: 0)
    let lengths = curriculum.lengths(count: 4000, using: &generator)
    for length in 3...6 { #expect(abs(lengths.count { $0 == length } - 1000) < 140) }
    #expect(lengths.allSatisfy { (3...6).contains($0) })
    curriculum.observe(accuracy: 1)
    #expect(curriculum.lengths(count: 9, using: &generator) == Array(repeating: 6, count: 9))
  }

  @Test("the first length is brought within the others", arguments: [(1, 5), (7, 7), (100, 9)])
  func first(first: Int, expected: Int) {
    #expect(LengthCurriculum(shortest: 5, first: first, longest: 9).length == expected)
  }

  @Test("a curriculum goes on from what was written down")
  func coding() throws {
    var curriculum = LengthCurriculum(shortest: 2, longest: 12)
    for _ in 0..<4 {
      let copy = try JSONDecoder().decode(LengthCurriculum.self, from: JSONEncoder().encode(curriculum))
      #expect(copy == curriculum)
      curriculum.observe(accuracy: 1)
    }
  }

  @Test(
    "what is no curriculum is refused",
    arguments: [
      #"{"shortest": 0, "longest": 40, "mastery": 0.9, "length": 4, "isMastered": false}"#,
      #"{"shortest": 4, "longest": 3, "mastery": 0.9, "length": 4, "isMastered": false}"#,
      #"{"shortest": 1, "longest": 40, "mastery": 1, "length": 4, "isMastered": false}"#,
      #"{"shortest": 1, "longest": 40, "mastery": 0.9, "length": 41, "isMastered": false}"#,
    ])
  func refusal(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LengthCurriculum.self, from: Data(json.utf8))
    }
  }
}
