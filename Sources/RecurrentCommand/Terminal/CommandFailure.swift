import Recurrent
import RecurrentData

/// How a command ends, in the numbers of sysexits(3): `Documentation/Design/0003-names-and-statuses.md` has the table.
struct ExitStatus: Equatable {
  let rawValue: Int32

  static let success = ExitStatus(rawValue: 0)
  /// The command was called in a wrong way.
  static let usage = ExitStatus(rawValue: 64)
  /// An input is there and not as it should be.
  static let badData = ExitStatus(rawValue: 65)
  /// An input is missing or cannot be read.
  static let missingInput = ExitStatus(rawValue: 66)
  /// A fault of this program.
  static let bug = ExitStatus(rawValue: 70)
  /// The system cannot give what is needed: memory.
  static let outOfMemory = ExitStatus(rawValue: 71)
  /// An output cannot be made, or something is in its place that is not to be lost.
  static let cannotCreate = ExitStatus(rawValue: 73)
  /// Writing or reading failed on the way.
  static let inputOutput = ExitStatus(rawValue: 74)
  /// Stopped by Ctrl-C, SIGTERM or SIGHUP, with everything left in order.
  static let interrupted = ExitStatus(rawValue: 130)
}

/// The end of a command that could not do what it was asked for: one line that says why, and a status.
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

  init(_ error: FileWriteError) { self.init(error.description, .inputOutput) }
}
