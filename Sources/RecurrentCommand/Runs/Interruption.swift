import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Ctrl-C and SIGTERM, seen between two training steps or in a download, so that everything is left in order.
enum Interruption {
  private static let wasAsked = Atomic<Bool>(false)

  /// Begins to listen; a second Ctrl-C ends the process at once.
  static func listen() {
    // Whatever the handler touches has to be there before it runs.
    _ = isRequested
    for number in [SIGINT, SIGTERM] {
      _ = signal(number) { number in
        Interruption.wasAsked.store(true, ordering: .relaxed)
        _ = signal(number, SIG_DFL)
      }
    }
  }

  /// Ends listening: from here on Ctrl-C ends the process as it does any other.
  private static func stopListening() {
    for number in [SIGINT, SIGTERM] { _ = signal(number, SIG_DFL) }
  }

  /// Whether somebody has asked to stop.
  static var isRequested: Bool { wasAsked.load(ordering: .relaxed) }

  /// Listens, runs an operation, and cancels it when somebody asks to stop.
  static func cancelling<Value: Sendable>(_ operation: @escaping @Sendable () async -> Value) async -> Value {
    listen()
    let task = Task { await operation() }
    let watch = Task {
      while !Task.isCancelled && !isRequested { try? await Task.sleep(for: .milliseconds(20)) }
      if isRequested { task.cancel() }
    }
    defer {
      watch.cancel()
      stopListening()
    }
    return await task.value
  }
}
