import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Ctrl-C, SIGTERM and SIGHUP, checked between training steps and during downloads, so that no file is left incomplete.
///
/// Signals that were ignored when the process began stay ignored: `nohup` and a shell's `&` ask for that.
enum Interruption {
  private static let wasRequested = Atomic<Bool>(false)
  /// The signals that request a stop.
  private static let signals = [SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) }

  /// Starts handling the signals; a second Ctrl-C ends the process at once.
  static func listen() {
    // Initializes the static property before the handler can run.
    _ = isRequested
    for number in signals {
      _ = signal(number) { number in
        Interruption.wasRequested.store(true, ordering: .relaxed)
        _ = signal(number, SIG_DFL)
      }
    }
  }

  /// Stops handling the signals: from here on Ctrl-C ends the process.
  private static func stopListening() {
    for number in signals { _ = signal(number, SIG_DFL) }
  }

  /// Whether a signal was ignored when the process began; called before a handler is set.
  private static func isIgnored(_ number: Int32) -> Bool {
    let before = signal(number, SIG_IGN)
    _ = signal(number, before)
    return unsafe unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Whether a stop has been requested.
  static var isRequested: Bool { wasRequested.load(ordering: .relaxed) }

  /// Runs an operation, and cancels it when a stop is requested.
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
