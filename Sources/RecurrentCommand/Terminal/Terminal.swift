import Recurrent
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where a command speaks: results on standard output, everything else on standard error.
enum Terminal {
  /// Whether a progress line is on the screen, to be taken away before anything else is written.
  private static let hasProgressLine = Mutex(false)

  /// Whether somebody is watching: progress is shown on a terminal only.
  static let isInteractive = isatty(STDERR_FILENO) == 1

  /// Whether results may have colours: on a terminal, unless `NO_COLOR` is set.
  static let hasColors = isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR")?.isEmpty ?? true

  /// Writes a line of results.
  static func print(_ line: String = "") { write(line + "\n", to: STDOUT_FILENO) }

  /// Writes a line that is no result.
  static func note(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

  /// Writes why a command failed.
  static func error(_ line: String) {
    let oneLine = line.split(whereSeparator: \.isNewline).joined(separator: " ")
    note("recurrent: " + oneLine)
  }

  /// Shows how far a long job has come, in one line that the next one replaces. Does nothing off a terminal.
  static func progress(_ line: String) {
    guard isInteractive else { return }
    hasProgressLine.withLock { isShown in
      isShown = true
      emit("\r\u{1B}[K" + line, to: STDERR_FILENO)
    }
  }

  /// Takes the progress line away.
  static func endProgress() {
    hasProgressLine.withLock { isShown in
      if isShown { emit("\r\u{1B}[K", to: STDERR_FILENO) }
      isShown = false
    }
  }

  /// An environment variable, or nil where it is not set.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  private static func write(_ text: String, to file: Int32) {
    endProgress()
    emit(text, to: file)
  }

  private static func emit(_ text: String, to file: Int32) {
    _ = AtomicFile.writeAll(Array(text.utf8), to: file)
  }
}
