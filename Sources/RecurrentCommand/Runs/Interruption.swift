import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Ctrl-C, SIGTERM and SIGHUP, seen between two training steps or in a download, so that everything is left in order.
///
/// What was ignored when the process began stays ignored: `nohup` and a shell's `&` say that a run is to go on.
enum Interruption {
  private static let wasAsked = Atomic<Bool>(false)
  /// The signals that ask to stop.
  private static let signals = [SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) }

  /// Begins to listen; a second Ctrl-C ends the process at once.
  static func listen() {
    // Whatever the handler touches has to be there before it runs.
    _ = isRequested
    for number in signals {
      _ = signal(number) { number in
        Interruption.wasAsked.store(true, ordering: .relaxed)
        _ = signal(number, SIG_DFL)
      }
    }
  }

  /// Ends listening: from here on Ctrl-C ends the process as it does any other.
  private static func stopListening() {
    for number in signals { _ = signal(number, SIG_DFL) }
  }

  /// Whether whoever started the process wants a signal ignored; asked once, before there is a handler of ours.
  private static func isIgnored(_ number: Int32) -> Bool {
    let before = signal(number, SIG_IGN)
    _ = signal(number, before)
    return unsafe unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
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
