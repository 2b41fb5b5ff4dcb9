import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One download by HTTP.
final class HTTPTransfer: NSObject, URLSessionDownloadDelegate {
  private typealias Failure = MNISTError.DownloadFailure

  /// How long a server may keep silent, in seconds: short, because without network one waits for nothing.
  private static let patience = 5.0

  private let address: String
  private let path: String
  private let progress: @Sendable (Int, Int?) -> Void
  private let continuation: CheckedContinuation<MNISTError.DownloadFailure?, Never>
  /// What is wrong with the answer; nil while nothing is.
  private let failure = Mutex<MNISTError.DownloadFailure?>(nil)

  /// Gets what is under an address into a file.
  static func fetch(
    _ address: String, to path: String, progress: @escaping @Sendable (Int, Int?) -> Void
  ) async throws(MNISTError.DownloadFailure) {
    guard let url = URL(string: address) else {
      throw MNISTError.DownloadFailure(address: address, reason: "not an address")
    }
    let task = Mutex<URLSessionDownloadTask?>(nil)
    let failure = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = patience
        let session = URLSession(
          configuration: configuration,
          delegate: HTTPTransfer(address: address, path: path, progress: progress, continuation: continuation),
          delegateQueue: nil)
        let download = session.downloadTask(with: url)
        task.withLock { $0 = download }
        download.resume()
        // Whoever cancelled before this point found no task to cancel.
        if Task.isCancelled { download.cancel() }
        // The session keeps its delegate until the task is done.
        session.finishTasksAndInvalidate()
      }
    } onCancel: {
      task.withLock { $0?.cancel() }
    }
    if let failure { throw failure }
  }

  private init(
    address: String, path: String, progress: @escaping @Sendable (Int, Int?) -> Void,
    continuation: CheckedContinuation<MNISTError.DownloadFailure?, Never>
  ) {
    self.address = address
    self.path = path
    self.progress = progress
    self.continuation = continuation
  }

  func urlSession(
    _ session: URLSession, downloadTask: URLSessionDownloadTask, didWriteData bytesWritten: Int64,
    totalBytesWritten: Int64, totalBytesExpectedToWrite: Int64
  ) {
    progress(Int(totalBytesWritten), totalBytesExpectedToWrite > 0 ? Int(totalBytesExpectedToWrite) : nil)
  }

  func urlSession(
    _ session: URLSession, downloadTask: URLSessionDownloadTask, didFinishDownloadingTo location: URL
  ) {
    // An error page counts as a finished download as well.
    if let response = downloadTask.response as? HTTPURLResponse, response.statusCode != 200 {
      return fail("the server answered with status \(response.statusCode)")
    }
    do {
      // A mirror before this one may have left a file that was not right.
      FileSystem.remove(path)
      try FileManager.default.moveItem(at: location, to: URL(fileURLWithPath: path))
    } catch {
      fail("could not be written to \(path)")
    }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    if let error { fail(Self.reason(for: error)) }
    continuation.resume(returning: failure.withLock { $0 })
  }

  private func fail(_ reason: String) {
    failure.withLock { $0 = $0 ?? MNISTError.DownloadFailure(address: address, reason: reason) }
  }

  /// Errors of the system say the same in different words everywhere, and on some systems in numbers only.
  private static func reason(for error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .timedOut?: "no answer within \(Int(patience)) seconds"
    case .cannotFindHost?, .dnsLookupFailed?: "the host could not be found"
    case .cannotConnectToHost?, .notConnectedToInternet?, .networkConnectionLost?: "no connection"
    case .cancelled?: "cancelled"
    default: "\(error.localizedDescription)"
    }
  }
}
