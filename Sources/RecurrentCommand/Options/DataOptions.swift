import ArgumentParser
import Recurrent
import RecurrentData
import RecurrentSupport

/// Where images come from.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A folder with MNIST's four files or others of their form, plain or gzip.", valueName: "folder"),
    completion: .directory, transform: OptionValue.path)
  var dataDir: String?

  /// Where MNIST is looked for, for help texts.
  static let searchOrder = """
    MNIST is taken from the folder of --data-dir; without that from the folder that MNIST_DIR names or from the user's \
    cache folder, to which it is downloaded if need be. RECURRENT_OFFLINE=1 forbids downloads.
    """

  /// MNIST, from wherever it can be had.
  func mnist() async throws(CommandFailure) -> DigitData {
    switch try await load() {
    case .success(let data): return data
    case .failure(let error): throw CommandFailure(error)
    }
  }

  /// MNIST if it can be had; nil, with a notice, where it can't and something else has to do.
  ///
  /// A folder that was named, or a file that is there and damaged, is no such case.
  func mnistIfAtHand() async throws(CommandFailure) -> DigitData? {
    if dataDir != nil { return try await mnist() }
    let reason: String
    switch try await load() {
    case .success(let data): return data
    case .failure(.file(let error)): throw CommandFailure(error)
    case .failure(.notFound): reason = "and \(MNIST.offlineVariable) forbids to download it"
    case .failure(.download): reason = "and could not be downloaded"
    case .failure(.cannotWrite(let path, let why)):
      reason = "and could not be written to \(path.shown()) (\(why.shown()))"
    }
    Terminal.note("MNIST is not at hand \(reason): going on with built-in digits.")
    Terminal.note("These are drawn by this program and are not MNIST; figures do not compare.")
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

  /// Says so if the user's own cache folder is not used, because the specification forbids a relative path.
  static func noteIgnoredCache() {
    guard let named = Terminal.environment("XDG_CACHE_HOME"), !named.isEmpty, !named.hasPrefix("/") else { return }
    Terminal.note(
      "XDG_CACHE_HOME is '\(named.shown())', which is no absolute path: the cache is \(MNIST.cacheDirectory.shown())")
  }

  /// Does what may download something, and can be stopped by Ctrl-C meanwhile.
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
      throw CommandFailure("stopped before the end: the images were not read yet", .interrupted)
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
