/// Ends the process with a sentence unless a condition holds, in release builds too.
///
/// For mistakes of the calling program only: what a file, an option or a data set can cause is a thrown error. The
/// standard library's `precondition` drops its sentence from optimised builds, so that a server would end mute.
///
/// - Parameters:
///   - condition: what the caller has promised.
///   - message: what was expected and what was found; built only when the condition fails.
///   - file: where the condition is written, by default the caller.
///   - line: the line of that file, by default the caller's.
/// - Complexity: one branch when the condition holds.
@inline(__always)
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}

/// The result of an operation that cannot fail here, because the caller has made its input itself.
///
/// Should it fail all the same, the process ends with the error's sentence.
///
/// - Parameters:
///   - operation: what throws where others call it.
///   - file: where the operation is called, by default the caller.
///   - line: the line of that file, by default the caller's.
/// - Returns: the result.
@inline(__always)
package func require<Value, Failure: Error>(
  file: StaticString = #fileID, line: UInt = #line, _ operation: () throws(Failure) -> Value
) -> Value {
  do throws(Failure) { return try operation() } catch { fatalError("\(error)", file: file, line: line) }
}
