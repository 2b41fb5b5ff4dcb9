import RecurrentSupport

extension SequenceModel {
  /// The same network for more tokens: the rows of those there are keep their bits, new ones are drawn.
  ///
  /// For a network that reads tokens and predicts the next one, whose text has new characters: its embedding, or the
  /// weights of its tokens, and its head grow. The biases of new tokens are 0.
  ///
  /// - Parameters:
  ///   - count: how many tokens to read and to predict, at least as many as now.
  ///   - initializer: how weights of new tokens are drawn.
  ///   - seed: the same seed draws the same weights.
  /// - Precondition: the network reads tokens and predicts one of them; `count` is not less than their number.
  /// - Complexity: O(parameters).
  public func withTokens(_ count: Int, initializer: Initializer = .tensorFlow1, seed: UInt64 = 0) -> SequenceModel {
    guard case .tokens(let old, let embedding) = configuration.input, configuration.output == .classes(old) else {
      // Only a mistake in the calling program leads here: it chose what the network reads and predicts.
      fatalError("only a network that reads tokens and predicts one of them can have more")
    }
    require(count >= old, "a network of \(old) tokens cannot have \(count)")
    var configuration = configuration
    configuration.input = .tokens(count, embedding: embedding)
    configuration.output = .classes(count)
    var grown = SequenceModel(configuration, initializer: initializer, seed: seed, threads: threads)
    for entry in parameters.entries {
      var tensor = grown.parameters[entry.name]
      let known = parameters[entry.name]
      if tensor.shape == known.shape {
        tensor = known
      } else {
        if entry.name == "head.bias" { tensor = Tensor(zeros: tensor.shape) }
        // Either the number of rows or that of columns is the number of tokens.
        let (width, knownWidth) = (tensor.shape.last ?? 1, known.shape.last ?? 1)
        for row in 0..<(known.count / knownWidth) {
          for column in 0..<knownWidth {
            tensor.values[row * width + column] = known.values[row * knownWidth + column]
          }
        }
      }
      grown.parameters[entry.name] = tensor
    }
    grown.maskSeeds = maskSeeds
    return grown
  }
}
