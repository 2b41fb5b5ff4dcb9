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
