import Recurrent
import Testing

/// The generator against its published sequence, and what is drawn from it against chance.
@Suite struct SplitMix64Tests {
  @Test("the sequence is the published one")
  func knownSequence() {
    var generator = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
      16_408_922_859_458_223_821,
    ]
    #expect(expected.map { _ in generator.next() } == expected)
  }

  @Test("a copy repeats what its original goes on with")
  func copies() {
    var generator = SplitMix64(seed: 5)
    _ = generator.next()
    var copy = generator
    #expect((0..<10).map { _ in generator.next() } == (0..<10).map { _ in copy.next() })
  }

  @Test("streams of neighbouring seeds and numbers have nothing in common")
  func streams() {
    var seen: Set<UInt64> = []
    for seed in 0..<30 as Range<UInt64> {
      for stream in 0..<30 as Range<UInt64> {
        var generator = SplitMix64(seed: seed, stream: stream)
        for _ in 0..<5 { seen.insert(generator.next()) }
      }
    }
    #expect(seen.count == 30 * 30 * 5)
    var (one, same) = (SplitMix64(seed: 3, stream: 4), SplitMix64(seed: 3, stream: 4))
    #expect(one.next() == same.next())
  }

  @Test("uniform floats lie in [0, 1), evenly")
  func uniform() {
    var generator = SplitMix64(seed: 1)
    let values = (0..<20_000).map { _ in Double(generator.uniform()) }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    expectMoments(values.map { $0 - 0.5 }, mean: 0, variance: 1.0 / 12, fourth: 1.0 / 80)
    let range = (0..<1_000).map { _ in generator.uniform(-3, 5) }
    #expect(range.allSatisfy { $0 >= -3 && $0 < 5 })
    #expect(range.contains { $0 < -2.8 } && range.contains { $0 > 4.8 })
  }

  @Test("normal floats have mean 0 and deviation 1")
  func normal() {
    var generator = SplitMix64(seed: 2)
    let values = (0..<20_000).map { _ in generator.normal() }
    #expect(values.allSatisfy { $0.isFinite })
    expectNormal(values, deviation: 1)
  }

  @Test("whole numbers lie below their bound, each as often as the others", arguments: [1, 2, 3, 7, 10, 1_000])
  func integers(bound: Int) {
    var generator = SplitMix64(seed: 3)
    let draws = 200 * bound
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<draws { counts[generator.integer(below: bound)] += 1 }
    // χ² has the mean `bound - 1` and twice that as variance; five deviations are enough at one degree of freedom too,
    // where the tail is longer, since the seed is fixed.
    let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - 200) * (Double($1) - 200) / 200 }
    #expect(chiSquare <= Double(bound - 1) + 5 * (2 * Double(bound - 1)).squareRoot())
  }

  @Test("no number is drawn more often because the bound does not divide 2⁶⁴")
  func largeBound() {
    // Of this bound, 2/5 of 2⁶⁴, a multiplication alone gives three of the 2⁶⁴ numbers to each odd result in the lower
    // half, and two to each even one.
    let bound = 7_378_697_629_483_820_646
    var generator = SplitMix64(seed: 4)
    let values = (0..<6_000).map { _ in generator.integer(below: bound) }
    #expect(values.allSatisfy { $0 >= 0 && $0 < bound })
    let low = values.filter { $0 < bound / 2 }
    let even = low.count { $0.isMultiple(of: 2) }
    // A count out of n, half of which is expected, has the deviation √n / 2.
    #expect(abs(low.count - 3_000) < 194)
    #expect(abs(even - low.count / 2) < 137)
  }

  @Test("a permutation holds every number once", arguments: [0, 1, 2, 7, 1_000])
  func permutation(count: Int) {
    var generator = SplitMix64(seed: 5)
    let order = generator.permutation(of: count)
    #expect(order.sorted() == (0..<Int32(count)).map { $0 })
    if count > 7 { #expect(order != order.sorted()) }
  }

  @Test("all orders of three are equally likely")
  func permutationIsFair() {
    var generator = SplitMix64(seed: 6)
    var counts: [[Int32]: Int] = [:]
    for _ in 0..<6_000 { counts[generator.permutation(of: 3), default: 0] += 1 }
    #expect(counts.count == 6)
    // Five deviations of a binomial count around 1,000.
    for count in counts.values { #expect((Double(count) - 1_000).magnitude < 5 * (6_000.0 * 5 / 36).squareRoot()) }
  }
}
