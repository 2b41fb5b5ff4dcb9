import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Draws the next token from a network's logits.
///
/// ```
/// w_i = e^((z_i - max z) / T)        T is the temperature; at 0 the token of the largest logit is taken
/// top-k: only the k largest w_i      equally large ones in the order of their indices
/// top-p: of these, the fewest of the largest whose sum is at least p · Σ w
/// P(i) = w_i / Σ w                   over the tokens that are left
/// ```
///
/// Computed in `Double`. A token with a logit of -∞ is never drawn. The same seed draws the same tokens from the same
/// logits; each token takes one random number, at temperature 0 none.
///
/// A sampler is a value, and can be stored between two tokens. It keeps memory for the weights of one step: after the
/// first token of a vocabulary it allocates nothing.
///
/// Source of top-p: Holtzman et al., *The Curious Case of Neural Text Degeneration*, 2020, section 3.1; of top-k: Fan, Lewis
/// and Dauphin, *Hierarchical Neural Story Generation*, 2018.
public struct TokenSampler: Sendable {
  /// T: below 1 probable tokens become more probable, above 1 less; 0 takes the most probable.
  public let temperature: Double
  /// k: how many tokens may be drawn; nil for all.
  public let topK: Int?
  /// p: the probability of the tokens that may be drawn, together; 1 for all.
  public let topP: Double
  /// Where randomness comes from.
  public var generator: SplitMix64
  /// w of all tokens, in memory that the next step uses again.
  private var weights: [Double] = []
  /// Tokens, those that may be drawn at the end.
  private var order: [Int32] = []

  /// A sampler.
  ///
  /// - Parameters:
  ///   - temperature: T: below 1 probable tokens become more probable, above 1 less; 0 takes the most probable.
  ///   - topK: k: how many tokens may be drawn; nil for all.
  ///   - topP: p: the probability of the tokens that may be drawn, together; 1 for all.
  ///   - seed: what all draws follow from.
  /// - Precondition: the temperature is finite and not negative; `topK` is at least 1; `topP` is above 0 and at most 1.
  public init(temperature: Double = 1, topK: Int? = nil, topP: Double = 1, seed: UInt64 = 0) {
    require(
      temperature >= 0 && temperature.isFinite, "a temperature is finite and not negative; found \(temperature)")
    require(topK.map { $0 >= 1 } ?? true, "top-k is at least 1; found \(topK ?? 0)")
    require(topP > 0 && topP <= 1, "top-p is above 0 and at most 1; found \(topP)")
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    generator = SplitMix64(seed: seed)
  }

  /// Draws a token.
  ///
  /// - Parameter logits: one number for each token.
  /// - Returns: the index of a token.
  /// - Throws: ``NonFiniteError`` if a logit is NaN or +∞, or all are -∞; the sampler then stays as it was.
  /// - Precondition: there is at least one logit.
  /// - Complexity: O(tokens), with top-k and top-p O(tokens + tokens kept · log tokens).
  public mutating func next(logits: [Float]) throws(NonFiniteError) -> Int { try next(logits: logits.span) }

  /// Draws a token.
  ///
  /// - Parameter logits: one number for each token.
  /// - Returns: the index of a token.
  /// - Throws: ``NonFiniteError`` if a logit is NaN or +∞, or all are -∞; the sampler then stays as it was.
  /// - Precondition: there is at least one logit.
  /// - Complexity: O(tokens), with top-k and top-p O(tokens + tokens kept · log tokens).
  public mutating func next(logits: Span<Float>) throws(NonFiniteError) -> Int {
    require(!logits.isEmpty, "a token is drawn from at least one logit")
    var best = 0
    for i in logits.indices {
      if !(logits[i] < .infinity) { throw NonFiniteError(place: .logits, value: logits[i]) }
      if logits[i] > logits[best] { best = i }
    }
    let largest = Double(logits[best])
    if largest == -.infinity { throw NonFiniteError(place: .logits, value: logits[best]) }
    if temperature == 0 { return best }
    weights.removeAll(keepingCapacity: true)
    for i in logits.indices { weights.append(exp((Double(logits[i]) - largest) / temperature)) }
    if topK ?? .max >= weights.count && topP == 1 { return draw() }
    return draw(ofLast: rank())
  }

