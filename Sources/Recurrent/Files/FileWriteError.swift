import RecurrentSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An error that says in one line why a file could not be written.
public struct FileWriteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// The system's message, or what is wrong with the contents.
  public let reason: String
  private let advice: String

  /// Which file, what is wrong, and what to do.
  public var description: String { "\(path.shown(limit: 1000)): cannot be written (\(reason)); \(advice)" }

  /// An error with the message of a system error number.
  package init(path: String, code: Int32) {
    self.init(
      path: path, reason: String(cString: strerror(code)),
      advice: "check the folder, its permissions and the space on the disk")
  }

  /// An error of a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - reason: what is wrong, in a few printable words.
  ///   - advice: what to do.
  package init(path: String, reason: String, advice: String) {
    self.path = path
    self.reason = reason
    self.advice = advice
  }
}
