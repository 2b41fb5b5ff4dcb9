#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import RecurrentSupport

extension MNIST {
  /// The folder in the user's cache to which MNIST is downloaded.
  ///
  /// `$XDG_CACHE_HOME/swift-recurrent/mnist`; without that variable `~/.cache/swift-recurrent/mnist`, on macOS
  /// `~/Library/Caches/swift-recurrent/mnist`.
  public static var cacheDirectory: String { cacheDirectory(environment: ProcessInfo.processInfo.environment) }

  static func cacheDirectory(environment: [String: String]) -> String {
    // The specification says to ignore relative paths.
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/swift-recurrent/mnist" }
    let home =
      environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? FileManager.default.homeDirectoryForCurrentUser.path
    #if os(macOS)
      return home + "/Library/Caches/swift-recurrent/mnist"
    #else
      return home + "/.cache/swift-recurrent/mnist"
    #endif
  }

  /// The environment variable that names the folder of MNIST.
  package static let directoryVariable = "MNIST_DIR"

  /// The environment variable that forbids downloads, unless it is empty or 0.
  package static let offlineVariable = "RECURRENT_OFFLINE"

  /// Whether the environment forbids downloads: `RECURRENT_OFFLINE` is set, and neither empty nor 0.
  public static var isOffline: Bool { isOffline(environment: ProcessInfo.processInfo.environment) }

  static func isOffline(environment: [String: String]) -> Bool {
    !["", "0"].contains(environment[offlineVariable] ?? "")
  }

  /// The folder that holds the four files: that of `$MNIST_DIR` if it is set and not empty, else ``cacheDirectory``;
  /// nil if the cache lacks a file, or has one that can't be used.
  ///
  /// - Throws: ``IDXError`` if `$MNIST_DIR` names a folder that does not exist, lacks a file or can't be read: no other
  ///   folder takes its place. Files that the cache folder lacks can be downloaded.
  public static func locate() throws(IDXError) -> String? {
    try locate(environment: ProcessInfo.processInfo.environment)
  }

  static func locate(environment: [String: String]) throws(IDXError) -> String? {
    if let named = try namedDirectory(environment: environment) { return named }
    let cache = cacheDirectory(environment: environment)
    return File.allCases.allSatisfy { $0.usable(in: cache) != nil } ? cache : nil
  }

  /// The folder of `$MNIST_DIR`, which holds the four files; nil if the variable is not set.
  package static func namedDirectory() throws(IDXError) -> String? {
    try namedDirectory(environment: ProcessInfo.processInfo.environment)
  }

  static func namedDirectory(environment: [String: String]) throws(IDXError) -> String? {
    guard var named = environment[directoryVariable], !named.isEmpty else { return nil }
    while named.count > 1 && named.hasSuffix("/") { named.removeLast() }
    do throws(IDXError) {
      for file in File.allCases { _ = try file.path(in: named) }
    } catch {
      throw error.advising("\(directoryVariable) names the folder \(named.shown()): correct or unset it")
    }
    return named
  }

  /// MNIST from the given folder, `$MNIST_DIR`, the cache folder or, downloaded to the cache folder, the public
  /// mirrors.
  ///
  /// If the parameter or the variable names a folder, no other is searched. Files of the cache folder that are missing
  /// or damaged are downloaded again, unless `downloading` is false or `RECURRENT_OFFLINE` forbids it.
  ///
  /// - Parameters:
  ///   - directory: a folder that holds the four files; nil to search for it.
  ///   - downloading: whether downloads are allowed.
  ///   - progress: receives the progress of a download, on any thread.
  /// - Returns: the three parts, `[count, 28, 28]` each.
  /// - Throws: ``MNISTError`` if MNIST is not found, invalid, or cannot be downloaded (without a network within
  ///   seconds).
  /// - Complexity: O(size) of the files, which are held in memory once; a download is some 11 MB.
  public static func load(
    directory: String? = nil, downloading: Bool = true,
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws(MNISTError) -> DigitData {
    let environment = ProcessInfo.processInfo.environment
    do throws(IDXError) {
      if let directory { return try load(from: directory) }
      if let named = try namedDirectory(environment: environment) { return try load(from: named) }
    } catch {
      throw .file(error)
    }
    return try await loadCached(
      in: cacheDirectory(environment: environment), downloading: downloading,
      downloader: Downloader(environment: environment), progress: progress)
  }

  /// MNIST from the cache folder; missing and damaged files are downloaded to it.
  static func loadCached(
    in cache: String, downloading: Bool, downloader: Downloader, items: [Downloader.Item] = originals,
    progress: @escaping @Sendable (DownloadProgress) -> Void
  ) async throws(MNISTError) -> DigitData {
    let mayDownload = downloading && !downloader.isOffline
    do throws(IDXError) { return try load(from: cache) } catch {
      if !mayDownload {
        if error.kind == .missing { throw .notFound(searched: [cache], isOffline: downloading && downloader.isOffline) }
        throw .file(error.advisingDownload(isOffline: downloader.isOffline))
      }
    }
    try await downloader.download(items, to: cache, replacing: true, progress: progress)
    do throws(IDXError) { return try load(from: cache) } catch { throw .file(error) }
  }

  /// Makes MNIST available and returns its folder: that of `$MNIST_DIR`, unchanged, or the cache folder, to which files
  /// that are missing or fail their checksum are downloaded.
  package static func fetch(
    progress: @escaping @Sendable (DownloadProgress) -> Void
  ) async throws(MNISTError) -> String {
    do throws(IDXError) { if let named = try namedDirectory() { return named } } catch { throw .file(error) }
    let cache = cacheDirectory
    if !isOffline { try await download(to: cache, progress: progress) }
    if FileSystem.kind(of: cache) == .missing { throw .notFound(searched: [cache], isOffline: isOffline) }
    return cache
  }
}

extension IDXError {
  /// The same error about a file of the cache folder, with the command that fetches it again.
  package func advisingDownload(isOffline: Bool = MNIST.isOffline) -> IDXError {
    advising("fetch it again with 'recurrent data mnist'" + (isOffline ? ", without \(MNIST.offlineVariable)" : ""))
  }
}
