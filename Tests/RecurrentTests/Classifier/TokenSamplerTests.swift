import Foundation
import Recurrent
import TestSupport
import Testing

/// Tokens are drawn with the probabilities that the equations give.
@Suite struct TokenSamplerTests {
  /// Settings, logits, and why they are tested.
  struct Scenario: CustomTestStringConvertible {
    var temperature = 1.0
    var topK: Int?
    var topP = 1.0
    var logits: [Float] = [0.3, 2, -1, 1.1, -.infinity, 0.3, 0.9, -.infinity]
    let reason: String
    var testDescription: String { reason }
    var sampler: TokenSampler { TokenSampler(temperature: temperature, topK: topK, topP: topP, seed: 7) }

    /// The probability of each token, by sorting all of them.
    var probabilities: [Double] {
      let largest = Double(logits.max() ?? 0)
      let weights = logits.map { exp((Double($0) - largest) / temperature) }
      let ranked = weights.indices.sorted { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
      let most = Array(ranked.prefix(topK ?? ranked.count))
      let part = topP * most.reduce(0) { $0 + weights[$1] }
      var (kept, sum) = (Set<Int>(), 0.0)
      for token in most where topP == 1 || sum < part {
        kept.insert(token)
        sum += weights[token]
      }
      return weights.indices.map { kept.contains($0) ? weights[$0] / sum : 0 }
    }
  }

  static let scenarios = [
    Scenario(reason: "all tokens as the network has them"),
    Scenario(temperature: 0.5, reason: "probable tokens become more probable"),
    Scenario(temperature: 3, reason: "improbable tokens become more probable"),
    Scenario(temperature: 1e-300, reason: "a temperature so low that all but one weight vanish"),
    Scenario(
      temperature: 1e300, reason: "a temperature so high that all weights are equal, but excluded ones stay out"),
    Scenario(topK: 1, reason: "top-k of one token is the most probable"),
    Scenario(topK: 3, reason: "top-k in the middle"),
    Scenario(topK: 4, reason: "top-k that ends between equals: the lower index is kept"),
    Scenario(topK: 8, reason: "top-k of all tokens changes nothing"),
    Scenario(topK: 1_000, reason: "top-k of more tokens than there are changes nothing"),
    Scenario(topP: 0.5, reason: "top-p in the middle"),
    Scenario(topP: .leastNonzeroMagnitude, reason: "top-p of next to nothing keeps the most probable"),
    Scenario(topP: 0.999_999, reason: "top-p of almost all"),
    Scenario(topP: 0.5, logits: [1, 1, 1, 1], reason: "top-p that equals reach exactly: no token more than needed"),
    Scenario(topP: 0.51, logits: [1, 1, 1, 1], reason: "top-p that equals miss: one token more, the lowest index"),
    Scenario(temperature: 2, topK: 5, topP: 0.8, reason: "top-p is a part of what temperature and top-k leave"),
    Scenario(logits: [4], reason: "a vocabulary of one token"),
    Scenario(logits: [1_000, 999, -1_000], reason: "logits whose exponentials overflow"),
    Scenario(
      topK: 40, topP: 0.9, logits: (0..<101).map { Float(($0 * 37) % 101) / 20 }, reason: "a hundred tokens in disorder"
    ),
    Scenario(topP: 0.95, logits: (0..<64).map { Float(($0 * 37) % 64) / 8 }, reason: "an even number of tokens, top-p"),
  ]

  @Test("tokens come as often as their probability says, and others never", arguments: scenarios)
  func frequencies(scenario: Scenario) throws {
    var sampler = scenario.sampler
    let probabilities = scenario.probabilities
    let draws = 20_000
    var counts = [Int](repeating: 0, count: scenario.logits.count)
    for _ in 0..<draws { counts[try sampler.next(logits: scenario.logits)] += 1 }
    var (chiSquare, freedom) = (0.0, -1.0)
    for (token, probability) in probabilities.enumerated() {
      if probability == 0 {
        #expect(counts[token] == 0, "token \(token)")
        continue
      }
      let expected = probability * Double(draws)
      chiSquare += (Double(counts[token]) - expected) * (Double(counts[token]) - expected) / expected
      freedom += 1
    }
    // Mean n and variance 2n: five deviations above it, with a little for distributions of few tokens.
    #expect(chiSquare <= freedom + 5 * (2 * freedom).squareRoot() + 1e-9, "\(counts)")
  }

  @Test("temperature 0 takes the first of the largest logits, without randomness, whatever top-k and top-p are")
  func greedy() throws {
    var sampler = TokenSampler(temperature: 0, topK: 2, topP: 0.3, seed: 1)
    let before = sampler
    #expect(try sampler.next(logits: [-1, 3, 2, 3]) == 1)
    #expect(try sampler.next(logits: [-.infinity, -5]) == 1)
    #expect(sampler == before)
  }

  @Test(
    "a network that has gone wrong is named, and the sampler stays as it was",
    arguments: [[0, .nan, 1], [.nan], [1, .infinity], [-.infinity, -.infinity]] as [[Float]], [0, 1])
  func nonFinite(logits: [Float], temperature: Double) throws {
    var sampler = TokenSampler(temperature: temperature)
    let before = sampler
    let error = #expect(throws: NonFiniteError.self) { try sampler.next(logits: logits) }
    #expect(error?.place == .logits)
    #expect(sampler == before)
  }

  @Test("a sampler that is stored between two tokens goes on with the same ones")
  func stored() throws {
    for var sampler in [TokenSampler(temperature: 1.5, topK: 9, topP: 0.7, seed: 3), TokenSampler(seed: 4)] {
      let logits = (0..<20).map { Float($0 % 7) / 3 }
      for _ in 0..<5 { _ = try sampler.next(logits: logits) }
      var copy = try JSONDecoder().decode(TokenSampler.self, from: JSONEncoder().encode(sampler))
      #expect(copy == sampler)
      for _ in 0..<20 { #expect(try copy.next(logits: logits) == sampler.next(logits: logits)) }
      _ = try sampler.next(logits: logits)
      #expect(copy != sampler)
    }
  }

  @Test(
    "settings outside of their range are refused when they are read",
    arguments: [
      #""temperature": -1, "topP": 1"#, #""temperature": 1, "topP": 0"#, #""temperature": 1, "topP": 1.5"#,
      #""temperature": 1, "topP": 1, "topK": 0"#,
    ])
  func refused(settings: String) throws {
    let generator = String(decoding: try JSONEncoder().encode(SplitMix64(seed: 0)), as: UTF8.self)
    func decode(_ settings: String) throws -> TokenSampler {
      try JSONDecoder().decode(TokenSampler.self, from: Data("{\(settings), \"generator\": \(generator)}".utf8))
    }
    #expect(throws: DecodingError.self) { try decode(settings) }
    #expect(try decode(#""temperature": 0, "topP": 1"#) == TokenSampler(temperature: 0))
  }

  @Test("settings that no program may give end the process with a sentence")
  func preconditions() async {
    await #expect(processExitsWith: .failure) { _ = TokenSampler(temperature: -0.1) }
    await #expect(processExitsWith: .failure) { _ = TokenSampler(temperature: .nan) }
    await #expect(processExitsWith: .failure) { _ = TokenSampler(topK: 0) }
    await #expect(processExitsWith: .failure) { _ = TokenSampler(topP: 0) }
    await #expect(processExitsWith: .failure) { _ = TokenSampler(topP: 1.01) }
  }
}
