import RecurrentSupport

/// A table with one row of learned features for each token, such as a character or a word.
///
/// ```
/// x(t) = E[token(t)]          dE[k] = Σ of dx(t) over all steps with token k
/// ```
///
/// Shapes: E `[tokens, features]`, x `[batch, time, features]`.
///
/// Cost: one copy of a row per step. A product with one-hot rows would give the same, for tokens · features
/// multiply-adds.
///
/// Source: Bengio et al., *A Neural Probabilistic Language Model*, 2003.
public struct Embedding: Sendable, Equatable, Parameterized {
  /// E as `weight`, `[tokens, features]`.
  ///
  /// - Precondition: new weights have the name and shape of the old ones.
  public var parameters: Parameters {
    didSet { parameters.requireSame(entries, "weights must have the name and shape of their embedding") }
  }
  private let entries: [Parameters.Entry]

  /// E, `[tokens, features]`.
  ///
  /// - Precondition: a new value has the shape of the old one.
  /// - Complexity: O(tokens · features), which are copied.
  public var weight: Tensor {
    get { parameters["weight"] }
    set { parameters["weight"] = newValue }
  }
  private var tokenCount: Int { entries[0].shape[0] }
  private var size: Int { entries[0].shape[1] }

  /// A layer from its weights.
  ///
  /// - Parameter weight: E, `[tokens, features]`.
  /// - Precondition: `weight` is a matrix.
  /// - Complexity: O(tokens · features), which are copied.
  public init(weight: Tensor) {
    require(weight.shape.count == 2, "an embedding takes weights [tokens, features]; found \(weight.shape)")
    parameters = Parameters([("weight", weight)])
    entries = parameters.entries
  }

  /// A layer with newly drawn weights, from N(0, 1) as in PyTorch.
  ///
  /// - Parameters:
  ///   - tokenCount: tokens lie in `0..<tokenCount`.
  ///   - size: features of each token.
  ///   - seed: the same seed draws the same weights.
  /// - Complexity: O(tokens · features).
  public init(tokenCount: Int, size: Int, seed: UInt64 = 0) {
    var generator = SplitMix64(seed: seed)
    self.init(
      weight: Tensor(
        known: [tokenCount, size], values: (0..<tokenCount * size).map { _ in generator.normal() }))
  }

  /// The rows of tokens, `[batch, time, features]`; zeros after the end of shorter sequences.
  ///
  /// - Parameter tokens: the tokens of each sequence; their counts are the lengths for the next layers.
  /// - Precondition: tokens are less than the number of rows.
  /// - Complexity: O(batch · time · features): one copy of a row per step.
  public func callAsFunction(_ tokens: [[Int]]) -> Tensor {
    let steps = tokens.map(\.count).max() ?? 0
    var result = Tensor(zeros: [tokens.count, steps, size])
    let (size, weights) = (size, parameters.values)
    forEach(tokens, steps: steps) { row, token in
      for i in 0..<size { result.values[row * size + i] = weights[token * size + i] }
    }
    return result
  }

  /// dE, given the tokens and the gradient of their rows.
  ///
  /// - Parameters:
  ///   - tokens: as in the forward pass.
  ///   - outputGradient: dx, `[batch, time, features]`; values after the end of a sequence are not read.
  /// - Returns: dE as `weight`, `[tokens, features]`; rows of tokens that do not occur are zero.
  /// - Precondition: tokens are less than the number of rows, and the gradient has the shape of the outputs.
  /// - Complexity: O(batch · time · features + tokens · features).
  public func gradient(tokens: [[Int]], outputGradient: Tensor) -> Parameters {
    let (steps, size) = (tokens.map(\.count).max() ?? 0, size)
    require(
      outputGradient.shape == [tokens.count, steps, size],
      "expected \([tokens.count, steps, size]); found \(outputGradient.shape)")
    var result = parameters.zeros
    forEach(tokens, steps: steps) { row, token in
      for i in 0..<size { result.values[token * size + i] += outputGradient.values[row * size + i] }
    }
    return result
  }

  private func forEach(_ tokens: [[Int]], steps: Int, _ body: (_ row: Int, _ token: Int) -> Void) {
    for (sample, sequence) in tokens.enumerated() {
      for (t, token) in sequence.enumerated() {
        require(token >= 0 && token < tokenCount, "token \(token) of \(tokenCount)")
        body(sample * steps + t, token)
      }
    }
  }
}
