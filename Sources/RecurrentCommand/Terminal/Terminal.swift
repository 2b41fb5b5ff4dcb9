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

/// Where a command speaks: results on standard output, everything else on standard error.
enum Terminal {
  /// Whether a progress line is on the screen, to be taken away before anything else is written.
  private static let hasProgressLine = Mutex(false)
  /// How many characters a notice or a failure may have: what names and values of strangers make of it ends there.
  private static let longestNote = 2000
  /// What the system said when standard output could not be written, or 0.
  private static let outputError = Mutex<Int32>(0)

  /// Whether somebody is watching: progress is shown on a terminal only, and there in one line without colours.
  static let isInteractive = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

  /// Makes the process ready to report trouble with its files, instead of being ended by it.
  ///
  /// Without this a full quota (SIGXFSZ) or a closed pipe (SIGPIPE) would end the process without a word, and a file
  /// of ours could take the place of a stream that was closed when the process began.
  static func prepare() {
    _ = signal(SIGXFSZ, SIG_IGN)
    _ = signal(SIGPIPE, SIG_IGN)
    // For reading only, so that writing to a closed stream fails as it should.
    for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDONLY)
    }
  }

  /// Writes a line of results; what a terminal would obey instead of showing it is shown.
  static func print(_ line: String = "") { write(line.shown(limit: .max) + "\n") }

  /// Writes a text of results as it is: one that this program has made itself, of any number of lines.
  static func write(_ text: String) {
    endProgress()
    let code = AtomicFile.writeAll(Array(text.utf8), to: STDOUT_FILENO)
    if code != 0 { outputError.withLock { $0 = $0 == 0 ? code : $0 } }
  }

  /// Throws if results could not be written.
  static func checkOutput() throws(CommandFailure) {
    let code = outputError.withLock(\.self)
    if code == 0 { return }
    let reason = unsafe String(cString: strerror(code))
    throw CommandFailure("standard output: cannot be written (\(reason))", .inputOutput)
  }

  /// Ends the process as other tools end where the reader of their output has gone, as `head` does: without a word.
  static func endIfReaderIsGone() {
    guard outputError.withLock(\.self) == EPIPE else { return }
    _ = signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
  }

  /// Writes a line that is no result.
  static func note(_ line: String) {
    endProgress()
    emit(line.shown(limit: longestNote) + "\n")
  }

  /// Writes why a command failed.
  static func error(_ line: String) {
    let oneLine = line.split(whereSeparator: \.isNewline).joined(separator: " ")
    note("recurrent: " + oneLine)
  }

  /// Shows how far a long job has come, in one line that the next one replaces; does nothing off a terminal.
  static func progress(_ line: String) {
    guard isInteractive else { return }
    // A line that wraps could not be taken away again.
    let line = line.shown().prefix(width - 1)
    hasProgressLine.withLock { isShown in
      isShown = true
      emit("\r\u{1B}[K" + line)
    }
  }

  /// Takes the progress line away.
  static func endProgress() {
    hasProgressLine.withLock { isShown in
      if isShown { emit("\r\u{1B}[K") }
      isShown = false
    }
  }

  /// An environment variable, or nil where it is not set.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// How many characters go into a line of the terminal.
  private static var width: Int {
    var size = winsize()
    let isKnown = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
    return isKnown ? Int(size.ws_col) : 80
  }

  private static func emit(_ text: String) {
    _ = AtomicFile.writeAll(Array(text.utf8), to: STDERR_FILENO)
  }
}
