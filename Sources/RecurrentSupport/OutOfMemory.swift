import Synchronization

/// What happens when memory for numbers cannot be had.
///
/// There is no way to go on. A program of ours may still want to end in its own way, such as with one line and an exit
/// status of its own instead of a trap.
package enum OutOfMemory {
  private static let ending = Mutex<(@Sendable (String) -> Never)?>(nil)

  /// Sets how the process is to end; by default by a fatal error.
  ///
  /// - Parameter ending: is given the sentence that says what was asked for and what to do.
  /// - Complexity: O(1).
  package static func end(by ending: @escaping @Sendable (String) -> Never) {
    Self.ending.withLock { $0 = ending }
  }

  /// Ends the process.
  ///
  /// - Parameter message: what was asked for and what to do.
  /// - Complexity: O(1).
  package static func end(_ message: String) -> Never {
    if let ending = ending.withLock(\.self) { ending(message) }
    fatalError(message)
  }
}
