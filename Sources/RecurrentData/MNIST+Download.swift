#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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

  /// The files as they are downloaded.
  static var originals: [Downloader.Item] {
    File.allCases.map { file in
      Downloader.Item(
        name: file.rawValue + ".gz", aliases: file.names(), byteCount: file.byteCount, checksum: file.checksum)
    }
  }

  /// Downloads the files that a folder lacks, or holds in another form than the original.
  ///
  /// A file takes its name in the folder when it is complete and its checksum is right, and not before. In
  /// ``cacheDirectory`` files that fail their checksum are replaced under whatever name; in any other folder they are
  /// left alone, and an error names one that would hide the file to be written.
  ///
  /// - Parameters:
  ///   - directory: the folder, made if it is not there.
  ///   - progress: is told how far it has come, from any thread.
  /// - Throws: ``MNISTError``, without network within seconds; also if something is missing and `RECURRENT_OFFLINE`
  ///   forbids downloads.
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
