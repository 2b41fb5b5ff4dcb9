import RecurrentSupport

/// Why MNIST could not be had, in one line.
public enum MNISTError: Error, Equatable, Sendable {
  /// A file is there and not as it should be, or a folder that was named lacks it.
  case file(IDXError)
  /// MNIST lies in none of the folders that were looked into, and was not to be downloaded, perhaps because
  /// `RECURRENT_OFFLINE` forbids it.
  case notFound(searched: [String], isOffline: Bool = false)
  /// No mirror has given the file.
  case download(file: String, failures: [DownloadFailure])
  /// A folder or file can't be written.
  case cannotWrite(path: String, reason: String)

  /// Why one mirror has not given a file.
  public struct DownloadFailure: Error, Equatable, Sendable {
    /// The address that was asked.
    public let address: String
    /// What came of it.
    public let reason: String
  }

  /// Whether an input is missing or can't be read, rather than read and found bad.
  package var isMissingInput: Bool {
    switch self {
    case .file(let error): error.isMissingInput
    case .notFound, .download: true
    case .cannotWrite: false
    }
  }
}

extension MNISTError: CustomStringConvertible {
  /// Everything in one line, with what to do about it.
  public var description: String {
    let advice =
      "put the four files (\(MNIST.File.trainingImages.rawValue).gz and so on) into a folder and set MNIST_DIR to it"
    switch self {
    case .file(let error):
      return error.description
    case .notFound(let searched, let isOffline):
      let folders = searched.map { $0.shown() }.joined(separator: ", ")
      let offline = isOffline ? ", and \(MNIST.offlineVariable) forbids to download it" : ""
      return "MNIST was found in none of \(folders)\(offline); \(advice)"
    case .download(let file, let failures):
      let reasons = failures.map { "\($0.address.shown()): \($0.reason.shown())" }.joined(separator: "; ")
      return "\(file.shown()) of MNIST could not be downloaded (\(reasons)); \(advice)"
    case .cannotWrite(let path, let reason):
      return "\(path.shown()): can't be written (\(reason.shown())); check the permissions and the space on the disk"
    }
  }
}
