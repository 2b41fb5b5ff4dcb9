/// A kind of cell that files can hold, made from its name: that of ``RecurrentCell/kind``.
package struct StoredCell: Sendable {
  /// The name of the kind in a file's metadata.
  let kind: String
  /// How many blocks of H rows the recurrent weights have; 0 where they are a single row.
  let gateCount: Int
  /// Makes a cell; only an LSTM can have a projection.
  package let make: @Sendable (_ inputSize: Int, _ hiddenSize: Int, _ projectionSize: Int?) -> any RecurrentCell

  private init(_ make: @escaping @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> any RecurrentCell) {
    self.init { inputSize, hiddenSize, _ in make(inputSize, hiddenSize) }
  }

  private init(
    _ make: @escaping @Sendable (_ inputSize: Int, _ hiddenSize: Int, _ projectionSize: Int?) -> any RecurrentCell
  ) {
    let cell = make(1, 1, nil)
    kind = cell.kind
    gateCount = cell.gates.count { $0.hasHiddenWeights }
    self.make = make
  }

  /// The kind of a name; nil where there is none.
  ///
  /// The first word is the cell, further ones its options.
  package init?(_ kind: String) {
    let words = kind.split(separator: " ")
    guard let name = words.first else { return nil }
    let options = words.dropFirst()
    let activation = options.first.flatMap { Activation(String($0)) }
    switch (name, options.count) {
    case ("lstm", _):
      guard let options = LSTMCell.Options(words: options) else { return nil }
      self.init { LSTMCell(inputSize: $0, hiddenSize: $1, projectionSize: $2, options: options) }
    case ("gru", _), ("gru-reset-before", _):
      guard let options = GRUCell.Options(words: options) else { return nil }
      let reset = name == "gru" ? GRUCell.Reset.afterProduct : .beforeProduct
      self.init { GRUCell(inputSize: $0, hiddenSize: $1, reset: reset, options: options) }
    case ("elman", _):
      let rest = options.dropFirst(activation == nil ? 0 : 1).map { OptionWord($0) }
      guard rest.allSatisfy({ $0.name == "input-clip" && $0.limit != nil }) else { return nil }
      self.init {
        ElmanCell(inputSize: $0, hiddenSize: $1, activation: activation ?? .tanh, preactivationClip: rest.last?.limit)
      }
    case ("mgu", 0): self.init { MGUCell(inputSize: $0, hiddenSize: $1) }
    case ("mgu-reset-after", 0): self.init { MGUCell(inputSize: $0, hiddenSize: $1, reset: .afterProduct) }
    case ("indrnn", 0): self.init { IndRNNCell(inputSize: $0, hiddenSize: $1) }
    case ("indrnn", 1):
      guard let activation else { return nil }
      self.init { IndRNNCell(inputSize: $0, hiddenSize: $1, activation: activation) }
    default: return nil
    }
  }

  /// The kind of so many gates that PyTorch has; nil where it has none.
  ///
  /// - Parameter activation: the function of one gate, `tanh` by default.
  init?(gateCount: Int, activation: Activation?) {
    let kinds = ["lstm", "gru", "elman" + (activation.map { " \($0)" } ?? "")]
    guard let kind = kinds.lazy.compactMap({ StoredCell($0) }).first(where: { $0.gateCount == gateCount }) else {
      return nil
    }
    self = kind
  }

  /// The names of all kinds, without options, and how many gates each has.
  static var list: String {
    ["lstm", "gru", "gru-reset-before", "mgu", "mgu-reset-after", "elman", "indrnn"].compactMap { StoredCell($0) }
      .map { "\($0.kind) (\($0.gateCount) gate\($0.gateCount == 1 ? "" : "s"))" }.joined(separator: ", ")
  }
}

/// The one bias per pre-activation of a cell as two, as PyTorch has them: one per row of `weight_ih`, and one per row
/// of `weight_hh`.
///
/// Where a pre-activation is the sum of both products, its bias stands in the first, beside a zero in the second. Of
/// the gates that read only one of them, such as a GRU's candidate, each bias has its own place.
extension RecurrentCell {
  func twoBiases(_ bias: Tensor) -> (input: Tensor, hidden: Tensor) {
    var (input, hidden): ([Float], [Float]) = ([], [])
    for (gate, source) in gates.enumerated() {
      let values = bias.values[gate * hiddenSize..<(gate + 1) * hiddenSize]
      if source.readsInput { input += values }
      if source == .hidden {
        hidden += values
      } else if source.hasHiddenWeights {
        hidden += Array(repeating: 0, count: hiddenSize)
      }
    }
    return (Tensor(known: [input.count], values: input), Tensor(known: [hidden.count], values: hidden))
  }

  func oneBias(input: Tensor, hidden: Tensor) -> Tensor {
    var (input, hidden) = (input.values[...], hidden.values[...])
    var bias: [Float] = []
    for source in gates {
      var values = source.readsInput ? input.prefix(hiddenSize) : hidden.prefix(hiddenSize)
      if source.readsInput && source.hasHiddenWeights {
        // What is added to zero keeps all its bits, the sign of a zero among them.
        values = ArraySlice(zip(values, hidden).map { $1 == 0 ? $0 : $0 + $1 })
      }
      bias += values
      if source.readsInput { input = input.dropFirst(hiddenSize) }
      if source.hasHiddenWeights { hidden = hidden.dropFirst(hiddenSize) }
    }
    return Tensor(known: [bias.count], values: bias)
  }
}
