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
