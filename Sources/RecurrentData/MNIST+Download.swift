extension MNIST {
  /// How far a download has come.
  public struct DownloadProgress: Sendable {
    /// The file on its way.
    public let file: String
    /// Its place among the files to be downloaded, from 0.
    public let fileIndex: Int
    /// How many files are to be downloaded.
    public let fileCount: Int
    /// How many bytes of the file have come.
    public let receivedBytes: Int
    /// How many bytes the file has; nil where the mirror does not say.
    public let expectedBytes: Int?
  }

  /// The public mirrors, in the order in which they are asked.
  static let mirrors = [
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
  ]

  /// Downloads the files that a folder lacks, or holds in another form than the original.
  ///
  /// A file takes its name in the folder when it is complete and its checksum is right, and not before.
  ///
  /// - Parameters:
  ///   - directory: the folder, made if it is not there.
  ///   - progress: is told how far it has come, from any thread.
  /// - Throws: ``MNISTError``, without network within seconds.
  public static func download(
    to directory: String = cacheDirectory, progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws(MNISTError) {
    let items = File.allCases.map { file in
      Downloader.Item(name: file.rawValue + ".gz", aliases: file.names, checksum: file.checksum)
    }
    let downloader = Downloader(mirrors: mirrors, transfer: HTTPTransfer.fetch)
    try await downloader.download(items, to: directory, progress: progress)
  }
}

/// Fetches files from mirrors into a folder, verified.
struct Downloader: Sendable {
  /// A file to be fetched.
  struct Item: Sendable {
    /// Its name on the mirrors and in the folder.
    var name: String
    /// Other names under which it may lie in the folder already.
    var aliases: [String] = []
    /// The SHA-256 checksum of its uncompressed bytes.
    var checksum: String
  }

  /// Gets what is under an address into a file, and tells how many bytes of how many have come.
  typealias Transfer =
    @Sendable (_ address: String, _ path: String, _ progress: @escaping @Sendable (Int, Int?) -> Void)
    async throws(MNISTError.DownloadFailure) -> Void

  var mirrors: [String]
  var transfer: Transfer

  /// Fetches what the folder lacks.
  func download(
    _ items: [Item], to directory: String, progress: @escaping @Sendable (MNIST.DownloadProgress) -> Void
  ) async throws(MNISTError) {
    try FileSystem.createDirectory(directory)
    let missing = items.filter { !holds(directory, $0) }
    var mirrors = mirrors
    for (index, item) in missing.enumerated() {
      try await download(item, from: &mirrors, to: directory) { received, expected in
        progress(
          MNIST.DownloadProgress(
            file: item.name, fileIndex: index, fileCount: missing.count, receivedBytes: received,
            expectedBytes: expected))
      }
    }
  }

  /// Whether the folder holds the file, under any of its names, unaltered.
  private func holds(_ directory: String, _ item: Item) -> Bool {
    // Only the first name counts that is there, because that is the file that will be read.
    for name in item.aliases + [item.name] where (try? FileSystem.exists(directory + "/" + name)) ?? false {
      return (try? SHA256.checksum(ofFile: directory + "/" + name).digits) == item.checksum
    }
    return false
  }

  /// Fetches one file; mirrors that fail go to the end of the list, so that the next file does not wait for them again.
  private func download(
    _ item: Item, from mirrors: inout [String], to directory: String, progress: @escaping @Sendable (Int, Int?) -> Void
  ) async throws(MNISTError) {
    // Two processes may fetch the same file at the same time, so that each writes under a name of its own.
    let part = "\(directory)/.\(item.name).\(String(UInt64.random(in: 0 ... .max), radix: 36)).part"
    defer { FileSystem.remove(part) }
    var failures: [MNISTError.DownloadFailure] = []
    for mirror in mirrors where !Task.isCancelled {
      let address = mirror + item.name
      do throws(MNISTError.DownloadFailure) {
        try await transfer(address, part, progress)
        try verify(part, of: item, from: address)
      } catch {
        failures.append(error)
        mirrors.append(mirrors.removeFirst())
        continue
      }
      return try FileSystem.rename(part, to: directory + "/" + item.name)
    }
    throw .download(file: item.name, failures: failures)
  }

  private func verify(_ path: String, of item: Item, from address: String) throws(MNISTError.DownloadFailure) {
    let reason: String
    do throws(IDXError) {
      let checksum = try SHA256.checksum(ofFile: path).digits
      if checksum == item.checksum { return }
      reason = "found another file with SHA-256 \(checksum), expected \(item.checksum)"
    } catch {
      reason = "found \(error.found), expected \(error.expected)"
    }
    throw MNISTError.DownloadFailure(address: address, reason: reason)
  }
}
