import RecurrentKernels
import RecurrentSupport

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// Memory for `count` elements, all bits zero, aligned to a cache line; freed by `rk_free`.
  ///
  /// Traps if there is none: as with Swift's arrays, a program cannot continue without memory.
  static func zeros(_ count: Int) -> Self {
    let bytes = max(count, 1) * MemoryLayout<Pointee>.stride
    guard let memory = rk_allocate(bytes) else {
      OutOfMemory.end(
        "cannot allocate \(bytes) bytes: use fewer or smaller layers, a smaller batch or shorter sequences")
    }
    return memory.bindMemory(to: Pointee.self, capacity: max(count, 1))
  }

  /// Frees the memory and allocates new memory, of zeros.
  mutating func replace(count: Int) {
    rk_free(self)
    self = .zeros(count)
  }
}
