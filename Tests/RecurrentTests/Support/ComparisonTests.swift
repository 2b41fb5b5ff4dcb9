import TestSupport
import Testing

/// Comparisons that could not fail would prove nothing.
@Suite struct ComparisonTests {
  @Test("deviation is relative to the largest magnitude of the reference")
  func deviationIsRelative() {
    #expect(deviation(of: [1, -4], from: [1, -4]) == 0)
    #expect(deviation(of: [1.5, -4], from: [1, -4]) == 0.125)
    #expect(deviation(of: [1, -3], from: [1, -4]) == 0.25)
    #expect(deviation(of: [], from: []) == 0)
  }

  @Test("a reference of zeros is met by zeros alone")
  func zeros() {
    #expect(mismatch(of: [0, -0.0], with: [0, 0], within: 1e-5) == nil)
    #expect(mismatch(of: [0, 1e-30], with: [0, 0], within: 1e-5) != nil)
  }

  @Test(
    "what is not close is found out",
    arguments: [
      ([1, 2, 3.01], "the last element is off"), ([1.01, 2, 3], "the first element is off"),
      ([1, 2], "an element is missing"), ([1, 2, 3, 3], "there is one too many"),
      ([1, .nan, 3], "an element is not a number"), ([1, .infinity, 3], "an element is infinite"),
      ([1, 3, 2], "elements are exchanged"), ([-1, -2, -3], "signs are wrong"), ([0, 0, 0], "nothing was computed"),
    ] as [([Float], String)])
  func mismatches(found: [Float], reason: String) {
    #expect(mismatch(of: found, with: [1, 2, 3], within: 1e-3) != nil, "\(reason)")
    #expect(bitMismatch(of: found, with: [1, 2, 3]) != nil, "\(reason)")
  }

  @Test("what is not a number agrees with nothing, but has the bits of itself")
  func notANumber() {
    #expect(mismatch(of: [1], with: [.nan], within: 1e-3) != nil)
    #expect(mismatch(of: [.nan], with: [.nan], within: 1e-3) != nil)
    #expect(bitMismatch(of: [.nan], with: [.nan]) == nil)
    #expect(bitMismatch(of: [0], with: [-0.0]) != nil)
    #expect(bitMismatch(of: [1], with: [Float(1).nextUp]) != nil)
  }

  @Test("ulps are counted in units of the rounded exact value")
  func units() {
    #expect(ulps(of: 1, from: 1) == 0)
    #expect(ulps(of: Float(1).nextUp, from: 1) == 1)
    #expect(ulps(of: -8, from: Double(Float(-8).nextUp)) > 0.9)
    #expect(ulps(of: Float(1.0 / 3), from: 1.0 / 3) <= 0.5)
    #expect(ulps(of: Float(1e-35).nextUp, from: Double(Float(1e-35))) == 1)
    #expect(ulps(of: 0, from: 1.1e-38) < 1)
    #expect(ulps(of: 0, from: 1.3e-38) > 1)
    #expect(ulps(of: .infinity, from: 1e39) == 0)
    #expect(ulps(of: .infinity, from: 1) == .infinity)
    #expect(ulps(of: .nan, from: 1) == .infinity)
    #expect(ulps(of: 1, from: .nan) == .infinity)
    #expect(ulps(of: .nan, from: .nan) == 0)
  }
}
