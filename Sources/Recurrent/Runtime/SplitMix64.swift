import RecurrentSupport

/// A small, fast random number generator whose sequence is the same on every machine and in every release.
///
/// ```
/// state ← state + 0x9E3779B97F4A7C15
/// z ← (state ⊕ (state ≫ 30)) · 0xBF58476D1CE4E5B9
/// z ← (z ⊕ (z ≫ 27)) · 0x94D049BB133111EB
/// next = z ⊕ (z ≫ 31)
/// ```
///
/// Source: Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable, Codable {
  private var state: UInt64

  /// A generator whose sequence is determined by `seed`.
  ///
  /// - Parameter seed: any number, including 0.
  public init(seed: UInt64) { state = seed }

  /// One of several generators that share a seed, such as that of one epoch's shuffling.
  ///
  /// Generators of different streams are unrelated, even for small adjacent seeds and streams.
  ///
  /// - Parameters:
  ///   - seed: the shared seed.
  ///   - stream: the index of the generator, such as the epoch.
  public init(seed: UInt64, stream: UInt64) {
    var mixer = SplitMix64(seed: seed)
    state = mixer.next() ^ (stream &* 0xD1B5_4A32_D192_ED03)
    state = next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A uniform float in `[0, 1)`, from 24 random bits.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A uniform float in `[low, high)`.
  ///
  /// - Parameters:
  ///   - low: the lower bound.
  ///   - high: the upper bound, which rounding may reach.
  public mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }

  /// A uniform integer in `0..<bound`, without bias.
  ///
  /// Source: Lemire, *Fast Random Integer Generation in an Interval*, 2019.
  ///
  /// - Parameter bound: the exclusive upper bound.
  /// - Precondition: `bound` is positive.
  /// - Complexity: O(1) on average.
  public mutating func integer(below bound: Int) -> Int {
    require(bound > 0, "a bound must be positive; found \(bound)")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// The integers of `0..<count` in random order.
  ///
  /// Source: the shuffle of Fisher and Yates, in the form of Durstenfeld, 1964.
  ///
  /// - Parameter count: the number of integers.
  /// - Complexity: O(count).
  public mutating func permutation(of count: Int) -> [Int32] {
    var order = (0..<Int32(count)).map { $0 }
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(below: i + 1)) }
    return order
  }
}
