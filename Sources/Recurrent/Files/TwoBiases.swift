/// Conversion between one bias per pre-activation and PyTorch's two: one per row of `weight_ih`, and one per row of
/// `weight_hh`.
///
/// If a pre-activation is the sum of both products, its bias is in the first, with a zero in the second. Gates with
/// only one of the products, such as a GRU's candidate, keep their bias in that one.
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
        // Adding zero must keep all bits, including the sign of a zero.
        values = ArraySlice(zip(values, hidden).map { $1 == 0 ? $0 : $0 + $1 })
      }
      bias += values
      if source.readsInput { input = input.dropFirst(hiddenSize) }
      if source.hasHiddenWeights { hidden = hidden.dropFirst(hiddenSize) }
    }
    return Tensor(known: [bias.count], values: bias)
  }
}
