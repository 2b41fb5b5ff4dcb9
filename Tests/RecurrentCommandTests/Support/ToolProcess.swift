import Foundation
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A process whose output goes to files, so that nobody has to read along.
final class ToolProcess {
  struct SpawnError: Error {
    let code: Int32
  }

  let identifier: pid_t
  private let streams: TemporaryDirectory
  private var result: Tool.Result?

  /// Starts a process; with a terminal, standard error goes there.
  init(
    executable: String, arguments: [String], environment: [String: String], folder: String, input: String = "",
    terminal: Int32? = nil
  ) throws {
    streams = try TemporaryDirectory()
    try streams.write(Array(input.utf8), to: "in")

    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, streams.path("in"), O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, streams.path("out"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if let terminal {
      posix_spawn_file_actions_adddup2(&actions, terminal, 2)
    } else {
      posix_spawn_file_actions_addopen(&actions, 2, streams.path("err"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    }
    // Whoever runs the tests may have them ignored, as shells do for jobs in the background.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    // Not every system can be asked to change the folder of a process that it starts.
    let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, executable]
    var words = (shell + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var identifier: pid_t = 0
    let code = posix_spawn(&identifier, shell[0], &actions, &attributes, &words, &variables)
    guard code == 0 else { throw SpawnError(code: code) }
    self.identifier = identifier
  }

  deinit {
    if result == nil {
      kill(identifier, SIGKILL)
      var status: Int32 = 0
      waitpid(identifier, &status, 0)
    }
  }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(identifier, signal) }

  /// Whether the process is still there.
  var isRunning: Bool { result == nil && !reap(WNOHANG) }

  /// Waits for the end; a process that takes too long is killed.
  func wait(seconds: Double = 120) -> Tool.Result {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while isRunning {
      if Date() > deadline { send(SIGKILL) }
      usleep(2_000)
    }
    guard let result else { preconditionFailure("a process that has ended has a result") }
    return result
  }

  /// Waits until something is true, or the process has ended, or too much time has passed; returns whether it is true.
  func wait(seconds: Double = 60, until condition: () -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while isRunning && Date() < deadline {
      if condition() { return true }
      usleep(1_000)
    }
    return condition()
  }

  private func reap(_ options: Int32) -> Bool {
    var status: Int32 = 0
    guard waitpid(identifier, &status, options) == identifier else { return false }
    let signal = status & 0x7f
    result = Tool.Result(
      status: signal == 0 ? status >> 8 & 0xff : nil, signal: signal == 0 ? nil : signal, output: text("out"),
      errors: text("err"))
    return true
  }

  private func text(_ stream: String) -> String {
    String(decoding: FileManager.default.contents(atPath: streams.path(stream)) ?? Data(), as: UTF8.self)
  }
}