  // MARK: Draws

  /// A number drawn evenly from `[0, 1)`, of 53 random bits.
  private mutating func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

  /// A token of all.
  private mutating func draw() -> Int {
    // The sum is taken in the order of the search, so that rounding cannot lead past its end.
    let threshold = uniform() * weights.reduce(0, +)
    var (sum, token) = (0.0, 0)
    while token < weights.count - 1 {
      sum += weights[token]
      if sum > threshold { break }
      token += 1
    }
    return token
  }

  /// A token of the last in `order`.
  private mutating func draw(ofLast count: Int) -> Int {
    let kept = order.suffix(count)
    let threshold = uniform() * kept.reversed().reduce(0) { $0 + weights[Int($1)] }
    var sum = 0.0
    for token in kept.reversed() {
      sum += weights[Int(token)]
      if sum > threshold { return Int(token) }
    }
    return Int(order[order.count - count])
  }

  // MARK: Ranks

  /// Moves the tokens that may be drawn to the end of `order`, the largest weight last, and returns how many they are.
  private mutating func rank() -> Int {
    order.removeAll(keepingCapacity: true)
    for token in 0..<Int32(weights.count) { order.append(token) }
    for parent in stride(from: order.count / 2 - 1, through: 0, by: -1) { siftDown(parent, below: order.count) }
    let most = min(topK ?? .max, order.count)
    // Without top-k, the sum of which top-p takes a part is known beforehand, and no more is ranked than it takes.
    let goal = topP == 1 || most < order.count ? .infinity : topP * weights.reduce(0, +)
    var (count, sum) = (0, 0.0)
    while count < most && sum < goal {
      count += 1
      order.swapAt(0, order.count - count)
      siftDown(0, below: order.count - count)
      sum += weights[Int(order[order.count - count])]
    }
    if topP == 1 || most == order.count { return count }
    let part = topP * sum
    (count, sum) = (0, 0)
    while count < most && sum < part {
      count += 1
      sum += weights[Int(order[order.count - count])]
    }
    return count
  }

  /// Lets the token at an index of the heap `order[..<end]` sink until none below it comes before it.
  private mutating func siftDown(_ index: Int, below end: Int) {
    var parent = index
    while true {
      var first = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < end && precedes(order[child], order[first]) {
        first = child
      }
      if first == parent { return }
      order.swapAt(parent, first)
      parent = first
    }
  }

  private func precedes(_ a: Int32, _ b: Int32) -> Bool {
    let (left, right) = (weights[Int(a)], weights[Int(b)])
    return left > right || left == right && a < b
  }
}

extension TokenSampler: Equatable {
  /// Whether two samplers draw the same tokens from the same logits.
  ///
  /// - Parameters:
  ///   - a: a sampler.
  ///   - b: another.
  public static func == (a: Self, b: Self) -> Bool {
    (a.temperature, a.topK, a.topP) == (b.temperature, b.topK, b.topP) && a.generator == b.generator
  }
}

extension TokenSampler: Codable {
  private enum CodingKeys: String, CodingKey { case temperature, topK, topP, generator }

  /// Reads settings and the state of the generator.
  ///
  /// - Parameter decoder: of any format.
  /// - Throws: `DecodingError` if a number is outside of its range.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    temperature = try container.value(.temperature, in: 0...Double.greatestFiniteMagnitude)
    topK = try container.contains(.topK) ? container.value(.topK, in: 1...) : nil
    topP = try container.value(.topP, in: Double.leastNonzeroMagnitude...1)
    generator = try container.decode(SplitMix64.self, forKey: .generator)
  }

  /// Writes settings and the state of the generator.
  ///
  /// - Parameter encoder: of any format.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(temperature, forKey: .temperature)
    try container.encodeIfPresent(topK, forKey: .topK)
    try container.encode(topP, forKey: .topP)
    try container.encode(generator, forKey: .generator)
  }
}
