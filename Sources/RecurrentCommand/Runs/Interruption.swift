import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Ctrl-C, seen between two training steps, so that the run folder is left in order.
enum Interruption {
  private static let wasAsked = Atomic<Bool>(false)

  /// Begins to listen. A second Ctrl-C ends the process at once.
  static func listen() {
    wasAsked.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      _ = signal(number) { number in
        Interruption.wasAsked.store(true, ordering: .relaxed)
        _ = signal(number, SIG_DFL)
      }
    }
  }

  /// Whether somebody has asked to stop.
  static var isRequested: Bool { wasAsked.load(ordering: .relaxed) }
}
