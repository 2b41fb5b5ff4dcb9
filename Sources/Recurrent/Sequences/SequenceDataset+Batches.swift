import RecurrentSupport

extension SequenceDataset {
  /// Batches of `size` sequences; each sequence occurs once.
  ///
  /// - Parameters:
  ///   - size: sequences per batch; the last batch holds the remainder.
  ///   - seed: shuffles the order, the same for the same seed and epoch; nil keeps the order of the dataset.
  ///   - epoch: the number of the pass over the data; each pass has its own order.
  ///   - droppingLast: omits a last, smaller batch.
  /// - Precondition: `size` is at least 1; `epoch` is not negative if there is a seed.
  /// - Complexity: O(count) to shuffle, then O(size) per batch.
  public func batches(
    of size: Int, shuffledWith seed: UInt64? = nil, epoch: Int = 0, droppingLast: Bool = false
  ) -> Batches {
    require(size > 0, "a batch holds at least one sequence; found \(size)")
    let order: [Int32]
    if let seed {
      var generator = SplitMix64(seed: seed, stream: UInt64(epoch))
      order = generator.permutation(of: count).map { $0 + Int32(range.lowerBound) }
    } else {
      order = range.map(Int32.init)
    }
    return Batches(dataset: self, order: order, size: size, droppingLast: droppingLast)
  }

  /// The batches of one pass over a dataset.
  public struct Batches: RandomAccessCollection, Sendable {
    let dataset: SequenceDataset
    let order: [Int32]
    let size: Int
    let droppingLast: Bool

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of batches.
    public var endIndex: Int { droppingLast ? order.count / size : order.count.groups(of: size) }

    /// The batch at a position.
    ///
    /// - Parameter position: in `0..<count`.
    /// - Precondition: `position` is in `0..<count`.
    /// - Complexity: O(size of the batch); no values are copied.
    public subscript(_ position: Int) -> SequenceBatch {
      require(position >= 0 && position < endIndex, "batch \(position) of \(endIndex)")
      let first = position * size
      let end = first + Swift.min(size, order.count - first)
      return SequenceBatch(dataset: dataset, samples: Array(order[first..<end]))
    }
  }
}
