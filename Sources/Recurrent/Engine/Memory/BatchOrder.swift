/// The samples of a batch, sorted by length, longest first, so that running samples are always in the first lanes.
///
/// The memory is reused from batch to batch.
struct BatchOrder {
  /// The batch position of each sample, in sorted order.
  private(set) var positions: [Int32] = []
  private var starts: [Int32] = []

  /// A counting sort; samples of equal length stay in order.
  ///
  /// - Parameters:
  ///   - lengths: the length of each sample of the dataset, or nil if all are full.
  ///   - samples: the batch, by the samples' indices in the dataset.
  mutating func sort(steps: Int, lengths: [Int32]?, samples: [Int32]) {
    let count = samples.count
    if positions.count != count { positions = Array(repeating: 0, count: count) }
    guard let lengths else {
      for position in 0..<count { positions[position] = Int32(position) }
      return
    }
    if starts.count != steps + 2 { starts = Array(repeating: 0, count: steps + 2) }
    for i in starts.indices { starts[i] = 0 }
    for sample in samples { starts[steps - Int(lengths[Int(sample)]) + 1] += 1 }
    for i in 1..<starts.count { starts[i] += starts[i - 1] }
    for (position, sample) in samples.enumerated() {
      let bucket = steps - Int(lengths[Int(sample)])
      positions[Int(starts[bucket])] = Int32(position)
      starts[bucket] += 1
    }
  }
}
