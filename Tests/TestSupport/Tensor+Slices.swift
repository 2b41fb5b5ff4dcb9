import Recurrent

extension Tensor {
  /// The rows of the first dimension at the given positions.
  public func selecting(_ rows: some Collection<Int>) -> Tensor {
    let size = shape.dropFirst().reduce(1, *)
    return Tensor(
      known: [rows.count] + shape.dropFirst(),
      values: rows.flatMap { values[$0 * size..<($0 + 1) * size] })
  }

  /// Some steps of a `[batch, time, feature]` tensor.
  public func steps(_ range: Range<Int>) -> Tensor {
    let (time, features) = (shape[1], shape[2])
    return Tensor(
      known: [shape[0], range.count, features],
      values: (0..<shape[0]).flatMap { sample in
        values[(sample * time + range.lowerBound) * features..<(sample * time + range.upperBound) * features]
      })
  }

  /// The same with `value` in all steps past each sequence's length, `[batch, time, feature]`.
  public func padded(with value: Float, past lengths: [Int]?) -> Tensor {
    guard let lengths else { return self }
    var values = values
    let (time, features) = (shape[1], shape[2])
    for (sample, length) in lengths.enumerated() {
      for i in (sample * time + length) * features..<(sample + 1) * time * features { values[i] = value }
    }
    return Tensor(known: shape, values: values)
  }
}

extension StackState {
  /// The states of the sequences at the given positions.
  public func selecting(_ rows: some Collection<Int>) -> StackState {
    StackState(layers.map { $0.selecting(rows) })
  }
}

extension RecurrentState {
  fileprivate func selecting(_ rows: some Collection<Int>) -> any RecurrentState {
    Self(components: components.map { $0.selecting(rows) })
  }
}
