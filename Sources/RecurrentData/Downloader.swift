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
    let missing = try missing(items, in: directory)
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

  private func missing(_ items: [Item], in directory: String) throws(MNISTError) -> [Item] {
    var missing: [Item] = []
    for item in items where try !holds(directory, item) { missing.append(item) }
    return missing
  }

  /// Whether the folder holds the file, under any of its names, unaltered.
  ///
  /// - Throws: ``MNISTError`` where another file goes by a name that is looked for before the one to be written.
  private func holds(_ directory: String, _ item: Item) throws(MNISTError) -> Bool {
    for name in item.aliases + [item.name] {
      let path = directory + "/" + name
      guard (try? FileSystem.exists(path)) ?? false else { continue }
      if (try? SHA256.checksum(ofFile: path).digits) == item.checksum { return true }
      if name == item.name { return false }
      throw .cannotWrite(path: path, reason: "another file than the original has this name: move it away")
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
        try await transfer(address, temporary, progress)
        try verify(temporary, of: item, from: address)
      } catch {
        failures.append(error)
        mirrors.append(mirrors.removeFirst())
        continue
      }
      // Only now, so that nothing is left behind where there is no network.
      try FileSystem.createDirectory(directory)
      return try FileSystem.copy(temporary, to: directory + "/" + item.name)
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
