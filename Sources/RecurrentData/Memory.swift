#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What can be asked about memory before an array takes it: arrays end the process if there is none.
enum Memory {
  /// Throws if the system would not give so much memory now.
  ///
  /// - Parameters:
  ///   - byteCount: how much is about to be taken.
  ///   - path: the file it is for.
  static func require(_ byteCount: Int, for path: String) throws(IDXError) {
    // Below, an attempt costs more than it tells.
    guard byteCount >= 1 << 20 else { return }
    let attempt = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let attempt = unsafe attempt, unsafe attempt != MAP_FAILED else {
      throw IDXError(
        .memory, path: path, found: "contents of \(byteCount) bytes or more",
        expected: "no more than there is memory for", advice: "use a smaller file, or raise the limit on memory")
    }
    unsafe munmap(attempt, byteCount)
  }
}
