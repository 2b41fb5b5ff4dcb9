#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A check of available memory before an array is allocated: arrays end the process if there is too little.
enum Memory {
  /// Throws if the system would not allocate this much memory now.
  ///
  /// - Parameters:
  ///   - byteCount: the size of the allocation.
  ///   - path: the file it is for.
  static func require(_ byteCount: Int, for path: String) throws(IDXError) {
    // For smaller sizes the attempt costs more than it is worth.
    guard byteCount >= 1 << 20 else { return }
    let attempt = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let attempt = unsafe attempt, unsafe attempt != MAP_FAILED else {
      throw IDXError(
        .memory, path: path, found: "contents of \(byteCount) bytes or more",
        expected: "no more than fits into memory", advice: "use a smaller file, or raise the limit on memory")
    }
    unsafe munmap(attempt, byteCount)
  }
}
