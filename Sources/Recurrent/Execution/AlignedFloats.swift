import RecurrentKernels

/// Floats that never change and begin at a boundary of cache lines, so that no vector of them lies across two.
final class AlignedFloats: @unchecked Sendable {
  let base: UnsafePointer<Float>

  init(_ values: [Float]) {
    let memory = Tile.allocate(max(values.count, 1))
    values.withUnsafeBufferPointer { from in
      if let first = from.baseAddress { memory.update(from: first, count: from.count) }
    }
    base = UnsafePointer(memory)
  }

  deinit { rk_free(UnsafeMutableRawPointer(mutating: base)) }
}
