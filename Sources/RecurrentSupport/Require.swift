/// Traps with a message unless a condition holds, in release builds too.
///
/// For mistakes of the calling program only: anything that a file, an option or a dataset can cause is a thrown error.
/// The standard library's `precondition` drops its message in optimized builds, so a server would end without one.
///
/// - Parameters:
///   - condition: what the caller guarantees.
///   - message: what was expected and what was found; built only when the condition fails.
///   - file: the file of the condition, by default the caller's.
///   - line: the line of that file, by default the caller's.
/// - Complexity: one branch when the condition holds.
@inline(__always)
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}

/// The result of an operation that cannot fail because the caller made its input.
///
/// Traps with the error's description if it fails anyway.
///
/// - Parameters:
///   - operation: an operation that throws in other contexts.
///   - file: the file of the call, by default the caller's.
///   - line: the line of that file, by default the caller's.
/// - Returns: the result.
@inline(__always)
package func require<Value, Failure: Error>(
  file: StaticString = #fileID, line: UInt = #line, _ operation: () throws(Failure) -> Value
) -> Value {
  do throws(Failure) { return try operation() } catch { fatalError("\(error)", file: file, line: line) }
}
