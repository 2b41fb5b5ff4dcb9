import RecurrentSupport

/// Why MNIST could not be loaded, in one line.
public enum MNISTError: Error, Equatable, Sendable {
  /// A file is invalid, or missing in a folder that was named.
  case file(IDXError)
  /// MNIST is in none of the folders searched, and downloads are not allowed, perhaps because `RECURRENT_OFFLINE`
  /// forbids them.
  case notFound(searched: [String], isOffline: Bool = false)
  /// No mirror provided the file.
  case download(file: String, failures: [DownloadFailure])
  /// A folder or file can't be written.
  case cannotWrite(path: String, reason: String)

  /// Why one mirror did not provide a file.
  public struct DownloadFailure: Error, Equatable, Sendable {
    /// The address that was tried.
    public let address: String
    /// What went wrong.
    public let reason: String
  }

  /// Whether a file is missing or can't be read, rather than invalid.
  package var isMissingInput: Bool {
    switch self {
    case .file(let error): error.isMissingInput
    case .notFound, .download: true
    case .cannotWrite: false
    }
  }
}

extension MNISTError: CustomStringConvertible {
  /// The error in one line, with what to do about it.
  public var description: String {
    let advice =
      "put the four files (\(MNIST.File.trainingImages.rawValue).gz and so on) into a folder and set MNIST_DIR to it"
    switch self {
    case .file(let error):
      return error.description
    case .notFound(let searched, let isOffline):
      let folders = searched.map { $0.shown() }.joined(separator: ", ")
      let offline = isOffline ? ", and \(MNIST.offlineVariable) forbids downloads" : ""
      return "MNIST was found in none of \(folders)\(offline); \(advice)"
    case .download(let file, let failures):
      let reasons = failures.map { "\($0.address.shown()): \($0.reason.shown())" }.joined(separator: "; ")
      return "\(file.shown()) of MNIST could not be downloaded (\(reasons)); \(advice)"
    case .cannotWrite(let path, let reason):
      return "\(path.shown()): can't be written (\(reason.shown())); check the permissions and the space on the disk"
    }
  }
}
