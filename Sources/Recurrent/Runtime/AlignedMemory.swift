import RecurrentKernels
import RecurrentSupport

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// Memory for `count` elements, all bits zero, which begins at a boundary of cache lines; freed by `rk_free`.
  ///
  /// The process ends if there is none: as with Swift's own arrays, there is no way to go on without memory.
  static func zeros(_ count: Int) -> Self {
    let bytes = max(count, 1) * MemoryLayout<Pointee>.stride
    guard let memory = rk_allocate(bytes) else {
      OutOfMemory.end(
        "no memory for \(bytes) bytes more: use fewer or smaller layers, a smaller batch or shorter sequences")
    }
    return memory.bindMemory(to: Pointee.self, capacity: max(count, 1))
  }

  /// Frees the memory and takes new one, of zeros.
  mutating func replace(count: Int) {
    rk_free(self)
    self = .zeros(count)
  }
}
