import Foundation
import TestSupport
import Testing

/// The built tool, run as a process in a folder of its own, away from the user's data and from the network.
struct Tool {
  /// The executable: it lies beside the tests.
  static let path = Bundle.main.executableURL!.deletingLastPathComponent().appending(path: "recurrent").path

  /// The folder that the tool runs in; relative paths begin there.
  let folder: TemporaryDirectory
  /// An empty home.
  let home: TemporaryDirectory
  /// What is added to the environment or, where nil, taken from it.
  let environment: [String: String?]

  init(environment: [String: String?] = [:]) throws {
    folder = try TemporaryDirectory()
    home = try TemporaryDirectory()
    self.environment = environment
  }

  /// The same tool in the same folders, with more in its environment.
  init(_ tool: Tool, environment: [String: String?]) {
    folder = tool.folder
    home = tool.home
    self.environment = tool.environment.merging(environment) { $1 }
  }

  /// What has become of a process.
  struct Result {
    /// The exit status, or nil where a signal has ended the process.
    let status: Int32?
    /// The signal that has ended the process, if any.
    let signal: Int32?
    /// What it wrote on standard output.
    let output: String
    /// What it wrote on standard error.
    let errors: String

    var outputLines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
  }

  /// Runs the tool to its end.
  @discardableResult
  func run(_ arguments: String..., input: String = "") throws -> Result { try run(arguments, input: input) }

  /// Runs the tool to its end.
  @discardableResult
  func run(_ arguments: [String], input: String = "") throws -> Result {
    try start(arguments, input: input).wait()
  }

  /// Runs a shell script to its end; in it `"$0" "$@"` is the tool with its arguments.
  func run(shell script: String, _ arguments: String...) throws -> Result {
    try ToolProcess(
      executable: "/bin/sh", arguments: ["-c", script, Self.path] + arguments, environment: fullEnvironment,
      folder: folder.path
    ).wait()
  }

  /// Starts the tool.
  func start(_ arguments: [String], input: String = "", terminal: Int32? = nil) throws -> ToolProcess {
    try ToolProcess(
      executable: Self.path, arguments: arguments, environment: fullEnvironment, folder: folder.path, input: input,
      terminal: terminal)
  }

  /// What the tool finds in its environment.
  var fullEnvironment: [String: String] {
    var variables = ProcessInfo.processInfo.environment
    for name in ["MNIST_DIR", "NO_COLOR", "COLUMNS", "LINES", "TERM"] { variables[name] = nil }
    variables["HOME"] = home.path
    variables["XDG_CACHE_HOME"] = home.path("cache")
    variables["RECURRENT_OFFLINE"] = "1"
    for (name, value) in environment { variables[name] = value }
    return variables
  }
}

extension Tool.Result {
  /// Expects the process to have failed as it should: with this status, and one line that says all of this.
  func expectFailure(
    _ status: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectFailure(status, words, sourceLocation: sourceLocation)
  }

  /// Expects the process to have failed as it should: with this status, and one line that says all of this.
  func expectFailure(_ status: Int32, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(self.status == status, "\(errors)", sourceLocation: sourceLocation)
    #expect(signal == nil, sourceLocation: sourceLocation)
    let lines = errors.split(separator: "\n", omittingEmptySubsequences: false)
    // The last line is followed by nothing.
    #expect(lines.count >= 2 && lines.last == "", "\(errors)", sourceLocation: sourceLocation)
    let failures = lines.filter { $0.hasPrefix("recurrent: ") }
    #expect(failures.count == 1, "one line says why:\n\(errors)", sourceLocation: sourceLocation)
    #expect(lines.dropLast().last?.hasPrefix("recurrent: ") == true, "it is the last", sourceLocation: sourceLocation)
    for word in words {
      #expect(failures.first?.contains(word) == true, "\(word)\n\(errors)", sourceLocation: sourceLocation)
    }
  }

  /// Expects the process to have ended well.
  func expectSuccess(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(status == 0 && signal == nil, "\(errors)", sourceLocation: sourceLocation)
  }
}
