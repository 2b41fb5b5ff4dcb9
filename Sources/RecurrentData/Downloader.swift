/// Fetches files from mirrors into a folder, verified.
struct Downloader: Sendable {
  /// A file to be fetched.
  struct Item: Sendable {
    /// Its name on the mirrors and in the folder.
    var name: String
    /// Other names that it may already have in the folder.
    var aliases: [String] = []
    /// Its uncompressed size in bytes.
    var byteCount: Int
    /// The SHA-256 checksum of its uncompressed bytes.
    var checksum: String

    /// The largest download: without compression, gzip adds five bytes to every 16 KiB, and a header.
    var transferLimit: Int { byteCount + byteCount / 1000 + 1024 }
  }

  /// Downloads an address to a file, and reports how many bytes of how many have arrived; fails if there are more than
  /// the limit.
  typealias Transfer =
    @Sendable (
      _ address: String, _ path: String, _ byteLimit: Int, _ progress: @escaping @Sendable (Int, Int?) -> Void
    ) async throws(MNISTError.DownloadFailure) -> Void

  var mirrors: [String]
  /// Whether downloads are forbidden; a missing file is then an error.
  var isOffline = false
  var transfer: Transfer

  /// Fetches what the folder lacks.
  ///
  /// - Parameter replacing: whether other files with the names of the items are removed. Otherwise such a file, which
  ///   would hide an item, is an error.
  func download(
    _ items: [Item], to directory: String, replacing: Bool = false,
    progress: @escaping @Sendable (MNIST.DownloadProgress) -> Void
  ) async throws(MNISTError) {
    var (missing, obsolete): ([Item], [String]) = ([], [])
    for item in items where try !holds(directory, item, replacing: replacing, obsolete: &obsolete) {
      missing.append(item)
    }
    if isOffline, let first = missing.first {
      throw .download(
        file: first.name,
        failures: mirrors.prefix(1).map { .init(address: $0, reason: "\(MNIST.offlineVariable) forbids downloads") })
    }
    var mirrors = mirrors
    let count = missing.count
    for (index, item) in missing.enumerated() {
      try await download(item, from: &mirrors, to: directory) { received, expected in
        progress(
          MNIST.DownloadProgress(
            file: item.name, fileIndex: index, fileCount: count, receivedBytes: received,
            expectedBytes: expected))
      }
    }
    // After the downloads, so that nothing is lost if the network fails.
    obsolete.forEach(FileSystem.remove)
  }

  /// Whether the folder holds the original file under any of its names.
  ///
  /// - Parameter obsolete: receives the other files that would hide it, if they are to be replaced.
  /// - Throws: ``MNISTError`` if there is such a file and it must not be replaced.
  private func holds(
    _ directory: String, _ item: Item, replacing: Bool, obsolete: inout [String]
  ) throws(MNISTError) -> Bool {
    for name in item.aliases + [item.name] {
      let path = directory + "/" + name
      // Readers skip empty files and folders.
      guard FileSystem.isFileWithContents(path) else { continue }
      if (try? SHA256.checksum(ofFile: path, limit: item.byteCount).digits) == item.checksum { return true }
      if name == item.name { return false }
      guard replacing else {
        throw .cannotWrite(path: path, reason: "a file that is not the original has this name: move it away")
      }
      obsolete.append(path)
    }
    return false
  }

  /// Fetches one file; mirrors that fail go to the end of the list, so that the next file does not wait for them again.
  private func download(
    _ item: Item, from mirrors: inout [String], to directory: String, progress: @escaping @Sendable (Int, Int?) -> Void
  ) async throws(MNISTError) {
    let temporary = FileSystem.temporaryPath(for: item.name)
    defer { FileSystem.remove(temporary) }
    var failures: [MNISTError.DownloadFailure] = []
    for mirror in mirrors where !Task.isCancelled {
      let address = mirror + item.name
      do throws(MNISTError.DownloadFailure) {
        try await transfer(address, temporary, item.transferLimit, progress)
        try verify(temporary, of: item, from: address)
      } catch {
        failures.append(error)
        mirrors.append(mirrors.removeFirst())
        continue
      }
      // After the download, so that nothing is left behind if there is no network.
      try FileSystem.createDirectory(directory)
      return try FileSystem.copy(temporary, to: directory + "/" + item.name)
    }
    throw .download(file: item.name, failures: failures)
  }

  private func verify(_ path: String, of item: Item, from address: String) throws(MNISTError.DownloadFailure) {
    let reason: String
    do throws(IDXError) {
      let checksum = try SHA256.checksum(ofFile: path, limit: item.byteCount).digits
      if checksum == item.checksum { return }
      reason = "found another file with SHA-256 \(checksum), expected \(item.checksum)"
    } catch {
      reason = "found \(error.found), expected \(error.expected)"
    }
    throw MNISTError.DownloadFailure(address: address, reason: reason)
  }
}
