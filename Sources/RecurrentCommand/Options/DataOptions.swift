import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// Where images come from.
struct DataOptions: RecordableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with the four files of MNIST, or others in their format, plain or gzip.", valueName: "folder"),
    completion: .directory, transform: OptionValue.path)
  var dataDir: String?

  static var recorded: [RecordedOption<Self>] { [.init("data-dir", \.dataDir)] }

  /// Where MNIST is searched, for help texts.
  static let searchOrder = """
    MNIST is read from the folder of --data-dir, else from the folder that MNIST_DIR names, else from the user's cache \
    folder, to which it is downloaded if necessary. RECURRENT_OFFLINE=1 forbids downloads.
    """

  /// MNIST, read or downloaded.
  func mnist() async throws(CommandFailure) -> DigitData {
    switch try await load() {
    case .success(let data): return data
    case .failure(let error): throw CommandFailure(error)
    }
  }

  /// MNIST if it is available; nil, with a notice, if it is not.
  ///
  /// A missing folder of --data-dir and a damaged file are errors.
  func mnistIfAvailable() async throws(CommandFailure) -> DigitData? {
    if dataDir != nil { return try await mnist() }
    let reason: String
    switch try await load() {
    case .success(let data): return data
    case .failure(.file(let error)): throw CommandFailure(error)
    case .failure(.notFound): reason = "\(MNIST.offlineVariable) forbids downloading it"
    case .failure(.download): reason = "it could not be downloaded"
    case .failure(.cannotWrite(let path, let why)):
      reason = "it could not be written to \(path.shown()) (\(why.shown()))"
    }
    Terminal.note("MNIST is not available (\(reason)): using built-in digits instead.")
    Terminal.note("These are drawn by this program and are not MNIST; results are not comparable.")
    Terminal.note("To use MNIST, put its four files into a folder and name it with --data-dir or MNIST_DIR.")
    return nil
  }

  private func load() async throws(CommandFailure) -> Result<DigitData, MNISTError> {
    let directory = dataDir
    if directory == nil { Self.noteIgnoredCache() }
    let result = try await Self.withProgress { () async throws(MNISTError) in
      try await MNIST.load(directory: directory) { DownloadProgressLine.show($0) }
    }
    if case .success(let data) = result { data.notices.forEach(Terminal.note) }
    return result
  }

  /// Prints a notice if XDG_CACHE_HOME is ignored: the specification forbids relative paths.
  static func noteIgnoredCache() {
    guard let named = Terminal.environment("XDG_CACHE_HOME"), !named.isEmpty, !named.hasPrefix("/") else { return }
    Terminal.note(
      "XDG_CACHE_HOME is '\(named.shown())', which is not an absolute path; using \(MNIST.cacheDirectory.shown()) instead"
    )
  }

  /// Runs an operation that may download something, and cancels it on Ctrl-C.
  static func withProgress<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws(MNISTError) -> Value
  ) async throws(CommandFailure) -> Result<Value, MNISTError> {
    let result = await Interruption.cancelling {
      do throws(MNISTError) { return Result<Value, MNISTError>.success(try await operation()) } catch {
        return .failure(error)
      }
    }
    Terminal.endProgress()
    if Interruption.isRequested {
      throw CommandFailure("stopped before the images were read", .interrupted)
    }
    return result
  }
}

/// The progress line of a download.
enum DownloadProgressLine {
  static func show(_ progress: MNIST.DownloadProgress) {
    let received = (Double(progress.receivedBytes) / 1e6).fixed(1)
    let expected = progress.expectedBytes.map { " of \((Double($0) / 1e6).fixed(1))" } ?? ""
    Terminal.progress(
      "downloading \(progress.file.shown()) (\(progress.fileIndex + 1) of \(progress.fileCount)): \(received)\(expected) MB"
    )
  }
}
