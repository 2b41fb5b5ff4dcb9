import Recurrent
import RecurrentData

/// The exit status of a command, after sysexits(3); `Documentation/Design/0003-names-and-statuses.md` has the table.
struct ExitStatus: Equatable {
  let rawValue: Int32

  static let success = ExitStatus(rawValue: 0)
  /// The arguments are not valid.
  static let usage = ExitStatus(rawValue: 64)
  /// An input is not valid.
  static let badData = ExitStatus(rawValue: 65)
  /// An input is missing or cannot be read.
  static let missingInput = ExitStatus(rawValue: 66)
  /// A bug in this program.
  static let bug = ExitStatus(rawValue: 70)
  /// There is not enough memory.
  static let outOfMemory = ExitStatus(rawValue: 71)
  /// An output cannot be created, or would replace a file.
  static let cannotCreate = ExitStatus(rawValue: 73)
  /// Writing or reading failed.
  static let inputOutput = ExitStatus(rawValue: 74)
  /// The command was stopped by Ctrl-C, SIGTERM or SIGHUP.
  static let interrupted = ExitStatus(rawValue: 130)
}

/// The failure of a command: a message of one line, and an exit status.
struct CommandFailure: Error, Equatable {
  let message: String
  let status: ExitStatus

  init(_ message: String, _ status: ExitStatus) {
    self.message = message
    self.status = status
  }

  init(_ error: IDXError) {
    self.init(
      error.description, error.kind == .memory ? .outOfMemory : error.isMissingInput ? .missingInput : .badData)
  }

  init(_ error: MNISTError) {
    switch error {
    case .file(let error): self.init(error)
    case .cannotWrite: self.init(error.description, .cannotCreate)
    case .notFound, .download: self.init(error.description + ", or name it with --data-dir", .missingInput)
    }
  }

  init(_ error: SafeTensorsError) {
    let isMissing = error.kind == .missing || error.kind == .unreadable
    self.init(error.description, isMissing ? .missingInput : .badData)
  }

  init(_ error: TextError) { self.init(error.description, error.isMissing ? .missingInput : .badData) }

  init(_ error: FileWriteError) { self.init(error.description, .inputOutput) }
}
