import RecurrentSupport

/// The description of a network, as a value: its input, its recurrent layers, its output and readout.
///
/// ```swift
/// let digits = ModelConfiguration(
///   input: .features(28), layers: .lstm(20, count: 3), readout: .last, output: .classes(10))
/// let network = SequenceModel(digits, seed: 0)
/// ```
///
/// It is the only description of a network: model files and the `config.json` of a run hold it as JSON, and a model's
/// `configuration` returns it.
///
/// A configuration from a file or a request may be invalid; ``check()`` says how. Making a network from an invalid one
/// traps.
public struct ModelConfiguration: Sendable, Hashable {
  /// What a network reads at each step.
  public enum Input: Sendable, Hashable {
    /// A row of n features.
    case features(Int)
    /// One of n tokens, each with its own column of the input weights; with `embedding`, each is first replaced by a
    /// learned vector of that size.
    case tokens(Int, embedding: Int? = nil)
  }

  /// Which steps of the topmost layer the output reads.
  public enum Readout: String, Sendable, Hashable, Codable, CaseIterable {
    /// The last true step of each sequence.
    case last
    /// Every true step.
    case everyStep
  }

  /// The output of a network.
  public enum Output: Sendable, Hashable {
    /// The probabilities of n classes, of which exactly one is true: softmax.
    case classes(Int)
    /// n values.
    case values(Int)
    /// The probabilities of n independent labels, each true or false: sigmoid.
    case labels(Int)
  }

  /// The state before the first step if none is given.
  public enum InitialState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Zeros.
    case zero
    /// Learned parameters.
    case learned
  }

  /// The input at each step.
  public var input: Input
  /// The recurrent layers, from the bottom up.
  public var layers: [LayerConfiguration]
  /// Which steps the output reads.
  public var readout: Readout
  /// The output.
  public var output: Output
  /// The state before the first step if none is given.
  public var initialState: InitialState

  /// A configuration; ``check()`` tells whether it is valid.
  ///
  /// - Parameters:
  ///   - input: the input at each step.
  ///   - layers: the recurrent layers, such as `.lstm(20, count: 3)`.
  ///   - readout: which steps the output reads.
  ///   - output: the output.
  ///   - initialState: the state before the first step.
  public init(
    input: Input, layers: [LayerConfiguration], readout: Readout = .last, output: Output,
    initialState: InitialState = .zero
  ) {
    self.input = input
    self.layers = layers
    self.readout = readout
    self.output = output
    self.initialState = initialState
  }
}

extension ModelConfiguration {
  /// Throws if the configuration is invalid.
  ///
  /// - Throws: ``ConfigurationError`` with the key and what was expected: for a size that is not positive or above 2²⁴,
  ///   fewer than two classes, no layers, a residual layer whose output and input sizes differ, a merge that needs
  ///   directions of the same width, or regularization of a recurrent matrix that a cell does not have.
  /// - Complexity: O(layers).
  public func check() throws(ConfigurationError) {
    for (key, size) in sizes where !(1...FieldReader.largestSize ~= size) {
      throw ConfigurationError(key, found: "\(size)", expected: "a whole number from 1 to \(FieldReader.largestSize)")
    }
    if case .classes(let count) = output, count < 2 {
      throw ConfigurationError("output.classes", found: "\(count)", expected: "at least two classes")
    }
    if case .tokens(_, nil) = input, layers.first?.isResidual == true {
      throw ConfigurationError(
        "layers.0.residual", found: "true", expected: "an embedding, to which outputs can be added")
    }
    try layers.check(inputSize: layerInputSize)
  }

  /// The number of features that the lowest layer reads; for tokens, the embedding size or the number of tokens.
  public var layerInputSize: Int {
    switch input {
    case .features(let count): count
    case .tokens(let count, let embedding): embedding ?? count
    }
  }

  /// The number of classes, values or labels.
  public var outputCount: Int {
    switch output {
    case .classes(let count), .values(let count), .labels(let count): count
    }
  }

  private var sizes: [(key: String, size: Int)] {
    let inputs: [(key: String, size: Int)] =
      switch input {
      case .features(let count): [("input.features", count)]
      case .tokens(let count, let embedding):
        [("input.tokens", count)] + (embedding.map { [("input.embedding", $0)] } ?? [])
      }
    return inputs + [("output.\(output.key)", outputCount)]
      + layers.enumerated().flatMap { level, layer in
        layer.cells.map { ("layers.\(level).hiddenSize", $0.hiddenSize) }
      }
  }
}

extension ModelConfiguration: CustomStringConvertible {
  /// The network in one line, such as `28 features → lstm 20 → lstm 20 → last → 10 classes`.
  public var description: String {
    let reads =
      switch input {
      case .features(let count): quantity(count, "feature")
      case .tokens(let count, let embedding): quantity(count, "token") + (embedding.map { " → embedding \($0)" } ?? "")
      }
    let gives =
      switch output {
      case .classes(let count): "\(count) classes"
      case .values(let count): quantity(count, "value")
      case .labels(let count): quantity(count, "label")
      }
    let state = initialState == .zero ? [] : ["learned initial state"]
    let steps = readout == .last ? "last step" : "every step"
    return (state + [reads] + layers.map(\.description) + [steps, gives]).joined(separator: " → ")
  }
}
