import Recurrent
import RecurrentSupport
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The output of a command: results on standard output, everything else on standard error.
enum Terminal {
  /// Whether a progress line is shown, which has to be erased before anything else is written.
  private static let hasProgressLine = Mutex(false)
  /// The most characters of a notice or a failure, which may quote long names and values from files.
  private static let longestNote = 2000
  /// The error code if standard output could not be written, or 0.
  private static let outputError = Mutex<Int32>(0)

  /// Whether standard error is a terminal; only there is progress shown, in one line without colors.
  static let isInteractive = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

  /// Prepares the process so that it can report errors of its files.
  ///
  /// Without this, a file size limit (SIGXFSZ) or a closed pipe (SIGPIPE) would end the process without a message, and an
  /// opened file could get the number of a standard stream that was closed when the process began.
  static func prepare() {
    _ = signal(SIGXFSZ, SIG_IGN)
    _ = signal(SIGPIPE, SIG_IGN)
    // Opened for reading only, so that writing to a closed stream still fails.
    for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDONLY)
    }
  }

  /// Writes a line of results, with control characters escaped.
  static func print(_ line: String = "") { write(line.shown(limit: .max) + "\n") }

  /// Writes results without escaping: text of any number of lines that the program itself has made.
  static func write(_ text: String) {
    endProgress()
    let code = AtomicFile.writeAll(Array(text.utf8), to: STDOUT_FILENO)
    if code != 0 { outputError.withLock { $0 = $0 == 0 ? code : $0 } }
  }

  /// Whether standard output is a terminal.
  static let showsOutput = isatty(STDOUT_FILENO) == 1

  /// Writes text of any number of lines that may come from anybody: a terminal gets its control characters escaped, a file
  /// or a pipe the text as it is.
  static func writeText(_ text: String) {
    if !showsOutput { return write(text) }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    write(lines.map { String($0).shown(limit: .max) }.joined(separator: "\n"))
  }

  /// Throws if results could not be written.
  static func checkOutput() throws(CommandFailure) {
    let code = outputError.withLock(\.self)
    if code == 0 { return }
    let reason = unsafe String(cString: strerror(code))
    throw CommandFailure("standard output: cannot be written (\(reason))", .inputOutput)
  }

  /// Ends the process by SIGPIPE, as other tools end, if the reader of its output has closed the pipe, as `head` does.
  static func endIfReaderIsGone() {
    guard outputError.withLock(\.self) == EPIPE else { return }
    _ = signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
  }

  /// Writes a notice.
  static func note(_ line: String) {
    endProgress()
    emit(line.shown(limit: longestNote) + "\n")
  }

  /// Writes why a command failed.
  static func error(_ line: String) {
    let oneLine = line.split(whereSeparator: \.isNewline).joined(separator: " ")
    note("recurrent: " + oneLine)
  }

  /// Shows the progress of a long operation in one line, which the next one replaces; only on a terminal.
  static func progress(_ line: String) {
    guard isInteractive else { return }
    // A line that wraps could not be erased.
    let line = line.shown().prefix(width - 1)
    hasProgressLine.withLock { isShown in
      isShown = true
      emit("\r\u{1B}[K" + line)
    }
  }

  /// Erases the progress line.
  static func endProgress() {
    hasProgressLine.withLock { isShown in
      if isShown { emit("\r\u{1B}[K") }
      isShown = false
    }
  }

  /// An environment variable; nil if it is not set.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// The number of columns of the terminal.
  private static var width: Int {
    var size = winsize()
    let isKnown = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
    return isKnown ? Int(size.ws_col) : 80
  }

  private static func emit(_ text: String) {
    _ = AtomicFile.writeAll(Array(text.utf8), to: STDERR_FILENO)
  }
}
