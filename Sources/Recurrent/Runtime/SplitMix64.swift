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

  /// A generator whose whole sequence follows from `seed`.
  ///
  /// - Parameter seed: any number; 0 is as good as others.
  public init(seed: UInt64) { state = seed }

  /// A generator for one purpose among several that share a seed, such as one epoch's shuffling.
  ///
  /// Generators of different streams are unrelated even where seeds and streams are small neighbouring numbers.
  ///
  /// - Parameters:
  ///   - seed: what several generators share.
  ///   - stream: which of them this is, such as the number of the epoch.
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

  /// A float drawn evenly from `[0, 1)`: 24 random bits.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A float drawn evenly from `[low, high)`.
  ///
  /// - Parameters:
  ///   - low: the smallest value.
  ///   - high: what all values lie below, or at by rounding.
  public mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }

  /// A whole number drawn evenly from `0..<bound`, without bias.
  ///
  /// Source: Lemire, *Fast Random Integer Generation in an Interval*, 2019.
  ///
  /// - Parameter bound: what the number lies below.
  /// - Precondition: the bound is above 0.
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

  /// The whole numbers of `0..<count` in random order.
  ///
  /// Source: the shuffle of Fisher and Yates, in the form of Durstenfeld, 1964.
  ///
  /// - Parameter count: how many numbers.
  /// - Complexity: O(count).
  public mutating func permutation(of count: Int) -> [Int32] {
    var order = (0..<Int32(count)).map { $0 }
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(below: i + 1)) }
    return order
  }
}
