import RecurrentKernels

/// Floats aligned to a cache line, so that no vector crosses two lines.
///
/// Safe to share among threads because writers copy first unless the reference is unique.
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

  /// A copy, padded with zeros if it is longer.
  func copy(count newCount: Int) -> AlignedFloats {
    let copy = AlignedFloats(count: newCount)
    copy.base.update(from: base, count: min(count, newCount))
    return copy
  }
}
