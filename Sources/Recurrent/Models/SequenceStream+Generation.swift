import RecurrentSupport

extension SequenceStream {
  /// Draws the next token from what the network gave at the last step, and takes it as the next step.
  ///
  /// ```swift
  /// for token in prime { try stream.step(token: token) }
  /// while text.count < 500 { text.append(try stream.next(with: &sampler)) }
  /// ```
  ///
  /// Before the first step the network has given zeros: all tokens are then equally probable, except at temperature 0,
  /// which takes token 0.
  ///
  /// - Parameter sampler: draws the token.
  /// - Returns: the token.
  /// - Throws: ``InputError`` unless the network predicts one of the tokens that it reads; ``NonFiniteError`` if it gave
  ///   NaN or an infinity. Stream and sampler then stay as they were.
  /// - Complexity: O(parameters); allocates nothing once the sampler has memory.
  public mutating func next(with sampler: inout TokenSampler) throws -> Int {
    try checkGeneration()
    let token = try withValues { outputs throws(NonFiniteError) in try sampler.next(logits: outputs) }
    try step(token: token)
    return token
  }

  /// Reads some tokens and writes others after them, each drawn from what the network gave before it.
  ///
  /// Several calls, without tokens to read, go on where the one before ended.
  ///
  /// - Parameters:
  ///   - count: how many tokens to write.
  ///   - prime: tokens to read first; for none, see ``next(with:)``.
  ///   - sampler: draws the tokens.
  /// - Returns: the tokens written, without those read.
  /// - Throws: ``InputError`` unless the network predicts one of the tokens that it reads, or if one of `prime` is none
  ///   of them, and the stream then stays as it was; ``NonFiniteError`` if the network gave NaN or an infinity.
  /// - Precondition: `count` is not negative.
  /// - Complexity: O((tokens read + count) · parameters).
  public mutating func generate(
    _ count: Int, after prime: [Int] = [], with sampler: inout TokenSampler
  ) throws -> [Int] {
    require(count >= 0, "a number of tokens is not negative; found \(count)")
    try checkGeneration()
    if let unknown = prime.first(where: { $0 < 0 || $0 >= inputSize }) {
      throw InputError(.token, found: "token \(unknown)", expected: "tokens in 0..<\(inputSize)")
    }
    for token in prime { try step(token: token) }
    var tokens: [Int] = []
    tokens.reserveCapacity(count)
    for _ in 0..<count { tokens.append(try next(with: &sampler)) }
    return tokens
  }

  private func checkGeneration() throws(InputError) {
    if network.input.readsTokens && outputSize == inputSize && predictsClasses { return }
    throw InputError(
      .network,
      found: "a network that reads \(quantity(inputSize, network.input.readsTokens ? "token" : "feature")) "
        + "and has \(quantity(outputSize, "output"))",
      expected: "one that reads tokens, with a class for each of them")
  }
}
