/// A kind of cell that files can hold.
struct StoredCell: Sendable {
  /// The name of the kind in a file's metadata.
  let kind: String
  /// How many blocks of H rows both weight matrices have.
  let gateCount: Int
  let make: @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> any RecurrentCell

  private init(_ make: @escaping @Sendable (_ inputSize: Int, _ hiddenSize: Int) -> any RecurrentCell) {
    let cell = make(1, 1)
    kind = cell.kind
    gateCount = cell.gates.count { $0.hasHiddenWeights }
    self.make = make
  }

  /// All kinds; where a file doesn't name one, it is the first of so many gates: PyTorch's.
  static let all = [
    StoredCell { LSTMCell(inputSize: $0, hiddenSize: $1) },
    StoredCell { GRUCell(inputSize: $0, hiddenSize: $1) },
    StoredCell { GRUCell(inputSize: $0, hiddenSize: $1, reset: .beforeProduct) },
    StoredCell { ElmanCell(inputSize: $0, hiddenSize: $1) },
  ]

  /// The kind that a file names, or the one of so many gates where it names none; nil where there is no such kind.
  static func named(_ kind: String?, gateCount: Int) -> StoredCell? {
    all.first { $0.gateCount == gateCount && (kind ?? $0.kind) == $0.kind }
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
    return (Tensor(shape: [input.count], values: input), Tensor(shape: [hidden.count], values: hidden))
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
    return Tensor(shape: [bias.count], values: bias)
  }
}
