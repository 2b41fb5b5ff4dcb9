import RecurrentKernels

#if canImport(Darwin)
  import Darwin
#endif

/// The fast processors of a machine that has fast and slow ones.
///
/// All threads of a pool wait for the last one at every barrier, so a thread on a slow processor makes the others wait:
/// by default there is none.
enum PerformanceCores {
  /// How many fast processors the calling thread may run on; nil if all are alike, or only slow ones are left to it.
  static var count: Int? {
    #if canImport(Darwin)
      return system
    #else
      return list().flatMap { count(of: $0) { rk_may_run_on(Int32($0)) != 0 } }
    #endif
  }

  /// How many of the fast processors are allowed; nil if none is.
  static func count(of fast: [ClosedRange<Int>], isAllowed: (Int) -> Bool) -> Int? {
    let count = fast.reduce(0) { $0 + $1.count(where: isAllowed) }
    return count == 0 ? nil : count
  }

  /// The numbers of the fast processors, or nil if all are alike.
  ///
  /// Linux has this file on x86 processors with two kinds of cores only. It counts hardware threads.
  ///
  /// - Parameter root: the folder in which `sys` is.
  static func list(root: String = "") -> [ClosedRange<Int>]? {
    guard let text = SystemFile.text(root + "/sys/devices/cpu_core/cpus") else { return nil }
    var list: [ClosedRange<Int>] = []
    for part in text.filter({ !$0.isWhitespace }).split(separator: ",") {
      // A number, or the first and the last.
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
      guard ends.count <= 2, case let first?? = ends.first, case let last?? = ends.last, first <= last else {
        return nil
      }
      list.append(Int(first)...Int(last))
    }
    return list.isEmpty ? nil : list
  }

  #if canImport(Darwin)
    /// The hardware threads of the fastest kind.
    private static var system: Int? {
      var (count, size) = (Int32(0), MemoryLayout<Int32>.size)
      return sysctlbyname("hw.perflevel0.logicalcpu", &count, &size, nil, 0) == 0 && count > 0 ? Int(count) : nil
    }
  #endif
}
