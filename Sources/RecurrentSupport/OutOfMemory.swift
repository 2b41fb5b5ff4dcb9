import Synchronization

/// What happens if memory for numbers cannot be allocated.
///
/// The program cannot continue, but it may end in its own way, such as with a one-line message and an exit status
/// instead of a trap.
package enum OutOfMemory {
  private static let ending = Mutex<(@Sendable (String) -> Never)?>(nil)

  /// Sets how the process ends; by default with a fatal error.
  ///
  /// - Parameter ending: receives a message with the requested size and what to do.
  /// - Complexity: O(1).
  package static func end(by ending: @escaping @Sendable (String) -> Never) {
    Self.ending.withLock { $0 = ending }
  }

  /// Ends the process.
  ///
  /// - Parameter message: the requested size and what to do.
  /// - Complexity: O(1).
  package static func end(_ message: String) -> Never {
    if let ending = ending.withLock(\.self) { ending(message) }
    fatalError(message)
  }
}
