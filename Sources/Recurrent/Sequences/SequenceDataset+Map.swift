import RecurrentSupport

extension SequenceDataset {
  /// The same sequences with transformed bytes, computed on all threads of a pool.
  ///
  /// - Parameter change: receives the position of a sequence, its bytes, and a destination of the same size. Several
  ///   threads call it concurrently, for different sequences.
  /// - Precondition: features are bytes, sequences are full.
  /// - Complexity: copies all bytes.
  package func mappingBytes(
    on pool: ThreadPool, _ change: @escaping (Int, UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void
  ) -> SequenceDataset {
    guard case .bytes(let bytes, let scale, _) = inputs, allLengths == nil, !targets.isEveryStep else {
      // Only the project's own data reach this, and they satisfy it.
      fatalError("only full sequences of bytes with a target each can be mapped byte by byte")
    }
    let size = stepCount * inputSize
    let mapped = [UInt8](unsafeUninitializedCapacity: count * size) { result, filled in
      bytes.withUnsafeBufferPointer { bytes in
        guard let from = bytes.baseAddress, let to = result.baseAddress else { return }
        pool.run(SequenceMap(count: count, size: size, from: from + range.lowerBound * size, to: to, change: change))
      }
      filled = count * size
    }
    return holding(.bytes(mapped, scale: scale, features: inputSize))
  }
}

/// Transforms sequences one by one; each thread takes an equal part.
private struct SequenceMap: ParallelWork {
  let count: Int
  let size: Int
  let from: UnsafePointer<UInt8>
  let to: UnsafeMutablePointer<UInt8>
  let change: (Int, UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void

  func run(worker: Int, workers: Int) {
    for i in share(of: count, worker: worker, workers: workers) { change(i, from + i * size, to + i * size) }
  }
}

extension SequenceDataset {
  /// The same sequences with other features, stored in the same order.
  ///
  /// - Parameter change: changes the features of all stored sequences, `[sequences, steps, features]` or with steps
  ///   first; it must keep their number.
  /// - Precondition: features are floats.
  /// - Complexity: copies all features.
  package func mappingFloats(_ change: (_ values: inout [Float]) -> Void) -> SequenceDataset {
    guard case .floats(var values, let size) = inputs else {
      // Only the project's own data reach this, and they satisfy it.
      fatalError("only sequences of floats can be mapped float by float")
    }
    change(&values)
    let whole = require {
      try SequenceDataset(
        .floats(values, features: size), targets: targets, stepCount: stepCount, count: totalCount, lengths: allLengths,
        layout: layout)
    }
    return whole[range]
  }
}
