import RecurrentSupport

extension SequenceDataset {
  /// The same values, divided into other steps: `[count, T, I]` as `[count, stepCount, inputSize]`.
  ///
  /// - Parameters:
  ///   - stepCount: the new number of steps per sequence.
  ///   - inputSize: the new number of features per step.
  /// - Precondition: `stepCount · inputSize` is T · I; sequences are full and stored one after another.
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

  /// The values of each sequence in another order, the same for all sequences.
  ///
  /// ```
  /// y[i] = x[order[i]]      i in 0..<T·I
  /// ```
  ///
  /// - Parameter order: the source index of each value of a sequence.
  /// - Precondition: `order` holds each of 0..<T·I once; sequences are full and stored one after another.
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

  /// Traps unless the values of a sequence are contiguous and none are padding.
  private func checkIsPlain() {
    require(
      allLengths == nil && layout == .batchMajor && !targets.isEveryStep && !inputs.areTokens,
      "cannot reshape or reorder sequences of tokens, with lengths, with targets for each step, or with time first"
    )
  }

  /// These sequences with their values replaced by as many others, one sequence after another.
  func holding(_ values: SequenceInputs) -> SequenceDataset {
    require {
      try SequenceDataset(
        values, targets: targets.part(range), stepCount: stepCount, count: count)
    }
  }

  /// The number of values of a sequence.
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
