#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension MNIST {
  /// The progress of a download.
  public struct DownloadProgress: Sendable {
    /// The file being downloaded.
    public let file: String
    /// Its index among the files to be downloaded, from 0.
    public let fileIndex: Int
    /// The number of files to be downloaded.
    public let fileCount: Int
    /// The number of bytes of the file that have arrived.
    public let receivedBytes: Int
    /// The size of the file in bytes; nil if the mirror does not say.
    public let expectedBytes: Int?
  }

  /// The public mirrors, in the order in which they are tried.
  static let mirrors = [
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
  ]

  /// The files as they are downloaded.
  static var originals: [Downloader.Item] {
    File.allCases.map { file in
      Downloader.Item(
        name: file.rawValue + ".gz", aliases: file.names(), byteCount: file.byteCount, checksum: file.checksum)
    }
  }

  /// Downloads the files that a folder lacks, or whose contents are not the original's.
  ///
  /// A file gets its name in the folder only when it is complete and its checksum is correct. In ``cacheDirectory``
  /// files that fail their checksum are replaced, whatever their name; in any other folder they are left alone, and an
  /// error names one that would hide the file to be written.
  ///
  /// - Parameters:
  ///   - directory: the folder, created if it does not exist.
  ///   - progress: receives the progress, on any thread.
  /// - Throws: ``MNISTError`` if a file cannot be downloaded or written (without a network within seconds), or if one
  ///   is missing and `RECURRENT_OFFLINE` forbids downloads.
  public static func download(
    to directory: String = cacheDirectory, progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws(MNISTError) {
    let downloader = Downloader(environment: ProcessInfo.processInfo.environment)
    try await downloader.download(
      originals, to: directory, replacing: directory == cacheDirectory, progress: progress)
  }
}

extension Downloader {
  /// A downloader from the public mirrors by HTTP, unless the environment forbids it.
  init(environment: [String: String]) {
    self.init(
      mirrors: MNIST.mirrors, isOffline: MNIST.isOffline(environment: environment), transfer: HTTPTransfer.fetch)
  }
}
