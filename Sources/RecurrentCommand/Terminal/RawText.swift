import RecurrentSupport

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Arguments and variables as the system has them: bytes, which need be no text.
///
/// A string would put a replacement in place of what is no UTF-8, and so name another file than the user did.
enum RawText {
  /// The commands that look for data in folders which variables name.
  private static let readers = ["train", "evaluate", "predict", "data"]

  /// Refuses a command with an argument, or a variable that it reads, that is no text.
  static func check(_ arguments: [String]) throws(CommandFailure) {
    for index in 0..<Int(CommandLine.argc) {
      guard let argument = unsafe CommandLine.unsafeArgv[index], unsafe !isText(argument) else { continue }
      throw refusal("argument \(index)", unsafe String(cString: argument))
    }
    guard let command = arguments.first, readers.contains(command), arguments.dropFirst().first != "digits" else {
      return
    }
    for name in ["MNIST_DIR", "XDG_CACHE_HOME", "HOME"] {
      guard let value = unsafe getenv(name), unsafe !isText(value) else { continue }
      throw refusal(name, unsafe String(cString: value))
    }
  }

  private static func refusal(_ place: String, _ repaired: String) -> CommandFailure {
    CommandFailure(
      "\(place): found bytes that are not UTF-8 ('\(repaired.shown())'), expected UTF-8; rename the file or folder",
      .usage)
  }

  private static func isText(_ bytes: UnsafePointer<CChar>) -> Bool { unsafe String(validatingCString: bytes) != nil }
}
