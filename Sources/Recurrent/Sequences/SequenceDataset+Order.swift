import RecurrentSupport

extension SequenceDataset {
  /// The same values, cut into other steps: `[count, T, I]` as `[count, stepCount, inputSize]`.
  ///
  /// - Parameters:
  ///   - stepCount: steps of a sequence from now on.
  ///   - inputSize: features of a step from now on.
  /// - Precondition: `stepCount · inputSize` is T · I; sequences are full and lie one after the other.
  /// - Complexity: copies no values.
  public func reshaped(stepCount: Int, inputSize: Int) -> SequenceDataset {
    require(
      stepCount * inputSize == sequenceSize,
      "sequences of \(self.stepCount) × \(self.inputSize) values cannot be read as \(stepCount) × \(inputSize)")
    checkIsPlain()
    let cut: SequenceInputs =
      switch inputs {
      case .bytes(let bytes, let scale, _): .bytes(bytes, scale: scale, features: inputSize)
      case .floats(let floats, _): .floats(floats, features: inputSize)
      case .tokens: inputs
      }
    let whole = require {
      try SequenceDataset(cut, targets: targets, stepCount: stepCount, count: totalCount)
    }
    return whole[range]
  }

  /// The values of each sequence in another order, the same one for all.
  ///
  /// ```
  /// y[i] = x[order[i]]      i in 0..<T·I
  /// ```
  ///
  /// - Parameter order: where each value of a sequence comes from.
  /// - Precondition: `order` holds each of 0..<T·I once; sequences are full and lie one after the other.
  /// - Complexity: copies all values.
  public func reordered(by order: [Int32]) -> SequenceDataset {
    require(
      order.count == sequenceSize && order.sorted().elementsEqual((0..<sequenceSize).lazy.map(Int32.init)),
      "an order of values holds each of 0..<\(sequenceSize) once")
    checkIsPlain()
    let reordered: SequenceInputs =
      switch inputs {
      case .bytes(let bytes, let scale, let size):
        .bytes(self.reordered(bytes, by: order), scale: scale, features: size)
      case .floats(let floats, let size): .floats(self.reordered(floats, by: order), features: size)
      case .tokens(let tokens, let size): .tokens(self.reordered(tokens, by: order), count: size)
      }
    return holding(reordered)
  }

  /// Whether the values of a sequence lie side by side, and all of them count.
  private func checkIsPlain() {
    require(
      allLengths == nil && layout == .batchMajor && !targets.isEveryStep && !inputs.areTokens,
      "sequences of tokens, with lengths or targets of their own steps, or with time first, keep their steps and their order"
    )
  }

  /// These sequences with other values in their place, as many, one sequence after the other.
  func holding(_ values: SequenceInputs) -> SequenceDataset {
    require {
      try SequenceDataset(
        values, targets: targets.part(range), stepCount: stepCount, count: count)
    }
  }

  /// How many values a sequence has.
  private var sequenceSize: Int { stepCount * inputSize }

  private func reordered<Value>(_ values: [Value], by order: [Int32]) -> [Value] {
    [Value](unsafeUninitializedCapacity: count * order.count) { result, filled in
      values.withUnsafeBufferPointer { values in
        for sequence in 0..<count {
          let (from, to) = ((range.lowerBound + sequence) * order.count, sequence * order.count)
          for i in order.indices { result.initializeElement(at: to + i, to: values[from + Int(order[i])]) }
        }
      }
      filled = count * order.count
    }
  }
}
