import Dispatch
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One download by HTTP.
final class HTTPTransfer: NSObject, URLSessionDataDelegate {
  private typealias Failure = MNISTError.DownloadFailure

  /// Limits on how long a server may take.
  struct Patience {
    /// The longest time without a byte, in seconds; short, because without a network nothing would come.
    var silence = 5.0
    /// The lowest rate in bytes per second, averaged over a window; a slower download would hardly ever end.
    var minimumRate = 1024
    /// The window, in seconds.
    var window = 30.0
  }

  private struct State {
    var received = 0
    /// What is wrong with the response; nil if nothing is.
    var failure: Failure?
  }

  private let address: String
  private let byteLimit: Int
  private let patience: Patience
  private let file: FileHandle
  private let progress: @Sendable (Int, Int?) -> Void
  private let continuation: CheckedContinuation<MNISTError.DownloadFailure?, Never>
  private let state = Mutex(State())

  /// Downloads an address to a file.
  ///
  /// - Parameters:
  ///   - address: the address.
  ///   - path: the file, which replaces an existing one.
  ///   - byteLimit: the largest size; more bytes end the transfer.
  ///   - progress: receives how many bytes of how many have arrived.
  static func fetch(
    _ address: String, to path: String, byteLimit: Int, progress: @escaping @Sendable (Int, Int?) -> Void
  ) async throws(MNISTError.DownloadFailure) {
    try await fetch(address, to: path, byteLimit: byteLimit, patience: Patience(), progress: progress)
  }

  static func fetch(
    _ address: String, to path: String, byteLimit: Int, patience: Patience,
    progress: @escaping @Sendable (Int, Int?) -> Void
  ) async throws(MNISTError.DownloadFailure) {
    guard let url = URL(string: address) else {
      throw MNISTError.DownloadFailure(address: address, reason: "not an address")
    }
    // A mirror tried before may have left a wrong file.
    FileSystem.remove(path)
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw MNISTError.DownloadFailure(address: address, reason: "could not be written to \(path)")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let task = Mutex<URLSessionDataTask?>(nil)
    let failure = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = patience.silence
        let transfer = HTTPTransfer(
          address: address, byteLimit: byteLimit, patience: patience, file: file, progress: progress,
          continuation: continuation)
        let session = URLSession(configuration: configuration, delegate: transfer, delegateQueue: nil)
        let download = session.dataTask(with: url)
        task.withLock { $0 = download }
        download.resume()
        transfer.watch(download)
        // A cancellation before this point found no task to cancel.
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
    address: String, byteLimit: Int, patience: Patience, file: FileHandle,
    progress: @escaping @Sendable (Int, Int?) -> Void,
    continuation: CheckedContinuation<MNISTError.DownloadFailure?, Never>
  ) {
    self.address = address
    self.byteLimit = byteLimit
    self.patience = patience
    self.file = file
    self.progress = progress
    self.continuation = continuation
  }

  /// Ends the task as soon as too few bytes have arrived in a window.
  ///
  /// - Parameter before: the number of bytes at the beginning of the window.
  private func watch(_ task: URLSessionDataTask, from before: Int = 0) {
    DispatchQueue.global().asyncAfter(deadline: .now() + patience.window) { [weak self, weak task] in
      guard let self, let task, task.state == .running else { return }
      let received = self.state.withLock(\.received)
      if Double(received - before) < Double(self.patience.minimumRate) * self.patience.window {
        self.end(task, "fewer than \(self.patience.minimumRate) bytes a second")
      } else {
        self.watch(task, from: received)
      }
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    // An error page would count as a finished download as well.
    if let response = response as? HTTPURLResponse, response.statusCode != 200 {
      fail("the server answered with status \(response.statusCode)")
      return completionHandler(.cancel)
    }
    if response.expectedContentLength > Int64(byteLimit) {
      fail("the server announced \(response.expectedContentLength) bytes, expected at most \(byteLimit)")
      return completionHandler(.cancel)
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let (received, isFailed) = state.withLock { state in
      state.received += data.count
      return (state.received, state.failure != nil)
    }
    if isFailed { return }
    guard received <= byteLimit else {
      return end(dataTask, "the server sent more than \(byteLimit) bytes, which is more than the file has")
    }
    do { try file.write(contentsOf: data) } catch {
      return end(dataTask, "could not be written (\(error.localizedDescription))")
    }
    let expected = dataTask.response?.expectedContentLength ?? -1
    progress(received, expected > 0 ? Int(expected) : nil)
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    if let error { fail(reason(for: error)) }
    try? file.close()
    continuation.resume(returning: state.withLock(\.failure))
  }

  /// Notes the first thing that is wrong, and ends the task.
  private func end(_ task: URLSessionTask, _ reason: String) {
    fail(reason)
    task.cancel()
  }

  private func fail(_ reason: String) {
    state.withLock { $0.failure = $0.failure ?? MNISTError.DownloadFailure(address: address, reason: reason) }
  }

  /// Our own words, since those of the operating system differ from one to the other, and are numbers on some.
  private func reason(for error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .timedOut?: "no response within \(Int(patience.silence)) seconds"
    case .cannotFindHost?, .dnsLookupFailed?: "the host could not be found"
    case .cannotConnectToHost?, .notConnectedToInternet?, .networkConnectionLost?: "no connection"
    case .cancelled?: "canceled"
    default: "\(error.localizedDescription)"
    }
  }
}
