/// The samples of a batch sorted by length, longest first, so that those still running are always the first lanes.
///
/// The memory is kept from batch to batch.
struct BatchOrder {
  private(set) var places: [Int32] = []
  private var starts: [Int32] = []

  /// Sorts by counting; samples of equal length stay in order.
  ///
  /// - Parameter length: the length of the sample at a place, or nil where all are full.
  mutating func sort(count: Int, steps: Int, lengths: [Int32]?, samples: [Int32]) {
    if places.count != count { places = Array(repeating: 0, count: count) }
    guard let lengths else {
      for place in 0..<count { places[place] = Int32(place) }
      return
    }
    if starts.count != steps + 2 { starts = Array(repeating: 0, count: steps + 2) }
    for i in starts.indices { starts[i] = 0 }
    for sample in samples { starts[steps - Int(lengths[Int(sample)]) + 1] += 1 }
    for i in 1..<starts.count { starts[i] += starts[i - 1] }
    for (place, sample) in samples.enumerated() {
      let bucket = steps - Int(lengths[Int(sample)])
      places[Int(starts[bucket])] = Int32(place)
      starts[bucket] += 1
    }
  }
}
