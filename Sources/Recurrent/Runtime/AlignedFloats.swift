import RecurrentKernels

/// Floats that begin at a boundary of cache lines, so that no vector of them lies across two.
///
/// What lets them be shared among threads: whoever writes to one that others may hold makes a copy first.
final class AlignedFloats: @unchecked Sendable {
  let base: Floats
  let count: Int

  /// Zeros.
  init(count: Int) {
    self.count = count
    base = Floats.zeros(max(count, 1))
  }

  convenience init(_ values: [Float]) {
    self.init(count: values.count)
    values.withUnsafeBufferPointer { if let first = $0.baseAddress { base.update(from: first, count: count) } }
  }

  deinit { rk_free(base) }

  /// A copy, with zeros behind it where it is to be longer.
  func copy(count newCount: Int) -> AlignedFloats {
    let copy = AlignedFloats(count: newCount)
    copy.base.update(from: base, count: min(count, newCount))
    return copy
  }
}
