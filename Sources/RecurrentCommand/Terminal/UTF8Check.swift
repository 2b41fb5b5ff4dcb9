import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Arguments and environment variables as bytes, which need not be UTF-8.
///
/// A Swift string would replace invalid bytes, and so name another file than the user did.
enum UTF8Check {
  /// The commands that read folders named by environment variables.
  private static let readers = ["train", "evaluate", "predict", "data"]

  /// Throws if an argument, or a variable that the command reads, is not UTF-8.
  static func check(_ arguments: [String]) throws(CommandFailure) {
    for index in 0..<Int(CommandLine.argc) {
      guard let argument = unsafe CommandLine.unsafeArgv[index], unsafe !isText(argument) else { continue }
      throw failure("argument \(index)", unsafe String(cString: argument))
    }
    guard let command = arguments.first, readers.contains(command), arguments.dropFirst().first != "digits" else {
      return
    }
    for name in ["MNIST_DIR", "XDG_CACHE_HOME", "HOME"] {
      guard let value = unsafe getenv(name), unsafe !isText(value) else { continue }
      throw failure(name, unsafe String(cString: value))
    }
  }

  private static func failure(_ source: String, _ repaired: String) -> CommandFailure {
    CommandFailure(
      "\(source): found bytes that are not UTF-8 ('\(repaired.shown())'), expected UTF-8; rename the file or folder",
      .usage)
  }

  private static func isText(_ bytes: UnsafePointer<CChar>) -> Bool { unsafe String(validatingCString: bytes) != nil }
}
