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
    let whole = require {
      try SequenceDataset(
        storage: storage, valueCount: allLabels.count * sequenceSize, stepCount: stepCount, inputSize: inputSize,
        labels: allLabels, lengths: nil, classCount: classCount, layout: .batchMajor)
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
    let reordered: Storage =
      switch storage {
      case .bytes(let bytes, let scale): .bytes(self.reordered(bytes, by: order), scale: scale)
      case .floats(let floats): .floats(self.reordered(floats, by: order))
      }
    return holding(reordered)
  }

  /// Whether the values of a sequence lie side by side, and all of them count.
  private func checkIsPlain() {
    require(
      allLengths == nil && layout == .batchMajor,
      "sequences with lengths of their own, or with time first, keep their steps and their order")
  }

  /// These sequences with other values in their place, as many, one sequence after the other.
  func holding(_ values: Storage) -> SequenceDataset {
    require {
      try SequenceDataset(
        storage: values, valueCount: count * sequenceSize, stepCount: stepCount, inputSize: inputSize,
        labels: Array(labels), lengths: nil, classCount: classCount, layout: .batchMajor)
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
